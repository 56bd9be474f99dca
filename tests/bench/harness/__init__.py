# SPDX-License-Identifier: Apache-2.0
"""Benchmark of whole paths, ours beside others, in one run."""
