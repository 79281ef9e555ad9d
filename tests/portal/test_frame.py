"""What every page shares."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.states import Role
from portal.kit.days import days
from tests.factories.accounts import make_user


@pytest.mark.django_db
def test_home_is_there(client):
    assert client.get("/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "entry"),
    [
        ("/e/", "工作台"),
        ("/my/complaints/", "信用"),
        ("/my/webhooks/", "消息"),
        ("/my/account/password/", "我的账号"),
        ("/e/begin/register/", "工作台"),
    ],
)
def test_the_side_says_where_one_is(address, entry):
    client = Client()
    client.force_login(make_user(Role.ENTERPRISE_SIGNATORY))
    sections = client.get(address).context["side_nav"]
    assert [one.label for each in sections for one in each.entries if one.current] == [entry]


@pytest.mark.parametrize(
    ("sentence", "read"),
    [
        ("有效至2026-03-01（SL-0001）。", "有效至2026年3月1日（SL-0001）。"),
        ("期限为10天（2026-12-04）。", "期限为10天（2026年12月4日）。"),
        ("合同FWQ-2026-000001，批次2026-03-010。", "合同FWQ-2026-000001，批次2026-03-010。"),
        ("编号A-2026-03-01不是日期。", "编号A-2026-03-01不是日期。"),
    ],
)
def test_days_in_a_sentence_are_read_as_days(sentence, read):
    assert days(sentence) == read
