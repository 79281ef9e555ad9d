"""Large files in parts: continued where they were cut, kept once, refused with nothing left behind."""

import io
import threading
from pathlib import Path

import pytest
import time_machine
from cryptography.hazmat.primitives.hashes import SM3, Hash
from django.conf import settings
from django.db import connection, transaction

from accounts.states import Role
from engines.files import parts
from engines.files.jobs import purge_uploads
from engines.files.models import PartialUpload, StoredFile
from foundation import clock
from foundation.errors import DomainError
from tests.factories.accounts import make_user
from tests.threads import answers_of

SIZE = 10_264
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(range(256)) * 40


@pytest.fixture
def alice(db):
    return make_user(Role.PROVIDER_AGENT)


def begin(by, name="现场.mp4", size=SIZE, purpose="evidence"):
    return parts.begin(name=name, size=size, by=by, organisation_id=by.organisation_id, purpose=purpose)


def send(upload, by, offset, content):
    return parts.append(upload_id=upload.pk, by=by, offset=offset, read=io.BytesIO(content).read)


def sm3(content):
    hasher = Hash(SM3())
    hasher.update(content)
    return hasher.finalize().hex()


def left_on_disk():
    folder = Path(settings.FILES_DIR) / ".parts"
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


@pytest.mark.django_db(transaction=True)
def test_the_parts_become_one_file_with_the_digest_of_the_whole():
    alice = make_user(Role.PROVIDER_AGENT)
    upload = begin(alice)
    assert send(upload, alice, 0, MP4[:1000]).received == 1000
    done = send(upload, alice, 1000, MP4[1000:])
    row = StoredFile.objects.get()
    assert (done.file, row.sm3, row.size, row.content_type) == (row, sm3(MP4), len(MP4), "video/mp4")
    assert (row.name, row.purpose, row.organisation_id) == ("现场.mp4", "evidence", alice.organisation_id)
    assert row.path.read_bytes() == MP4
    assert str(upload.pk) not in left_on_disk()


def test_a_sender_who_is_cut_off_keeps_what_arrived(alice):
    upload, sent = begin(alice), io.BytesIO(MP4[:700])

    def cut(size):
        block = sent.read(300)
        if not block:
            raise OSError("unreadable post")
        return block

    assert parts.append(upload_id=upload.pk, by=alice, offset=0, read=cut).received == 700
    assert send(upload, alice, 700, MP4[700:]).file.sm3 == sm3(MP4)


def test_what_lies_on_disk_beyond_the_row_is_written_over(alice):
    upload = begin(alice)
    send(upload, alice, 0, MP4[:500])
    with upload.path.open("ab") as target:
        target.write(b"a part whose transaction never came to its end")
    assert send(upload, alice, 500, MP4[500:]).file.sm3 == sm3(MP4)


def test_a_part_for_another_place_is_refused_and_says_where_to_go_on(alice):
    upload = begin(alice)
    send(upload, alice, 0, MP4[:500])
    with pytest.raises(DomainError) as refused:
        send(upload, alice, 0, MP4[:500])
    assert (refused.value.code, refused.value.details) == ("UPLOAD_OFFSET", {"received": 500, "offset": 0})
    assert PartialUpload.objects.get().received == 500


@pytest.mark.django_db(transaction=True)
def test_of_two_parts_at_once_one_is_written():
    alice = make_user(Role.PROVIDER_AGENT)
    upload = begin(alice)

    def half():
        return send(upload, alice, 0, MP4[:600]).received

    answers = answers_of(half, half)
    assert answers.count(600) == 1
    assert set(answers) <= {600, "UPLOAD_OFFSET", "UPLOAD_BUSY"}
    assert PartialUpload.objects.get().received == 600


@pytest.mark.django_db(transaction=True)
def test_a_part_is_refused_at_once_while_another_is_written():
    """Another connection holds the row, as it does while it writes; nobody waits for it."""
    alice = make_user(Role.PROVIDER_AGENT)
    upload, held, go_on = begin(alice), threading.Event(), threading.Event()

    def writing():
        with transaction.atomic():
            PartialUpload.objects.select_for_update().get(pk=upload.pk)
            held.set()
            go_on.wait(30)
        connection.close()

    other = threading.Thread(target=writing)
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(DomainError) as refused:
            send(upload, alice, 0, MP4[:5])
    finally:
        go_on.set()
        other.join()
    assert refused.value.code == "UPLOAD_BUSY"
    assert PartialUpload.objects.get().received == 0
    assert send(upload, alice, 0, MP4[:5]).received == 5


def test_more_than_was_announced_is_refused(alice):
    upload = begin(alice, size=10)
    with pytest.raises(DomainError, match="UPLOAD_TOO_LONG"):
        send(upload, alice, 0, MP4[:11])
    assert PartialUpload.objects.get().received == 0


@pytest.mark.django_db(transaction=True)
def test_a_whole_file_of_another_kind_than_it_says_leaves_nothing():
    alice = make_user(Role.PROVIDER_AGENT)
    upload = begin(alice, name="现场.png")
    with pytest.raises(DomainError) as refused:
        send(upload, alice, 0, MP4)
    assert (refused.value.code, refused.value.status) == ("FILE_TYPE_MISMATCH", 400)
    assert (PartialUpload.objects.count(), StoredFile.objects.count()) == (0, 0)
    assert str(upload.pk) not in left_on_disk()


def test_another_person_does_not_find_the_upload(alice):
    upload, bob = begin(alice), make_user(Role.PROVIDER_AGENT)
    for act in (lambda: send(upload, bob, 0, MP4), lambda: parts.own(upload.pk, bob)):
        with pytest.raises(DomainError, match="NOT_FOUND"):
            act()
    with pytest.raises(DomainError, match="NOT_FOUND"):
        parts.drop(upload_id=upload.pk, by=bob)
    assert PartialUpload.objects.get().received == 0


@pytest.mark.parametrize(
    ("fields", "code", "status"),
    [
        ({"size": 0}, "FILE_EMPTY", 400),
        ({"size": 200 * 1024 * 1024 + 1}, "FILE_TOO_LARGE", 413),
        ({"size": 20 * 1024 * 1024 + 1, "purpose": "receipt"}, "FILE_TOO_LARGE", 413),
        ({"name": "程序.exe"}, "FILE_TYPE_UNKNOWN", 400),
    ],
)
def test_what_could_never_be_kept_is_not_begun(alice, fields, code, status):
    with pytest.raises(DomainError) as refused:
        begin(alice, **fields)
    assert (refused.value.code, refused.value.status) == (code, status)
    assert not PartialUpload.objects.exists()


def test_the_limit_of_the_purpose_is_said(alice):
    with pytest.raises(DomainError) as refused:
        begin(alice, size=300 * 1024 * 1024)
    assert refused.value.message == "文件超过上限 200 MB，请压缩或拆分后上传。"


def test_an_organisation_has_so_many_unfinished_uploads_and_no_more(alice, settings):
    settings.UPLOADS_AT_ONCE = 2
    begin(alice), begin(alice)
    with pytest.raises(DomainError) as refused:
        begin(alice)
    assert (refused.value.code, refused.value.details) == ("UPLOADS_TOO_MANY", {"limit": 2})
    begin(make_user(Role.PROVIDER_AGENT))
    assert PartialUpload.objects.count() == 3


def test_asked_twice_to_finish_there_is_one_file(alice):
    upload = begin(alice)
    send(upload, alice, 0, MP4)
    again = parts.finish(upload_id=upload.pk, by=alice)
    assert again.file == StoredFile.objects.get()


@pytest.mark.django_db(transaction=True)
def test_what_was_never_finished_goes_and_what_was_kept_stays():
    alice = make_user(Role.PROVIDER_AGENT)
    half, whole = begin(alice), begin(alice)
    send(half, alice, 0, MP4[:100])
    kept = send(whole, alice, 0, MP4).file
    assert purge_uploads(clock.today()) == {"purged": 0}
    with time_machine.travel(whole.expires_at, tick=False):
        assert purge_uploads(clock.today()) == {"purged": 2}
    assert not PartialUpload.objects.exists()
    assert str(half.pk) not in left_on_disk()
    assert kept.path.read_bytes() == MP4
