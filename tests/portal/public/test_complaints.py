"""投诉举报: from the form to the answer, told by receipt and word."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts.states import OrganisationKind, Role
from credit.models import Complaint
from credit.services import complaints
from tests.factories.accounts import make_identity, make_organisation, make_uscc, officer
from tests.factories.programmes import open_year

pytestmark = pytest.mark.django_db


@pytest.fixture
def party() -> Any:
    open_year(2026)
    return make_organisation(OrganisationKind.PROVIDER)


def typed(party: Any, **other: Any) -> dict[str, Any]:
    return {
        "uscc": party.uscc, "contract_number": "", "facts": "约定的讲师未到场。", "wish": "请核查",
        "filer_kind": "person", "name": "赵实名", "identity_number": make_identity(), "phone": "10055556666",
        "email": "", "address": "", "once": "key-1", **other,
    }  # fmt: skip


def test_a_complaint_is_filed_and_followed_by_its_receipt(client, party):
    page = client.post("/complaints/", typed(party)).content.decode()
    receipt, secret = re.findall(r'class="receipt">([^<]+)<', page)
    row = Complaint.objects.get()
    assert (row.number, row.uscc, row.facts) == (receipt, party.uscc, "约定的讲师未到场。")
    told = client.post("/complaints/status/", {"receipt": receipt, "secret": secret}).content.decode()
    assert "已收到待受理" in told
    complaints.refuse(
        by=officer(Role.CENTRE_CHECKER), complaint_id=row.pk, version=1, code="no_facts", text="请补充时间。"
    )
    told = client.post("/complaints/status/", {"receipt": receipt, "secret": secret}).content.decode()
    assert "没有具体事实：请补充时间。" in told
    assert "赵实名" not in told


def test_a_link_names_the_party(read, party):
    assert f'value="{party.uscc}"' in read("/complaints/", against=party.uscc)


@pytest.mark.parametrize(
    ("wrong", "said", "status"),
    [
        ({"uscc": make_uscc(999_999)}, "统一社会信用代码", 400),
        ({"uscc": "123"}, "统一社会信用代码", 400),
        ({"facts": ""}, "请填写“事实”", 422),
        ({"facts": "联系我13978812345"}, "不能含个人信息", 400),
        ({"identity_number": "1"}, "身份", 400),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_filed(client, party, wrong, said, status):
    answer = client.post("/complaints/", typed(party, **wrong))
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert not Complaint.objects.exists()


def test_all_faults_are_told_at_once(client, party):
    answer = client.post("/complaints/", typed(party, facts="", name="", phone="不是电话"))
    form = answer.context["form"]
    assert (answer.status_code, set(form.errors)) == (422, {"facts", "name", "phone"})
    assert not Complaint.objects.exists()


def test_a_complaint_is_against_enterprises_too_and_the_help_says_where_their_code_is(read):
    open_year(2026)
    assert "18位，见该单位的营业执照" in read("/complaints/")


def test_a_wrong_word_tells_nothing(client, party):
    client.post("/complaints/", typed(party))
    answer = client.post("/complaints/status/", {"receipt": Complaint.objects.get().number, "secret": "0" * 20})
    assert answer.status_code == 404
    assert party.name not in answer.content.decode()
