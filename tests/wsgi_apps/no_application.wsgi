# SPDX-License-Identifier: Apache-2.0
# A script without a callable.
