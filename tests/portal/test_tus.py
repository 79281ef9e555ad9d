"""Uploads in parts over HTTP: as the vendored client speaks, cut in the middle of a part on a real line, and refused."""

import base64
import socket

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.states import Role
from engines.files.models import PartialUpload, StoredFile
from tests.factories.accounts import make_user
from tests.files.test_parts import MP4, SIZE, sm3
from tests.portal.parties.support import signed_in
from tests.server import serving

TYPE = "application/offset+octet-stream"
CREATE = "/upload/parts/"


def metadata(**told):
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())


def create(client, size=SIZE, name="现场.mp4", purpose="evidence", **headers):
    sent = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(size),
        "Upload-Metadata": metadata(filename=name, purpose=purpose),
    }
    return client.post(CREATE, headers={**sent, **headers})


def patch(client, address, offset, content, **headers):
    sent = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), **headers}
    return client.patch(address, content, content_type=TYPE, headers=sent)


def head(client, address):
    return client.head(address, headers={"Tus-Resumable": "1.0.0"})


@pytest.mark.django_db
def test_a_file_in_two_parts_becomes_a_line_of_the_form():
    client = signed_in(make_user(Role.PROVIDER_AGENT))
    begun = create(client)
    address = begun.headers["Location"]
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, "0")
    assert patch(client, address, 0, MP4[:4000]).headers["Upload-Offset"] == "4000"
    told = head(client, address).headers
    assert (told["Upload-Offset"], told["Upload-Length"], told["Cache-Control"]) == ("4000", str(len(MP4)), "no-store")
    assert client.get(address).status_code == 400
    assert patch(client, address, 4000, MP4[4000:]).status_code == 204
    line = client.get(address + "?name=files").content.decode()
    row = StoredFile.objects.get()
    assert f'name="files" value="{row.pk}"' in line
    assert row.sm3 == sm3(MP4)


@pytest.mark.django_db
def test_what_the_protocol_does_not_allow_is_refused():
    client = signed_in(make_user(Role.PROVIDER_AGENT))
    assert create(client, **{"Tus-Resumable": "0.2.0"}).status_code == 412
    assert create(client, size="many").status_code == 400
    assert create(client, **{"Upload-Metadata": "filename ***"}).status_code == 400
    assert create(client, purpose="nothing").status_code == 400
    assert create(client, size=500 * 1024 * 1024).status_code == 413
    assert not PartialUpload.objects.exists()
    address = create(client).headers["Location"]
    assert (
        client.patch(address, MP4[:5], content_type="text/plain", headers={"Tus-Resumable": "1.0.0"}).status_code == 415
    )
    assert patch(client, address, 9, MP4[:5]).status_code == 409
    assert PartialUpload.objects.get().received == 0


@pytest.mark.django_db
def test_it_is_the_senders_own_and_needs_the_token():
    owner = make_user(Role.PROVIDER_AGENT)
    client, other = signed_in(owner), signed_in(make_user(Role.PROVIDER_AGENT))
    address = create(client).headers["Location"]
    assert patch(other, address, 0, MP4).status_code == 404
    assert head(other, address).status_code == 404
    assert other.delete(address, headers={"Tus-Resumable": "1.0.0"}).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert patch(strict, address, 0, MP4).status_code == 403
    assert create(Client()).status_code == 401
    assert PartialUpload.objects.get().received == 0


@pytest.mark.django_db
def test_a_whole_file_of_another_kind_says_so_in_words():
    client = signed_in(make_user(Role.PROVIDER_AGENT))
    address = create(client, name="现场.png").headers["Location"]
    answer = patch(client, address, 0, MP4)
    assert answer.status_code == 400
    assert "与文件内容（video/mp4）不符" in answer.content.decode()
    assert (PartialUpload.objects.count(), StoredFile.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_given_up_nothing_is_left():
    client = signed_in(make_user(Role.PROVIDER_AGENT))
    address = create(client).headers["Location"]
    assert client.delete(address, headers={"Tus-Resumable": "1.0.0"}).status_code == 204
    assert head(client, address).status_code == 404
    assert not PartialUpload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_line_cut_in_the_middle_of_a_part_goes_on_where_it_was_cut():
    owner = make_user(Role.PROVIDER_AGENT)
    client = signed_in(owner)
    address = create(client).headers["Location"]
    upload = PartialUpload.objects.get()
    session, token = client.cookies[settings.SESSION_COOKIE_NAME].value, "a" * 32
    with serving() as port:
        lines = [
            f"PATCH {address} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Cookie: {settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}",
            f"X-CSRFToken: {token}",
            "Tus-Resumable: 1.0.0",
            "Upload-Offset: 0",
            f"Content-Type: {TYPE}",
            f"Content-Length: {len(MP4)}",
            "",
            "",
        ]
        line = socket.create_connection(("127.0.0.1", port), timeout=20)
        line.sendall("\r\n".join(lines).encode() + MP4[:3000])
        line.shutdown(socket.SHUT_WR)
        while line.recv(4096):
            pass
        line.close()
    upload.refresh_from_db()
    assert upload.received == 3000
    assert head(client, address).headers["Upload-Offset"] == "3000"
    patch(client, address, 3000, MP4[3000:])
    assert StoredFile.objects.get().sm3 == sm3(MP4)


def test_the_addresses_are_where_the_pages_script_finds_them():
    assert reverse("upload-parts") == CREATE
