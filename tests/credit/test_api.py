"""Complaints and credit records over HTTP, as each side sees them."""

from __future__ import annotations

import pytest

from accounts.states import OrganisationKind, Role
from tests.factories.accounts import Caller, both_sides, make_organisation, make_user, officer
from tests.factories.credit import Offices, make_complaint, make_record
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.providers import ProviderFactory, notice_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working_morning")]


def test_from_a_complaint_to_a_record_that_blocks_and_is_repaired() -> None:
    notice_of(2026)
    hands, provider = Offices(), make_organisation(OrganisationKind.PROVIDER)
    agent, signatory = both_sides(provider)
    enterprise, co, cr, dp = (Caller(user) for user in (make_user(Role.ENTERPRISE_AGENT), hands.co, hands.cr, hands.dp))
    filed = enterprise.act("complaints/", {"uscc": provider.uscc, "facts": "约定人员未到场"})
    assert (filed.status_code, filed.json()["state_label"]) == (201, "已收到待受理")
    path = f"complaints/{filed.json()['id']}/"
    assert co.act(f"{path}accept/", {"version": 1}).json()["result_due"] == "2026-04-01"
    assert cr.act(f"{path}investigate/", {"version": 2, "findings": "属实"}).status_code == 200
    upheld = dp.act(f"{path}uphold/", {"version": 3, "result": "责令整改", "has_large_effect": True}).json()
    assert (upheld["state"], upheld["has_large_effect"]) == ("upheld", True)

    body = {"uscc": provider.uscc, "ground": "complaint", "facts": "投诉属实", "complaint": filed.json()["id"]}
    record = co.act("credit-records/", body).json()
    path = f"credit-records/{record['id']}/"
    assert cr.act(f"{path}review/", {"version": 1}).status_code == 200
    decided = dp.act(f"{path}decide/", {"version": 2, "decision_no": "桂工信信用〔2026〕3号", "since": "2026-03-02"})
    assert (decided.json()["state_label"], decided.json()["until"]) == ("生效中", None)
    asked = Caller(signatory).act(f"{path}ask-repair/", {"version": 3, "text": "已整改"})
    assert asked.json()["state_label"] == "申请信用修复"
    alone = dp.act(f"{path}repair/", {"version": 4, "reason": "到位"})
    assert (alone.status_code, alone.json()["code"]) == (403, "NOT_ALLOWED")
    other = Caller(officer(Role.DEPARTMENT))
    assert other.act(f"{path}repair/", {"version": 4, "reason": "到位"}).json()["state_label"] == "已修复"
    assert len(Caller(agent).get(f"/api/v1/{path}trail/").json()) == 5


def test_the_other_side_does_not_learn_who_complained() -> None:
    row = make_complaint("investigated")
    agent, _ = both_sides(row.organisation)
    seen = Caller(agent).get(f"/api/v1/complaints/{row.pk}/")
    assert (seen.json()["filer"], seen.json()["files"], seen.json()["findings"]) == (None, [], None)
    assert row.filer.name not in seen.content.decode()
    assert Caller(agent).get(f"/api/v1/complaints/{row.pk}/trail/").status_code == 404


def test_the_filer_sees_itself_but_not_the_findings() -> None:
    row = make_complaint("investigated")
    seen = Caller(row.filed_by).get(f"/api/v1/complaints/{row.pk}/").json()
    assert (seen["filer"], seen["findings"]) == (row.filer.name, None)


def test_officers_see_everything() -> None:
    row = make_complaint("investigated")
    seen = Caller(make_user(Role.SUPERVISOR)).get(f"/api/v1/complaints/{row.pk}/").json()
    assert (seen["filer"], seen["findings"]) == (row.filer.name, "双方陈述一致。")


def test_a_complaint_not_accepted_is_a_404_for_the_other_side() -> None:
    row = make_complaint()
    agent, _ = both_sides(row.organisation)
    assert Caller(agent).get(f"/api/v1/complaints/{row.pk}/").status_code == 404


def test_a_city_reads_the_complaints_against_its_own_parties_without_who_filed() -> None:
    """DOMAIN 4, row 31, CT: c; filed, accepted and decided alike, of enterprises and providers."""
    here = [make_organisation(kind, city="450200") for kind in (OrganisationKind.PROVIDER, OrganisationKind.ENTERPRISE)]
    own = [make_complaint("filed", against=here[0]), make_complaint("upheld", against=here[1])]
    other = make_complaint("upheld", against=make_organisation(OrganisationKind.PROVIDER, city="450100"))
    city = Caller(make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city="450200")))
    listed = city.get("/api/v1/complaints/").json()["results"]
    assert {row["id"] for row in listed} == {str(row.pk) for row in own}
    assert {(row["filer"], row["findings"], tuple(row["files"])) for row in listed} == {(None, None, ())}
    assert city.get(f"/api/v1/complaints/{own[0].pk}/").json()["facts"] == "约定人员未到场。"
    for path in (f"complaints/{other.pk}/", f"complaints/{own[0].pk}/trail/"):
        assert city.get(f"/api/v1/{path}").status_code == 404
    refused = city.act(f"complaints/{own[0].pk}/accept/", {"version": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")


@pytest.mark.parametrize("kind", [OrganisationKind.ENTERPRISE, OrganisationKind.PROVIDER])
def test_the_city_changes_when_the_party_moves(kind: str) -> None:
    party = EnterpriseFactory() if kind == OrganisationKind.ENTERPRISE else ProviderFactory()
    row = make_complaint(against=party.organisation)
    south, north = (
        Caller(make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city=code)))
        for code in ("450100", "450200")
    )
    path = f"/api/v1/complaints/{row.pk}/"
    assert (south.get(path).status_code, north.get(path).status_code) == (200, 404)
    agent, _ = both_sides(party.organisation)
    rooms = "enterprises" if kind == OrganisationKind.ENTERPRISE else "providers"
    moved = Caller(agent).act(f"{rooms}/{party.pk}/edit/", {"version": party.version, "region_code": "450203"})
    assert moved.status_code == 200, moved.json()
    assert (south.get(path).status_code, north.get(path).status_code) == (404, 200)


def test_a_stranger_sees_no_record() -> None:
    row = make_record()
    assert Caller(make_user(Role.PROVIDER_AGENT)).get(f"/api/v1/credit-records/{row.pk}/").status_code == 404


def test_anybody_reads_the_words_of_the_commitment(anonymous) -> None:
    words = anonymous.get("/api/v1/commitments/words/").json()
    assert [(one["kind"], one["version"], len(one["clauses"])) for one in words] == [
        ("enterprise", 1, 6),
        ("provider", 1, 6),
    ]


def test_a_signatory_signs_the_commitment() -> None:
    signed = Caller(make_user(Role.ENTERPRISE_SIGNATORY)).act("commitments/")
    assert (signed.status_code, signed.json()["text_version"]) == (201, 1)
