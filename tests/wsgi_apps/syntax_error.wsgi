# SPDX-License-Identifier: Apache-2.0
def application(environ, start_response
