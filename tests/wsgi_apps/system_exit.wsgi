# SPDX-License-Identifier: Apache-2.0
# Tries to end the process.
import sys


def application(environ, start_response):
    sys.exit(3)
