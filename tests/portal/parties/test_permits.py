"""The pages of 关联交易核准: proposed by the department, decided by the approver, seen by the two parties."""

import pytest
from django.urls import reverse

from accounts.states import Role
from contracts.models import RelatedPermit
from contracts.states import PermitState
from foundation.ids import new_id
from tests.factories.accounts import make_user
from tests.factories.contracts import make_parties, make_permit
from tests.portal.parties.support import act, said, signed_in

pytestmark = pytest.mark.django_db


def propose(user, parties, **fields):
    body = {
        "once": str(new_id()),
        "enterprise_uscc": parties.enterprise.uscc,
        "provider_uscc": parties.provider.uscc,
        "reason": "三家比价，该家最低。",
        "reference": "桂工信函〔2026〕1号",
        **fields,
    }
    return signed_in(user).post(reverse("permits-propose"), body)


def test_the_department_proposes_by_the_codes_of_the_two():
    parties, department = make_parties(), make_user(Role.DEPARTMENT)
    answer = propose(department, parties)
    row = RelatedPermit.objects.get()
    assert answer.headers["Location"] == reverse("permit", kwargs={"pk": row.pk})
    assert (row.enterprise, row.provider, row.state) == (parties.enterprise, parties.provider, PermitState.PROPOSED)
    assert (row.reason, row.reference) == ("三家比价，该家最低。", "桂工信函〔2026〕1号")


def test_an_unknown_code_is_said_at_its_field():
    answer = propose(make_user(Role.DEPARTMENT), make_parties(), provider_uscc="91450000XXXXXXXXXX")
    assert answer.status_code == 422
    assert answer.context["form"].errors["provider_uscc"] == [
        "没有代码为“91450000XXXXXXXXXX”的服务商，请核对18位代码。"
    ]
    assert not RelatedPermit.objects.exists()


def test_nobody_else_proposes():
    parties = make_parties()
    for user in (make_user(Role.APPROVER), make_user(Role.CENTRE_CHECKER), parties.eo):
        assert propose(user, parties).status_code == 403
    assert not RelatedPermit.objects.exists()


@pytest.mark.parametrize(
    ("name", "fields", "state"),
    [
        ("grant", {"decision_no": "审1号", "opinion": "同意"}, PermitState.GRANTED),
        ("decline", {"decision_no": "审2号", "opinion": "价格偏高"}, PermitState.DECLINED),
    ],
)
def test_the_approver_decides(name, fields, state):
    permit = make_permit("proposed", parties=make_parties())
    act(make_user(Role.APPROVER), permit, name, "permit", **fields)
    permit.refresh_from_db()
    assert (permit.state, permit.decision_no) == (state, fields["decision_no"])


def test_the_approver_revokes():
    permit = make_permit("granted", parties=make_parties())
    act(make_user(Role.APPROVER), permit, "revoke", "permit", revocation_no="撤1号", reason="材料不实")
    permit.refresh_from_db()
    assert permit.state == PermitState.REVOKED


def test_the_department_does_not_decide():
    permit = make_permit("proposed", parties=make_parties())
    assert act(make_user(Role.DEPARTMENT), permit, "grant", "permit", decision_no="审1号").status_code == 403
    permit.refresh_from_db()
    assert permit.state == PermitState.PROPOSED


def test_the_parties_see_theirs_without_the_file_and_others_none():
    parties = make_parties()
    permit = make_permit("granted", parties=parties)
    address = reverse("permit", kwargs={"pk": permit.pk})
    for user in (parties.eo, parties.pl):
        answer = signed_in(user).get(address)
        assert (answer.status_code, answer.context["file"], answer.context["acts"]) == (200, None, [])
        assert permit.enterprise.organisation.name in said(signed_in(user).get(reverse("permits")))
    assert signed_in(make_user(Role.PROVIDER_AGENT)).get(address).status_code == 404
    offered = [one.name for one, _ in signed_in(make_user(Role.APPROVER)).get(address).context["acts"]]
    assert offered == ["revoke"]
