# SPDX-License-Identifier: Apache-2.0
"""A page, a form that posts, an upload, and a response that streams."""
import csv
import hashlib
import os

from django import forms
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from guestbook.models import Entry


class SignForm(forms.ModelForm):
    class Meta:
        model = Entry
        fields = ["name", "message"]


class UploadForm(forms.Form):
    file = forms.FileField()


FACTS = (
    ("Scheme", "wsgi.url_scheme"),
    ("Client", "REMOTE_ADDR"),
    ("Port", "SERVER_PORT"),
    ("Process group", "mod_wsgi.process_group"),
    ("Server", "SERVER_SOFTWARE"),
)


def page(request, status=200, **context):
    context.setdefault("sign_form", SignForm())
    context.setdefault("upload_form", UploadForm())
    facts = [(label, request.META.get(key, "")) for label, key in FACTS] + [("Process", os.getpid())]
    return render(request, "home.html", {"entries": Entry.objects.all()[:8], "facts": facts, **context}, status=status)


@require_GET
def home(request):
    return page(request)


@require_POST
def sign(request):
    form = SignForm(request.POST)
    if not form.is_valid():
        return page(request, status=400, sign_form=form)
    form.save()
    return redirect("home")


@require_POST
def upload(request):
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(request, status=400, upload_form=form)
    file = form.cleaned_data["file"]
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return page(request, uploaded={"name": file.name, "size": file.size, "sha256": digest.hexdigest()})


class Echo:
    """A file that returns what is written to it, for csv.writer."""

    @staticmethod
    def write(line):
        return line


@require_GET
def entries(request):
    writer = csv.writer(Echo())
    rows = (writer.writerow([entry.written.isoformat(), entry.name, entry.message])
            for entry in Entry.objects.iterator())
    return StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
