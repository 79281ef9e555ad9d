"""关联交易核准 over HTTP: the whole story as each role plays it, and who sees what (8-35)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from accounts.models import User
from accounts.states import OFFICERS, Role
from contracts.models import RelatedPermit
from engines.notifications import services as notifications
from tests.contracts.test_api import Thread, draft_body
from tests.factories.accounts import Caller, make_user, officer
from tests.factories.contracts import Parties, make_parties, make_permit, upload
from tests.factories.enterprises import EnterpriseFactory, declare, tie

pytestmark = pytest.mark.django_db
URL = "/api/v1/related-permits/"


@pytest.fixture(autouse=True)
def working_morning():
    """10:00 in Shanghai on a Monday in March."""
    with time_machine.travel(datetime(2026, 3, 2, 2, 0, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def parties() -> Parties:
    return make_parties()


def body(parties: Parties, **fields: Any) -> dict[str, Any]:
    return {
        "enterprise": str(parties.enterprise.pk),
        "provider": str(parties.provider.pk),
        "reason": "另有三家报价，该服务商报价低于均价，且熟悉企业产线。",
        **fields,
    }


def seen(user: User, query: str = "") -> list[str]:
    return [row["id"] for row in Caller(user).get(f"{URL}{query}").json()["results"]]


def inbox(user: User) -> list[tuple[str, str | None]]:
    notifications.relay()
    rows = Caller(user).get("/api/v1/messages/").json()["results"]
    return [(row["title"], row["link"]) for row in rows if "关联交易" in row["title"]]


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def test_related_parties_are_permitted_contract_and_lose_the_permit(parties):
    department, approver = officer(Role.DEPARTMENT), officer(Role.APPROVER)
    declare(parties.enterprise, tie(parties.provider.uscc))
    deal = Thread(parties)

    # said or not said, without a permit there is no contract
    assert code(deal.draft(parties.eo)) == (409, "RELATED_PARTY_UNDECLARED")
    refused = deal.draft(parties.eo, related_party=True)
    assert code(refused) == (400, "TERMS_INVALID")
    assert "请向厅职能处室说明价格公允、无其他服务商可选等理由，经核准后再起草" in refused.json()["message"]

    # two people of the department allow it
    paper = upload(department)
    assert code(Caller(department).act("related-permits/", body(parties))) == (400, "PERMIT_BASIS_MISSING")
    proposed = Caller(department).act("related-permits/", body(parties, file=str(paper.pk)))
    assert proposed.status_code == 201
    permit = proposed.json()
    assert (permit["state"], permit["state_label"], permit["year"]) == ("proposed", "待审定", 2026)
    assert (permit["in_force"], permit["file_id"]) == (False, str(paper.pk))
    path = f"related-permits/{permit['id']}"
    assert code(Caller(department).act("related-permits/", body(parties, reference="函1号"))) == (409, "PERMIT_EXISTS")
    grant = {"version": 1, "decision_no": "桂工信审〔2026〕8号"}
    for person in (department, parties.eo, parties.pl):
        assert code(Caller(person).act(f"{path}/grant/", grant)) == (403, "NOT_ALLOWED")
    granted = Caller(approver).act(f"{path}/grant/", grant)
    assert (granted.status_code, granted.json()["state"], granted.json()["in_force"]) == (200, "granted", True)

    # both are told and see it, without the file it rests on
    for person in (parties.eo, parties.po):
        assert inbox(person) == [("关联交易已核准", f"/api/v1/{path}/"), ("关联交易核准已提请审定", f"/api/v1/{path}/")]
        mine = Caller(person).get(f"/api/v1/{path}/").json()
        assert (mine["decision_no"], mine["file_id"]) == ("桂工信审〔2026〕8号", None)
        assert Caller(person).get(f"/api/v1/files/{paper.pk}/content/").status_code == 404

    # what is not said is refused still; what is said is agreed and signed
    assert code(deal.draft(parties.eo)) == (409, "RELATED_PARTY_UNDECLARED")
    assert deal.draft(parties.eo, related_party=True).status_code == 201
    assert (deal.seen["related_party"], deal.seen["permit_id"]) == (True, permit["id"])
    assert deal.seen["terms"]["related_permit"] == {"decision_no": "桂工信审〔2026〕8号", "year": 2026}
    for step, by in (("agree", parties.eo), ("agree", parties.po), ("start-signing", parties.eo), ("sign", parties.el)):
        assert deal.act(step, by).status_code == 200, step
    assert deal.act("sign", parties.pl).json()["state"] == "signed_wait_deposit"

    # a second one is still unsigned when the permit is taken back: it is not signed, the first one stands
    second = Thread(parties)
    assert second.draft(parties.eo, related_party=True).status_code == 201
    for by in (parties.eo, parties.po):
        second.act("agree", by)
    revocation = {"version": 2, "revocation_no": "桂工信审〔2026〕21号", "reason": "经核查，比价材料不实。"}
    assert code(Caller(department).act(f"{path}/revoke/", revocation)) == (403, "NOT_ALLOWED")
    revoked = Caller(approver).act(f"{path}/revoke/", revocation)
    assert (revoked.json()["state"], revoked.json()["in_force"]) == ("revoked", False)
    stopped = second.act("start-signing", parties.po)
    assert code(stopped) == (409, "PERMIT_NOT_IN_FORCE")
    assert "已由桂工信审〔2026〕21号撤销，不能签署" in stopped.json()["message"]
    assert deal.read(parties.eo)["state"] == "signed_wait_deposit"
    assert code(second.draft(parties.eo, related_party=True)) == (400, "TERMS_INVALID")
    assert inbox(parties.el)[0] == ("关联交易核准已撤销", f"/api/v1/{path}/")
    trail = Caller(approver).get(f"/api/v1/{path}/trail/").json()
    assert [(row["act"], row["seq"]) for row in trail] == [("propose", 1), ("grant", 2), ("revoke", 3)]


def test_a_refusal_says_why_and_may_be_followed_by_a_better_proposal(parties):
    permit = make_permit("proposed", parties=parties)
    path, approver = f"related-permits/{permit.pk}", officer(Role.APPROVER)
    bare = Caller(approver).act(f"{path}/decline/", {"version": 1, "decision_no": "9号"})
    assert code(bare) == (400, "INVALID_FIELDS")
    answer = {"version": 1, "decision_no": "桂工信审〔2026〕9号", "opinion": "另有服务商可选。"}
    declined = Caller(approver).act(f"{path}/decline/", answer).json()
    assert (declined["state"], declined["opinion"]) == ("declined", "另有服务商可选。")
    assert Caller(parties.eo).get(f"/api/v1/{path}/").json()["opinion"] == "另有服务商可选。"
    again = Caller(officer(Role.DEPARTMENT)).act("related-permits/", body(parties, reference="函2号"))
    assert again.status_code == 201
    assert RelatedPermit.objects.count() == 2


def test_a_repeated_request_makes_one_permit(parties):
    client = Caller(officer(Role.DEPARTMENT))
    first, second = (client.act("related-permits/", body(parties, reference="函1号"), key="once") for _ in range(2))
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["Idempotency-Replayed"] == "true"
    assert RelatedPermit.objects.count() == 1


def test_officers_see_all_the_two_parties_their_own_and_nobody_else_any(parties):
    own, other = make_permit("granted", parties=parties), make_permit("proposed", parties=make_parties())
    for role in sorted(OFFICERS):
        assert set(seen(officer(role))) == {str(own.pk), str(other.pk)}, role
    for person in (parties.eo, parties.el, parties.po, parties.pl):
        assert seen(person) == [str(own.pk)]
        assert Caller(person).get(f"{URL}{other.pk}/").status_code == 404
    stranger = make_user(Role.ENTERPRISE_SIGNATORY, organisation=EnterpriseFactory(active=True).organisation)
    nobody = [officer(role) for role in (Role.CITY, Role.EXPERT, Role.SYSTEM_ADMIN, Role.AUDITOR)]
    for person in (stranger, *nobody):
        assert seen(person) == []
        assert Caller(person).get(f"{URL}{own.pk}/").status_code == 404
        assert Caller(person).get(f"{URL}{own.pk}/trail/").status_code == 404
        assert Caller(person).act(f"related-permits/{own.pk}/revoke/", {}).status_code == 404


def test_filters_by_state_year_and_party(parties):
    granted, other = make_permit("granted", parties=parties), make_permit("proposed", parties=make_parties())
    user = officer(Role.CENTRE_CHECKER)
    assert seen(user, "?state=granted") == [str(granted.pk)]
    assert set(seen(user, "?state=granted&state=proposed")) == {str(granted.pk), str(other.pk)}
    assert (len(seen(user, "?year=2026")), seen(user, "?year=2025")) == (2, [])
    assert seen(user, f"?enterprise={parties.enterprise.pk}") == [str(granted.pk)]
    assert seen(user, f"?provider={other.provider_id}") == [str(other.pk)]
    assert code(Caller(user).get(f"{URL}?state=gone")) == (400, "FILTER_INVALID")
    assert code(Caller(user).get(f"{URL}?city=450100")) == (400, "FILTER_UNKNOWN")


def test_a_draft_of_the_unrelated_stands_on_no_permit(parties):
    made = Caller(parties.eo).act("contracts/", draft_body(parties)).json()
    assert (made["related_party"], made["permit_id"]) == (False, None)
