# SPDX-License-Identifier: Apache-2.0
# environ.wsgi under the PEP 3333 checker of the standard library.
import os
from wsgiref.validate import validator

path = os.path.join(os.path.dirname(__file__), 'environ.wsgi')
scope = {'__name__': 'environ', '__file__': path}
exec(compile(open(path).read(), path, 'exec'), scope)
application = validator(scope['application'])
