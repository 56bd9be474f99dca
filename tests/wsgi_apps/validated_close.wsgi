# SPDX-License-Identifier: Apache-2.0
# close.wsgi under the PEP 3333 checker of the standard library.
import os
from wsgiref.validate import validator

path = os.path.join(os.path.dirname(__file__), 'close.wsgi')
scope = {'__name__': 'close', '__file__': path}
exec(compile(open(path).read(), path, 'exec'), scope)
application = validator(scope['application'])
