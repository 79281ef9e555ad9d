"""A tier that is not granted is told as what it would be, with what stands in the way."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.states import Role
from enterprises import outlook, services
from enterprises.models import Enterprise
from enterprises.outlook import Case
from enterprises.states import State
from foundation import clock
from tests.enterprises.support import agent, signatory
from tests.factories.accounts import Caller, officer
from tests.factories.enterprises import EnterpriseFactory, give_title
from tests.factories.programmes import open_year

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _year() -> None:
    open_year(clock.today().year)


def read(row: Enterprise, page: str) -> dict[str, Any]:
    answer = Caller(agent(row)).get(f"/api/v1/enterprises/{row.pk}/{page}/")
    assert answer.status_code == 200, answer.json()
    return dict(answer.json())


def won(row: Enterprise) -> dict[str, Any]:
    return dict(read(row, "passport")["won"])


def in_the_way(row: Enterprise) -> list[tuple[str, str]]:
    return [(one["code"], one["point"]) for one in won(row)["obstacles"]]


def test_a_draft_of_another_trade_off_the_roster_has_won_nothing() -> None:
    row = EnterpriseFactory(listed=False, industry_code="5001")
    found = won(row)
    assert (found["granted"], read(row, "passport")["quota"]["quota"]) == (False, "0.00")
    assert in_the_way(row) == [("NOT_CONFIRMED", ""), ("NOT_ELIGIBLE", "industry"), ("DOUBTFUL", "listed")]
    assert found["why"] == (
        "预计：未持有通知所列称号，按“一般规模以上制造业企业”匹配50,000.00元。尚未下达：企业登记为“填报中”，复核通过后才下达额度。"
        "行业代码 5001 不属于制造业（第13至43大类），不符合第三条、第六条。规上企业名录中未查到该代码，请人工核对。"
    )


def test_the_explanation_says_the_same() -> None:
    row = EnterpriseFactory(listed=False, industry_code="5001")
    explained = read(row, "tier/explain")
    assert explained["result"] == "预计：一般规模以上制造业企业（50,000.00元）"
    assert explained["inputs"]["granted"] is False
    assert explained["inputs"]["obstacles"] == won(row)["obstacles"]
    assert explained["inputs"]["why"] == won(row)["why"]


def test_what_is_granted_has_nothing_in_the_way() -> None:
    row = EnterpriseFactory(active=True)
    found, explained = won(row), read(row, "tier/explain")
    assert (found["granted"], found["obstacles"]) == (True, [])
    assert found["why"] == "未持有通知所列称号，按“一般规模以上制造业企业”匹配50,000.00元。"
    assert (explained["result"], explained["inputs"]["granted"]) == (
        "一般规模以上制造业企业（50,000.00元）",
        True,
    )


def test_an_answered_doubt_is_in_nobodys_way_any_more() -> None:
    row = EnterpriseFactory(listed=False)
    row = services.submit(by=signatory(row), enterprise_id=row.pk, version=row.version)
    assert in_the_way(row) == [("NOT_CONFIRMED", ""), ("DOUBTFUL", "listed")]
    note = [{"code": "listed", "note": "统计局复函确认已入库。"}]
    services.check(by=officer(Role.CENTRE_CHECKER), enterprise_id=row.pk, version=row.version, findings=note)
    assert in_the_way(row) == [("NOT_CONFIRMED", "")]


def test_a_frozen_enterprise_is_not_promised_its_new_tier() -> None:
    row = EnterpriseFactory(active=True)
    services.freeze(by=officer(Role.DEPARTMENT), enterprise_id=row.pk, version=row.version, reason="投诉核查")
    assert won(row)["granted"] is True
    give_title(row, "little_giant")
    assert (won(row)["tier"]["code"], in_the_way(row)) == ("national", [("NOT_ACTIVE", "")])


def test_a_tier_the_nightly_job_has_not_issued_yet_is_only_expected() -> None:
    row = EnterpriseFactory(active=True)
    give_title(row, "little_giant")
    assert in_the_way(row) == [("NOT_YET_ISSUED", "")]
    services.regrade(by=officer(Role.CENTRE_CHECKER), enterprise_id=row.pk)
    assert in_the_way(row) == []


@pytest.mark.parametrize("state", [State.REJECTED, State.CLOSED, State.DISQUALIFIED])
def test_what_has_ended_must_begin_anew(state: State) -> None:
    [found] = outlook.obstacles(Case(state=state, label=state.label, confirmed=False))
    assert found.message == f"企业登记为“{state.label}”，须重新办理登记，复核通过后才下达额度。"


def test_a_party_kept_out_is_told_by_which_decision() -> None:
    found = outlook.obstacles(
        Case(state=State.DRAFT, label="填报中", confirmed=False, restricted="桂工信罚〔2026〕1号")
    )
    assert [one.code for one in found] == ["NOT_CONFIRMED", "RESTRICTED"]
    assert found[1].message == "依据桂工信罚〔2026〕1号，该单位被限制参与（办法第二十七条），期间不予登记。"
