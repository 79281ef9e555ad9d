"""Accreditation over HTTP: both stories from the call to the list, and who sees what."""

from __future__ import annotations

from datetime import date

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.states import OFFICERS, Role
from foundation import clock
from sample.deals import upload
from tests.accreditation.support import picture
from tests.factories.accounts import PASSWORD, Caller, make_identity, make_uscc, make_user
from tests.factories.accreditation import (
    Desk,
    make_call,
    make_case,
    make_experts,
    make_product_case,
    opened,
    signed,
    under_review,
)
from tests.factories.programmes import open_year
from tests.factories.providers import ProductFactory, ProviderFactory, signatory_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]
ROOM = "accreditation"


def get(user, path):
    client = Caller(user) if user is not None else APIClient()
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == 200, (path, response.json())
    return response.json()


def ids(user, path):
    return {row["id"] for row in get(user, path)["results"]}


def post(user, path, **body):
    response = Caller(user).act(path, body)
    assert response.status_code == 201, response.json()
    return response.json()


def act(user, path, act_, status=200, **body):
    """The act on the row at `path`, at the version it has now for an officer or its owner."""
    version = get(user, f"{path}/")["version"]
    response = Caller(user).act(f"{path}/{act_}/", {"version": version, **body})
    assert response.status_code == status, response.json()
    return response.json()


class Stage:
    """The desk, one provider with its people, and five experts registered over HTTP."""

    def __init__(self) -> None:
        open_year(2026)
        self.desk, self.provider = Desk(), ProviderFactory()
        self.pl = signatory_of(self.provider)
        self.po = make_user(Role.PROVIDER_AGENT, organisation=self.provider.organisation)

    def experts(self) -> list:
        for number in range(5):
            row = post(
                self.desk.co, f"{ROOM}/experts/", username=f"zhuanjia{number}", password=PASSWORD, name=f"专家{number}",
                identity_number=make_identity(), title="教授", fields_known=["diagnosis"], unit_name="广西测试大学",
                unit_uscc=make_uscc(),
            )  # fmt: skip
            act(self.desk.dp, f"{ROOM}/experts/{row['id']}", "confirm")
        return [User.objects.get(username=f"zhuanjia{number}") for number in range(5)]

    def round(self, kind: str) -> str:
        desk = self.desk
        row = post(
            desk.co, f"{ROOM}/rounds/", year=2026, kind=kind, title="关于征集2026年度第一批服务商的通知",
            opens_on="2026-03-02", closes_on="2026-03-13",
        )  # fmt: skip
        path = f"{ROOM}/rounds/{row['id']}"
        act(desk.cr, path, "review", note="同意")
        act(desk.ap, path, "approve", approval_no="桂工信签〔2026〕1号")
        assert act(desk.dp, path, "publish")["state"] == "open"
        return path

    def formal(self, path: str) -> None:
        conditions = get(self.desk.co, f"{path}/conditions/")
        findings = [{"code": one["code"], "result": one["result"], "note": "已核对"} for one in conditions]
        act(self.desk.co, path, "check", findings=findings, note="材料齐全")
        assert act(self.desk.dp, path, "accept", opinion="符合条件")["state"] == "dept_accepted"

    def judge(self, people: list, points: dict[str, str]) -> None:
        for user in people:
            [sheet] = get(user, f"{ROOM}/score-sheets/")["results"]
            where = f"{ROOM}/score-sheets/{sheet['id']}"
            act(user, where, "declare", conflict=False)
            criteria = {one["code"] for one in get(user, f"{where}/criteria/")}
            assert criteria == set(points)
            given = [{"code": code, "points": value} for code, value in points.items()]
            assert act(user, where, "sign", points=given, vote=True, comment="属实。")["state"] == "signed"

    def to_the_list(self, where: str, kind: str, travel) -> None:
        desk = self.desk
        act(desk.dp, where, "recommend", kind=kind)
        act(desk.ap, where, "approve-list", kind=kind, approval_no="桂工信纪要〔2026〕3号")
        act(desk.dp, where, "publicise", kind=kind, reference="厅网站公示2026-001", first=str(clock.today()))
        [shown] = get(None, "publicities/")["results"]
        travel.move_to(clock.end_of(date.fromisoformat(shown["last"])))
        act(desk.dp, f"publicities/{shown['id']}", "close")


def test_a_providers_whole_way(travel):
    stage = Stage()
    people = stage.experts()
    where = stage.round("providers")
    desk, po, pl = stage.desk, stage.po, stage.pl
    [asked] = get(None, f"{where}/requirements/")
    assert (asked["kind"], len(asked["conditions"]), asked["vote"]) == ("provider", 12, "赞成票达到2/3方可推荐")
    row = post(po, f"{ROOM}/applications/", round=where.rpartition("/")[2], kind="provider")
    path = f"{ROOM}/applications/{row['id']}"
    progress = get(po, f"{path}/progress/")
    assert (progress["stage"], progress["due"], len(progress["missing"])) == ("填报", "2026-03-13", 6)
    act(po, path, "edit", categories=["diagnosis"])
    for kind in ("licence", "qualification", "social_insurance"):
        act(po, path, "attach", kind=kind, file=str(upload(po, "material").pk))
    act(po, path, "attach", kind="tax", reference="区税务局共享数据 17号")
    clients = [
        {"name": f"客户{n}", "uscc": make_uscc(), "served_on": "2025-05-01", "file": str(upload(po, "material").pk)}
        for n in range(10)
    ]
    act(po, path, "list-clients", clients=clients)
    assert get(po, f"{path}/preflight/")["ready"] is True
    act(pl, path, "submit", commitment=True)
    item = {"kind": "material", "code": "licence", "what": "补充副本", "why": "缺页"}
    act(desk.co, path, "return", items=[item])
    progress = get(po, f"{path}/progress/")
    assert (progress["due"], progress["next"]) == (
        "2026-03-16",
        "按补正清单一次补齐并逐项说明：1. 机构登记、注册证照：补充副本（缺页）",
    )
    act(pl, path, "submit", commitment=True, answers=[{"position": 1, "answer": "已补充副本"}])
    assert get(desk.co, f"{path}/asks/")[0]["answer"] == "已补充副本"
    stage.formal(path)
    travel.move_to(clock.start_of(date(2026, 3, 16)))
    act(desk.co, where, "close")
    panel = act(desk.co, where, "draw", 201, kind="provider")
    assert get(desk.dp, f"{ROOM}/panels/{panel['id']}/redraw/")["same"] is True
    act(desk.dp, f"{ROOM}/panels/{panel['id']}", "approve")
    stage.judge(people, {"qualification": "18", "capability": "36.5", "record": "27", "platform": "5"})
    [ranked] = get(desk.dp, f"{where}/ranking/?kind=provider")
    assert (ranked["mean"], ranked["rank"], ranked["why_not"]) == ("86.50", 1, "")
    stage.to_the_list(where, "provider", travel)
    done = get(po, f"{path}/")
    assert (done["state"], done["rank"], done["votes_for"]) == ("listed", 1, 5)
    assert get(po, f"{path}/progress/")["stage"] == "结果"
    assert stage.provider.name in {row["name"] for row in get(None, "providers/")["results"]}


def test_a_products_whole_way(travel):
    stage = Stage()
    stage.provider = ProviderFactory(listed=True)
    stage.pl = signatory_of(stage.provider)
    stage.po = make_user(Role.PROVIDER_AGENT, organisation=stage.provider.organisation)
    people, where = stage.experts(), stage.round("products")
    product = ProductFactory(provider=stage.provider)
    row = post(
        stage.po, f"{ROOM}/applications/", round=where.rpartition("/")[2], kind="product",
        product_version=str(product.versions.get().pk),
    )  # fmt: skip
    path = f"{ROOM}/applications/{row['id']}"
    for kind in ("product_qualification", "price"):
        act(stage.po, path, "attach", kind=kind, file=str(upload(stage.po, "material").pk))
    act(stage.pl, path, "submit", commitment=True)
    stage.formal(path)
    travel.move_to(clock.start_of(date(2026, 3, 16)))
    act(stage.desk.co, where, "close")
    panel = act(stage.desk.co, where, "draw", 201, kind="product")
    act(stage.desk.dp, f"{ROOM}/panels/{panel['id']}", "approve")
    stage.judge(people, {"qualification": "27", "content": "36", "price": "25.5"})
    stage.to_the_list(where, "product", travel)
    assert get(stage.po, f"{path}/")["state"] == "listed"
    assert str(product.pk) in ids(None, "products/")


def test_a_planned_round_is_for_officers_and_a_published_one_for_all():
    planned, published = make_call("planned"), make_call()
    assert ids(None, f"{ROOM}/rounds/") == {str(published.pk)}
    assert ids(make_user(Role.DEPARTMENT), f"{ROOM}/rounds/") == {str(planned.pk), str(published.pk)}


def test_a_provider_sees_its_own_applications_and_officers_those_that_were_submitted():
    call = make_call()
    own, draft = make_case("submitted", call=call), make_case(call=call)
    for role in OFFICERS:
        assert ids(make_user(role), f"{ROOM}/applications/") == {str(own.pk)}
    assert ids(own.po, f"{ROOM}/applications/") == {str(own.pk)}
    assert ids(draft.pl, f"{ROOM}/applications/") == {str(draft.pk)}
    assert ids(make_user(Role.ENTERPRISE_SIGNATORY), f"{ROOM}/applications/") == set()


def test_a_city_sees_the_submitted_ones_of_its_own_region():
    call = make_call()
    here = make_case("submitted", call=call)
    make_case("submitted", call=call, provider=ProviderFactory(region_code="450203"))
    assert ids(make_user(Role.CITY), f"{ROOM}/applications/") == {str(here.pk)}


def test_an_expert_sees_only_what_he_was_drawn_for_and_has_opened():
    _, cases = under_review(2)
    sheet = cases[0].sheets()[0]
    user = sheet.expert.user
    assert ids(user, f"{ROOM}/applications/") == set()
    assert len(ids(user, f"{ROOM}/score-sheets/")) == 2
    opened(sheet)
    assert ids(user, f"{ROOM}/applications/") == {str(cases[0].pk)}
    other = make_experts(1)[0].user
    assert ids(other, f"{ROOM}/applications/") == ids(other, f"{ROOM}/score-sheets/") == set()
    assert ids(user, f"{ROOM}/panels/") == set()


def test_no_provider_learns_who_judges():
    _, [case] = under_review()
    case.scored()
    for path in ("experts", "panels", "score-sheets"):
        assert ids(case.po, f"{ROOM}/{path}/") == set()
    sheet = case.sheets()[0]
    told = Caller(case.po).get(f"/api/v1/{ROOM}/applications/{case.pk}/").content.decode()
    told += Caller(case.po).get(f"/api/v1/{ROOM}/applications/{case.pk}/trail/").content.decode()
    for one in case.sheets():
        assert one.expert.user.name not in told
        assert str(one.expert_id) not in told
    assert Caller(case.po).get(f"/api/v1/{ROOM}/score-sheets/{sheet.pk}/").status_code == 404


def test_officers_read_sheets_only_when_all_are_signed():
    call, [case] = under_review()
    sheets = case.sheets()
    case_path = f"{ROOM}/score-sheets/?application={case.pk}"
    opened(sheets[0])
    signed(sheets[0])
    row = next(one for one in get(call.desk.dp, case_path)["results"] if one["id"] == str(sheets[0].pk))
    assert (row["state"], row["total"], row["vote"], row["points"], row["comment"]) == ("signed", None, None, {}, "")
    case.scored(votes=(True,) * 4)
    rows = get(call.desk.dp, case_path)["results"]
    assert [one["total"] for one in rows] == ["86.5"] * 5


def test_formal_checks_that_are_due_are_found(travel):
    case, _ = make_case("submitted"), make_case("accepted")
    path = f"{ROOM}/applications/?due_before="
    assert ids(case.desk.co, f"{path}2026-03-16") == set()
    assert ids(case.desk.co, f"{path}2026-03-17") == {str(case.pk)}
    travel.move_to(clock.start_of(date(2026, 3, 17)))
    assert get(case.desk.co, f"{ROOM}/applications/{case.pk}/")["overdue"] is True


def test_a_refusal_over_http_says_what_failed_and_changes_nothing():
    case = make_case()
    before = picture()
    response = Caller(case.pl).act(f"{ROOM}/applications/{case.pk}/submit/", {"version": 1, "commitment": True})
    assert (response.status_code, response.json()["code"]) == (409, "MATERIAL_MISSING")
    response = Caller(case.pl).act(f"{ROOM}/applications/{case.pk}/submit/", {"version": 1, "commitment": False})
    assert (response.status_code, response.json()["code"]) == (400, "INVALID_FIELDS")
    response = Caller(case.pl).act(f"{ROOM}/applications/{case.pk}/edit/", {"version": 7, "categories": ["diagnosis"]})
    assert (response.status_code, response.json()["code"]) == (409, "VERSION_CONFLICT")
    assert picture() == before


def test_a_draw_may_name_its_applications_and_a_score_is_given_once():
    call = make_call()
    cases = [make_product_case("accepted", call=call) for _ in range(2)]
    make_experts(5)
    call.closed()
    panel = act(call.desk.co, f"{ROOM}/rounds/{call.pk}", "draw", 201, kind="product", applications=[str(cases[0].pk)])
    assert set(panel["seats"]) == {str(cases[0].pk)}
    act(call.desk.dp, f"{ROOM}/panels/{panel['id']}", "approve")
    sheet = cases[0].sheets()[0]
    opened(sheet)
    twice = [{"code": "price", "points": "1"}, {"code": "price", "points": "2"}]
    told = act(sheet.expert.user, f"{ROOM}/score-sheets/{sheet.pk}", "sign", 400, points=twice, vote=True, comment="x")
    assert told["code"] == "SCORE_TWICE"


def test_the_ranking_and_the_trail_of_a_round_are_the_offices():
    call, [case] = under_review()
    for path in ("ranking", "trail"):
        assert Caller(case.po).get(f"/api/v1/{ROOM}/rounds/{call.pk}/{path}/").status_code == 404
        assert Caller(call.desk.co).get(f"/api/v1/{ROOM}/rounds/{call.pk}/{path}/").status_code == 200
    wrong = Caller(call.desk.co).get(f"/api/v1/{ROOM}/rounds/{call.pk}/ranking/?kind=x").json()
    assert wrong["code"] == "FILTER_INVALID"


def test_the_third_round_of_a_year_warns():
    desk = Desk()
    calls = [make_call(desk=desk) for _ in range(3)]
    said = [get(None, f"{ROOM}/rounds/{call.pk}/")["warnings"] for call in calls]
    assert said[:2] == [[], []]
    assert said[2] == [
        "本服务年度已有2次征集；年度通知规定每年征集不超过2次（办法第九条），服务商资格每年认定一次（第十六条）。"
    ]


def test_the_years_execution_is_shown_beside_a_renewal():
    case = make_case("submitted")
    assert get(case.desk.dp, f"{ROOM}/applications/{case.pk}/execution/")["year"] == 2025


def test_the_preflight_says_for_what_a_case_cannot_be_accepted():
    provider = ProviderFactory(founded_on=date(2025, 9, 1))
    case = make_case("filled", provider=provider)
    path = f"{ROOM}/applications/{case.pk}"
    told = get(case.po, f"{path}/preflight/")
    assert (told["ready"], told["missing"]) == (True, [])
    assert [(one["code"], one["asked"], one["value"]) for one in told["will_fail"]] == [
        ("years", "3年以上", "2025-09-01成立，满0年")
    ]
    assert told["advice"] == (
        "有1项必备条件不符合：依法经营年限（第十三条第（三）项）要求3年以上，实际2025-09-01成立，满0年。"
        "照此提交仍会进入形式审查，但不能受理；填报有误或材料未齐的请先更正、补齐，"
        "确不符合的请待条件具备后在以后的征集批次申请。"
    )
    case.submitted()
    findings = [one | ({"result": "fail"} if one["code"] == "years" else {}) for one in case.findings()]
    act(case.desk.co, path, "check", findings=findings)
    refused = act(case.desk.dp, path, "accept", 409, opinion="符合")
    assert (refused["code"], refused["details"]["conditions"]) == (
        "CONDITION_NOT_MET",
        [one["code"] for one in told["will_fail"]],
    )


def test_a_case_that_meets_every_condition_is_warned_of_nothing():
    case = make_case("filled")
    told = get(case.po, f"{ROOM}/applications/{case.pk}/preflight/")
    assert (told["ready"], told["will_fail"], told["advice"]) == (True, [], "")
