# SPDX-License-Identifier: Apache-2.0
"""The one table."""
from django.db import models


class Entry(models.Model):
    name = models.CharField(max_length=60)
    message = models.CharField(max_length=280)
    written = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-written", "-id"]
