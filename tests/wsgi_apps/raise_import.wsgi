# SPDX-License-Identifier: Apache-2.0
# Raises while it is imported.
raise ImportError('no such thing')
