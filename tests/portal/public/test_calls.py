"""征集: everybody reads what was published, and what it asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.states import Role
from accreditation.models import Round
from engines.files.services import store
from foundation import clock
from tests.factories.accounts import make_user
from tests.factories.accreditation import Desk, make_call
from tests.factories.providers import ProviderFactory

pytestmark = pytest.mark.django_db


def test_an_open_call_leads_from_the_first_page_to_what_it_asks(read) -> None:
    row = Round.objects.get(pk=make_call().pk)
    address = f"/calls/{row.pk}/"
    for page in ("/", "/notices/", "/calls/"):
        assert f'href="{address}"' in read(page), page
    text = read(address)
    for words in (row.title, row.number, "登录申报", "：条件", "专家评分", "广西服务券服务商申请表"):
        assert words in text, words


def test_a_call_that_is_over_is_still_read_and_takes_nobody(read) -> None:
    row = Round.objects.get(pk=make_call().pk)
    with time_machine.travel(clock.now() + timedelta(days=31), tick=True):
        assert "登录申报" not in read(f"/calls/{row.pk}/")
        text = read("/calls/")
    assert "现在没有开放的征集批次" in text
    assert row.title in text


def with_file(state: str) -> Round:
    desk = Desk()
    upload = SimpleUploadedFile("征集通知.pdf", b"%PDF-1.4 call")
    file = store(upload=upload, by=desk.co, organisation_id=desk.co.organisation_id, purpose="other")
    return Round.objects.get(pk=make_call(state, desk=desk, notice_file=file.pk).pk)


def test_its_document_is_everybodys_once_it_is_out(client, read) -> None:
    row = with_file("open")
    address = f"/calls/{row.pk}/file/"
    assert f'href="{address}"' in read(f"/calls/{row.pk}/")
    provider = Client()
    provider.force_login(make_user(Role.PROVIDER_AGENT, organisation=ProviderFactory().organisation))
    assert f'href="{address}"' in provider.get(f"/s/applications/rounds/{row.pk}/").content.decode()
    for reader in (client, provider):
        answer = reader.get(address)
        assert (answer.status_code, answer.getvalue()) == (200, b"%PDF-1.4 call")
        assert answer["Content-Disposition"].startswith("attachment")


def test_the_document_of_a_call_that_is_being_prepared_is_nobodys(client) -> None:
    assert client.get(f"/calls/{with_file('planned').pk}/file/").status_code == 404


def test_a_call_without_a_document_offers_none(client, read) -> None:
    row = make_call()
    assert "征集通知文件" not in read(f"/calls/{row.pk}/")
    assert client.get(f"/calls/{row.pk}/file/").status_code == 404


def test_a_call_that_is_being_prepared_is_nobodys_page(client) -> None:
    row = make_call("planned")
    assert client.get(f"/calls/{row.pk}/").status_code == 404
