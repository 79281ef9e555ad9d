"""One round over HTTP with all its people: a new body with its parent, an objection upheld, false material, a renewal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from accounts.states import Role
from foundation import clock
from foundation.money import yuan
from providers.jobs import expire_listings
from sample.deals import upload
from tests.accreditation.test_api import ROOM, Stage, act, get, post
from tests.factories.accounts import Caller, make_uscc, make_user
from tests.factories.accreditation import make_product_case
from tests.factories.calendar import know
from tests.factories.programmes import open_year
from tests.factories.providers import ProviderFactory, signatory_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]
POINTS = {"qualification": "18", "capability": "36.5", "record": "27", "platform": "5"}


class Applicant:
    """A provider with its agent and its signatory."""

    def __init__(self, **fields) -> None:
        self.provider = ProviderFactory(**fields)
        self.pl = signatory_of(self.provider)
        self.po = make_user(Role.PROVIDER_AGENT, organisation=self.provider.organisation)
        self.path = ""

    def applies(self, round_path: str, *, of_parent: bool = False, **figures) -> None:
        """Everything given, signed and submitted."""
        row = post(self.po, f"{ROOM}/applications/", round=round_path.rpartition("/")[2], kind="provider")
        self.path = f"{ROOM}/applications/{row['id']}"
        act(self.po, self.path, "edit", categories=["diagnosis"], **figures)
        for kind in ("licence", "qualification", "social_insurance", "tax", *(["parent"] if of_parent else [])):
            act(self.po, self.path, "attach", kind=kind, file=str(upload(self.po, "material").pk))
        clients = [
            {"name": f"客户{n}", "uscc": make_uscc(), "served_on": "2025-05-01", "of_parent": of_parent,
             "file": str(upload(self.po, "material").pk)}
            for n in range(10)
        ]  # fmt: skip
        act(self.po, self.path, "list-clients", clients=clients)
        act(self.pl, self.path, "submit", commitment=True)

    @property
    def state(self) -> str:
        return get(self.po, f"{self.path}/")["state"]


def judged(stage: Stage, people: list) -> None:
    """Every expert has signed every sheet of his."""
    for user in people:
        for sheet in get(user, f"{ROOM}/score-sheets/")["results"]:
            where = f"{ROOM}/score-sheets/{sheet['id']}"
            act(user, where, "declare", conflict=False)
            given = [{"code": code, "points": value} for code, value in POINTS.items()]
            act(user, where, "sign", points=given, vote=True, comment="属实。")


def shown(stage: Stage, where: str) -> dict:
    """Decided and on public show."""
    act(stage.desk.dp, where, "recommend", kind="provider")
    act(stage.desk.ap, where, "approve-list", kind="provider", approval_no="桂工信纪要〔2026〕3号")
    act(stage.desk.dp, where, "publicise", kind="provider", reference="厅网站公示2026-001", first=str(clock.today()))
    [listed] = get(None, "publicities/")["results"]
    return listed


def objected(stage: Stage, publicity: dict, provider) -> None:
    """A stranger objects by name; three officers take it up, look into it and uphold it."""
    [item] = get(None, f"publicity-items/?publicity={publicity['id']}&label={provider.name}")["results"]
    body = {
        "item": item["id"], "filer_kind": "person", "name": "张三", "identity_number": "459900198501010037",
        "phone": "10012345678", "grounds": "上年度服务企业数与公示内容不符。",
    }  # fmt: skip
    filed = APIClient().post(
        f"/api/v1/publicities/{publicity['id']}/objections/", body, format="json", headers={"Idempotency-Key": "one"}
    )
    assert filed.status_code == 201, filed.content.decode()
    [row] = get(stage.desk.co, "objections/?state=filed")["results"]
    where, investigator = f"objections/{row['id']}", make_user(Role.DEPARTMENT)
    act(stage.desk.co, where, "accept")
    act(investigator, where, "investigate")
    act(investigator, where, "report", findings="十家中有三家未服务。")
    act(stage.desk.ap, where, "decide", outcome="upheld", answer="异议成立，移出名单。")


def test_a_round_with_all_that_may_happen_in_it(travel):
    stage = Stage()
    people = stage.experts()
    where = stage.round("providers")
    sound, disputed = Applicant(), Applicant()
    daughter = Applicant(
        founded_on=date(2025, 9, 1), core_staff=2, clients_last_year=0, revenue_last_year=Decimal("0.00"),
        parent_name="广东示例集团", parent_uscc="91440101MA00000012", parent_founded_on=date(2010, 1, 1),
    )  # fmt: skip
    figures = {"parent_core_staff": 50, "parent_clients": 40, "parent_revenue": "90000000.00"}
    daughter.applies(where, of_parent=True, **figures)
    for one in (sound, disputed):
        one.applies(where)
    by_code = {row["code"]: row for row in get(stage.desk.co, f"{daughter.path}/conditions/")}
    assert [by_code[code]["source"] for code in ("years", "core_staff", "clients", "revenue")] == ["parent"] * 4
    assert by_code["core_staff"]["value"] == "2名；母公司50名"
    for one in (sound, disputed, daughter):
        stage.formal(one.path)
    checked = get(stage.desk.dp, f"{sound.path}/conditions/")
    assert {row["verified_by"] for row in checked} == {str(stage.desk.co)}
    travel.move_to(clock.start_of(date(2026, 3, 16)))
    act(stage.desk.co, where, "close")
    panel = act(stage.desk.co, where, "draw", 201, kind="provider")
    act(stage.desk.dp, f"{ROOM}/panels/{panel['id']}", "approve")
    judged(stage, people)
    publicity = shown(stage, where)
    objected(stage, publicity, disputed.provider)
    assert [one.state for one in (sound, disputed, daughter)] == ["publicity", "removed", "publicity"]
    travel.move_to(clock.end_of(date.fromisoformat(publicity["last"])))
    act(stage.desk.dp, f"publicities/{publicity['id']}", "close")
    assert [one.state for one in (sound, disputed, daughter)] == ["listed", "removed", "listed"]
    assert get(None, f"{where}/")["state"] == "listed"
    first = get(daughter.po, f"{daughter.path}/")["number"]
    # What was said turns out to be false: the code is barred for good, also under a new account.
    bar = post(stage.desk.dp, "providers/bars/", provider=str(sound.provider.pk), grounds="虚报上年服务企业数")
    act(stage.desk.ap, f"providers/bars/{bar['id']}", "decide", decision_no="桂工信罚〔2026〕3号")
    [ended] = get(sound.po, "providers/listings/")["results"]
    assert (ended["state"], ended["state_label"]) == ("terminated_ban", "已终止且不得重新申报")
    refusal = Caller(sound.po).act(f"{ROOM}/applications/", {"round": where.rpartition("/")[2], "kind": "provider"})
    assert (refusal.status_code, refusal.json()["code"]) == (409, "USCC_BARRED")
    # The other one's year is over; it renews, and gives only what belongs to the new year.
    know(2027)
    travel.move_to(clock.start_of(date(2027, 1, 4)))
    open_year(2027)
    assert expire_listings(clock.today())["listings"] == 1
    assert get(daughter.po, "providers/listings/")["results"][0]["state"] == "expired"
    desk = stage.desk
    row = post(
        desk.co, f"{ROOM}/rounds/", year=2027, kind="providers", title="2027年度服务商", opens_on="2027-01-04",
        closes_on="2027-01-15",
    )  # fmt: skip
    path = f"{ROOM}/rounds/{row['id']}"
    act(desk.cr, path, "review", note="同意")
    act(desk.ap, path, "approve", approval_no="桂工信签〔2027〕1号")
    act(desk.dp, path, "publish")
    again = post(daughter.po, f"{ROOM}/applications/", round=row["id"], kind="provider", renew=True)
    assert (again["year"], again["renews_number"], again["categories"]) == (2027, first, ["diagnosis"])
    progress = get(daughter.po, f"{ROOM}/applications/{again['id']}/progress/")
    # A year old by now: the parent's years still count, and its figures no more.
    assert progress["missing"] == ["社保缴纳证明", "纳税登记表", "上年度服务企业的合同证明材料（服务企业清单）"]


def test_the_form_says_what_was_submitted():
    stage = Stage()
    where = stage.round("providers")
    one = Applicant()
    one.applies(where)
    form = get(one.po, f"{one.path}/form/")
    told = {line["label"]: line["value"] for line in form["lines"]}
    assert (form["title"], form["year"]) == ("广西服务券服务商申请表", 2026)
    assert form["digest"] == get(one.po, f"{one.path}/")["digest"]
    assert (told["机构名称"], told["所在县（市、区）"], told["服务类别"]) == (
        one.provider.name,
        "青秀区",
        "企业诊断服务",
    )
    assert told["母公司名称"] == "未填写"
    # in the order in which it is asked, which the database does not keep
    assert [line["code"] for line in form["lines"]][:4] == ["name", "uscc", "region_code", "address"]
    assert told["上年营业收入"] == yuan(one.provider.revenue_last_year)
    assert (len(form["materials"]), len(form["clients"])) == (4, 10)
    assert form["commitment"]["title"] == "服务商信用承诺书"
    assert form["commitment"]["signed_by"] == str(one.pl)
    assert not set(told) & {"联系人", "联系电话", "电子邮箱", "法定代表人（执行事务合伙人）"}
    act(
        stage.desk.co, one.path, "return", items=[{"kind": "field", "code": "address", "what": "核对", "why": "不一致"}]
    )
    being_put_right = get(one.po, f"{one.path}/form/")
    assert (being_put_right["submitted_at"], being_put_right["digest"], being_put_right["commitment"]) == (
        None,
        "",
        None,
    )
    assert Caller(make_user(Role.PROVIDER_AGENT)).get(f"/api/v1/{one.path}/form/").status_code == 404


def test_the_form_of_a_product_reads_like_one():
    case = make_product_case("submitted")
    form = get(case.po, f"{ROOM}/applications/{case.pk}/form/")
    told = {line["label"]: line["value"] for line in form["lines"]}
    assert form["title"] == "广西服务券产品申请表"
    assert (told["服务类别"], told["产品版本"]) == ("企业诊断服务", "1")
    assert told["标价"].endswith("元/项")
    assert told["市场同类价格"] == "同类合同，12,600.00元"
    assert [line["code"] for line in form["lines"]][:4] == ["revision", "name", "category", "sub_type_name"]
    assert "{" not in "".join(told.values())
