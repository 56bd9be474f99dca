# SPDX-License-Identifier: Apache-2.0
# echo_stream.wsgi under the PEP 3333 checker of the standard library.
import os
from wsgiref.validate import validator

path = os.path.join(os.path.dirname(__file__), 'echo_stream.wsgi')
scope = {'__name__': 'echo_stream', '__file__': path}
exec(compile(open(path).read(), path, 'exec'), scope)
application = validator(scope['application'])
