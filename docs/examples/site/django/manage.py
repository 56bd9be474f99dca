#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Django's own command line, for those who want to look inside: /usr/bin/python3 manage.py shell"""
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guestbook.settings")
    execute_from_command_line(sys.argv)
