"""征集: everybody reads what was published, and what it asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from accreditation.models import Round
from foundation import clock
from tests.factories.accreditation import make_call

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


def test_a_call_that_is_being_prepared_is_nobodys_page(client) -> None:
    row = make_call("planned")
    assert client.get(f"/calls/{row.pk}/").status_code == 404
