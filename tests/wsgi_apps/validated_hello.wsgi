# SPDX-License-Identifier: Apache-2.0
# hello.wsgi under the PEP 3333 checker of the standard library.
import os
from wsgiref.validate import validator

path = os.path.join(os.path.dirname(__file__), 'hello.wsgi')
scope = {'__name__': 'hello', '__file__': path}
exec(compile(open(path).read(), path, 'exec'), scope)
application = validator(scope['application'])
