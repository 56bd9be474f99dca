# SPDX-License-Identifier: Apache-2.0
"""The script that WSGIScriptAlias names."""
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guestbook.settings")

from django.core.management import call_command  # noqa: E402  (after the settings are named)
from django.core.wsgi import get_wsgi_application  # noqa: E402

from guestbook import storage  # noqa: E402

application = get_wsgi_application()

# A deployment would run this once. The example must work at the first start, in every process of its group.
with storage.locked():
    call_command("migrate", verbosity=0)
