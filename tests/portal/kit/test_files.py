"""Files in forms: sent before the form or with it, kept when the form comes back, and only one's own."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict

from accounts.states import Role
from engines.files.models import StoredFile
from portal.kit.files import FilesField
from tests.factories.accounts import make_user
from tests.factories.contracts import PDF, upload

pytestmark = pytest.mark.django_db


class Papers(forms.Form):
    files = FilesField(purpose="material", most=2)


@pytest.fixture
def person():
    return make_user(Role.ENTERPRISE_AGENT)


def form(person, ids=(), new=()) -> Papers:
    data = QueryDict(mutable=True)
    files: MultiValueDict[str, Any] = MultiValueDict()
    data.setlist("files", list(ids))
    files.setlist("files-new", list(new))
    found = Papers(data, files)
    found.fields["files"].by = person
    return found


def pdf(name: str = "报告.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def test_a_file_that_was_sent_before_is_named_by_its_id(person):
    stored = upload(person)
    found = form(person, [str(stored.pk)])
    assert found.is_valid()
    assert found.cleaned_data["files"] == [str(stored.pk)]


def test_a_file_that_comes_with_the_form_is_stored_for_the_organisation(person):
    found = form(person, new=[pdf()])
    assert found.is_valid()
    stored = StoredFile.objects.get()
    assert found.cleaned_data["files"] == [str(stored.pk)]
    assert (stored.organisation_id, stored.purpose, stored.name) == (person.organisation_id, "material", "报告.pdf")


def test_a_file_of_others_and_an_id_that_is_none_are_not_taken(person):
    stranger = upload(make_user(Role.ENTERPRISE_AGENT))
    found = form(person, [str(stranger.pk), "x", "é" * 36, "z" * 36])
    assert found.is_valid()
    assert found.cleaned_data["files"] is None


def test_too_many_files_are_refused_with_the_numbers(person):
    found = form(person, [str(upload(person).pk) for _ in range(3)])
    assert not found.is_valid()
    assert found.errors["files"] == ["最多2个文件，现有3个，请移除多余的。"]


def test_what_is_no_file_of_a_known_kind_is_refused_in_the_engines_words(person):
    found = form(person, new=[pdf("程序.exe", b"MZ" + b"0" * 200)])
    assert not found.is_valid()
    assert StoredFile.objects.count() == 0


def test_a_form_that_comes_back_still_has_its_files(person):
    stored = upload(person)
    found = form(person, [str(stored.pk)])
    found.is_valid()
    assert f'name="files" value="{stored.pk}"' in str(found["files"])


def test_a_form_shown_again_before_it_is_judged_still_has_its_files(person):
    """增加一行 and 核算 without a script, and the live sums with one."""
    stored, stranger = upload(person), upload(make_user(Role.ENTERPRISE_AGENT))
    shown = str(form(person, [str(stored.pk), str(stranger.pk)])["files"])
    assert f'name="files" value="{stored.pk}"' in shown
    assert str(stranger.pk) not in shown


def test_two_forms_do_not_share_their_files(person):
    form(person, [str(upload(person).pk)]).is_valid()
    assert form(person).fields["files"].kept == []


def client(person) -> Client:
    entered = Client()
    entered.force_login(person)
    return entered


def test_an_upload_answers_with_its_line(person):
    answer = client(person).post("/upload/", {"file": pdf(), "purpose": "evidence", "name": "files"})
    stored = StoredFile.objects.get()
    assert answer.status_code == 201
    assert answer.content.decode().startswith("<li>")
    assert f'name="files" value="{stored.pk}"' in answer.content.decode()


def test_a_name_of_a_field_cannot_break_out_of_its_attribute(person):
    answer = client(person).post("/upload/", {"file": pdf(), "purpose": "evidence", "name": '"><b>x'})
    assert "<b>" not in answer.content.decode()


@pytest.mark.parametrize(
    "sent", [{"purpose": "evidence"}, {"file": None, "purpose": "evidence"}, {"purpose": "secret"}]
)
def test_an_upload_without_a_file_or_for_no_known_purpose_is_refused(person, sent):
    answer = client(person).post("/upload/", {name: value or "" for name, value in sent.items()})
    assert answer.status_code == 400
    assert StoredFile.objects.count() == 0


def test_nobody_uploads_without_signing_in():
    answer = Client().post("/upload/", {"file": pdf(), "purpose": "evidence"})
    assert answer.status_code == 401
    assert StoredFile.objects.count() == 0


def test_a_form_that_begins_with_files_shows_them_and_only_ones_own(person):
    own, other = upload(person), upload(make_user(Role.ENTERPRISE_AGENT))
    found = Papers(initial={"files": [str(own.pk), str(other.pk)]})
    found.fields["files"].by = person
    shown = str(found["files"])
    assert f'value="{own.pk}"' in shown
    assert str(other.pk) not in shown
