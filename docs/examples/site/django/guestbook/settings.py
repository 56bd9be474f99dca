# SPDX-License-Identifier: Apache-2.0
"""Settings of the example project: small, yet what a real site has. Storage is one SQLite file."""
from guestbook import storage

SECRET_KEY = storage.secret_key()
DEBUG = False
ALLOWED_HOSTS = ["*"]  # the example answers to every name; a real site lists its own
ROOT_URLCONF = "guestbook.urls"
WSGI_APPLICATION = "guestbook.wsgi.application"
INSTALLED_APPS = ["guestbook"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
}]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": storage.FOLDER / "guestbook.sqlite3",
    "OPTIONS": {"timeout": 20},
}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
USE_TZ = True
TIME_ZONE = "UTC"
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
