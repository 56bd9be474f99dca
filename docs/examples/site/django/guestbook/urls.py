# SPDX-License-Identifier: Apache-2.0
"""URLs of the example project."""
from django.urls import path

from guestbook import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign", views.sign, name="sign"),
    path("upload", views.upload, name="upload"),
    path("entries.csv", views.entries, name="entries"),
]
