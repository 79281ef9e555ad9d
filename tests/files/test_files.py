import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, transaction

from accounts.states import Role
from engines.files import services
from engines.files.models import FileReader, StoredFile
from foundation.errors import DomainError
from tests.factories.accounts import Caller, make_organisation, make_user

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 300
XML = b'<?xml version="1.0"?><a/>'


def ofd() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("OFD.xml", "<ofd/>")
    return buffer.getvalue()


def plain_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "a")
    return buffer.getvalue()


def upload(user, name, content, key="k"):
    return Caller(user).post(
        "/api/v1/files/",
        {"file": SimpleUploadedFile(name, content), "purpose": "evidence"},
        format="multipart",
        headers={"Idempotency-Key": key},
    )


@pytest.fixture
def alice(db):
    return make_user(Role.ENTERPRISE_AGENT)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("报告.pdf", PDF, "application/pdf"),
        ("现场.png", PNG, "image/png"),
        ("票.xml", XML, "application/xml"),
        ("票.ofd", ofd(), "application/ofd"),
    ],
)
def test_allowed_types_are_kept_with_their_sm3(alice, name, content, kind):
    answer = upload(alice, name, content)
    row = StoredFile.objects.get()
    assert (answer.status_code, row.name, row.content_type, row.size) == (201, name, kind, len(content))
    assert row.path.read_bytes() == content


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"<html><script>x</script>%PDF-1.7", "FILE_TYPE_UNKNOWN"),
        ("a.exe", b"MZ" + b"\x00" * 100, "FILE_TYPE_UNKNOWN"),
        ("a.ofd", plain_zip(), "FILE_TYPE_UNKNOWN"),
        ("a.ofd", b"PK\x03\x04broken", "FILE_TYPE_UNKNOWN"),
        ("a.png", PDF, "FILE_TYPE_MISMATCH"),
        ("a.pdf.exe", PDF, "FILE_TYPE_MISMATCH"),
    ],
)
def test_what_it_is_counts_not_what_it_is_called(alice, name, content, code):
    answer = upload(alice, name, content)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not StoredFile.objects.exists()


def test_an_empty_file_is_refused(alice):
    assert upload(alice, "a.pdf", b"").status_code == 400
    assert not StoredFile.objects.exists()


def test_too_large_is_refused_before_it_is_read(alice, settings):
    settings.FILE_MAX_BYTES = 1000
    answer = upload(alice, "a.pdf", PDF + b"x" * 100_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "FILE_TOO_LARGE")
    assert not StoredFile.objects.exists()


def test_a_little_too_large_is_refused_while_reading(alice, settings):
    settings.FILE_MAX_BYTES = len(PDF) - 1
    assert upload(alice, "a.pdf", PDF).status_code == 413


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\x\\a.pdf", "a.pdf"),
        ("a\u202efdp.pdf", "afdp.pdf"),
        ("长" * 200 + ".pdf", "长" * 100 + ".pdf"),
    ],
)
def test_names_are_cleaned(given, kept):
    assert services.clean_name(given) == kept


def test_the_same_key_uploads_once_and_another_content_is_refused(alice):
    first, again, other = upload(alice, "a.pdf", PDF), upload(alice, "a.pdf", PDF), upload(alice, "a.pdf", PDF + b"x")
    assert (first.json()["id"], other.status_code) == (again.json()["id"], 409)
    assert StoredFile.objects.count() == 1


def test_a_file_is_served_as_an_attachment_to_those_who_may_read_it(alice):
    file_id = upload(alice, "报告.pdf", PDF).json()["id"]
    answer = Caller(alice).get(f"/api/v1/files/{file_id}/content/")
    assert b"".join(answer.streaming_content) == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Content-Security-Policy"]) == (
        "nosniff",
        "sandbox; default-src 'none'",
    )


@pytest.mark.parametrize("role", [Role.ENTERPRISE_AGENT, Role.PROVIDER_AGENT, Role.SYSTEM_ADMIN, Role.AUDITOR])
def test_to_others_it_does_not_exist(alice, role):
    file_id = upload(alice, "a.pdf", PDF).json()["id"]
    stranger = Caller(make_user(role))
    assert stranger.get(f"/api/v1/files/{file_id}/").status_code == 404
    assert stranger.get(f"/api/v1/files/{file_id}/content/").status_code == 404


def test_shared_files_can_be_read_by_the_other_organisation(alice):
    upload(alice, "a.pdf", PDF)
    row, other = StoredFile.objects.get(), make_organisation()
    services.share(files=[row], organisation_ids=[other.pk, other.pk])
    bob = make_user(Role.ENTERPRISE_AGENT, organisation=other)
    assert Caller(bob).get(f"/api/v1/files/{row.pk}/").status_code == 200


def test_officers_read_every_file(alice):
    upload(alice, "a.pdf", PDF)
    row = StoredFile.objects.get()
    assert Caller(make_user(Role.CENTRE_CHECKER)).get(f"/api/v1/files/{row.pk}/").status_code == 200


def test_a_stored_file_never_changes(alice):
    upload(alice, "a.pdf", PDF)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        StoredFile.objects.update(name="x")


def test_a_too_large_service_call_is_refused_too(alice, settings):
    settings.FILE_MAX_BYTES = 5
    with pytest.raises(DomainError) as caught:
        services.store(
            upload=SimpleUploadedFile("a.pdf", PDF), by=alice, organisation_id=alice.organisation_id, purpose="other"
        )
    assert caught.value.code == "FILE_TOO_LARGE"


def test_a_file_is_shared_with_an_organisation_once(alice):
    upload(alice, "报告.pdf", PDF)
    row, other = StoredFile.objects.get(), make_organisation()
    FileReader.objects.create(file=row, organisation_id=other.pk)
    with pytest.raises(IntegrityError, match="file_reader_once"), transaction.atomic():
        FileReader.objects.create(file=row, organisation_id=other.pk)
    assert FileReader.objects.count() == 1
