import json

import pytest
import yaml
from django.core.management import CommandError, call_command

from accounts.states import Role
from engines.ledger import selectors as ledger
from programmes import books, notice_file, selectors
from programmes.models import Appropriation, Notice, Suspension
from programmes.states import NoticeState
from tests.factories.accounts import Caller, make_user, officer
from tests.factories.programmes import appropriate, make_notice, open_year, publish_revision
from tests.programmes.test_notice_file import TEXT, as_json

pytestmark = pytest.mark.django_db
NIL = "00000000-0000-0000-0000-000000000000"
APPROPRIATION = {"year": 2026, "source_doc_no": "桂财工交〔2026〕12号", "amount": "30000000.00"}


def department():
    return Caller(officer(Role.DEPARTMENT))


# Notices.


def test_a_notice_is_drafted_approved_and_published():
    caller = department()
    answer = caller.act("notices/", {"shipped": "general-2026"})
    assert (answer.status_code, answer.json()["state"], answer.json()["version"]) == (201, "draft", 1)
    path = f"notices/{answer.json()['id']}"
    answer = Caller(officer(Role.APPROVER)).act(f"{path}/approve/", {"version": 1, "reason": "厅务会纪要"})
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")
    answer = caller.act(f"{path}/publish/", {"version": 2})
    assert (answer.status_code, answer.json()["label"]) == (200, "桂工信规范〔2024〕9号·2026年度·第1版")
    answer = caller.act(f"{path}/revise/", {"version": 3, "shipped": "general-2026"})
    assert (answer.status_code, answer.json()["revision"], answer.json()["state"]) == (201, 2, "draft")


def test_a_notice_is_drafted_and_changed_from_its_content():
    caller = department()
    answer = caller.act("notices/", {"content": as_json()})
    assert answer.status_code == 201
    body = {"version": 1, "content": {**as_json(), "provider_cap": "4000000.00"}}
    answer = caller.act(f"notices/{answer.json()['id']}/redraft/", body)
    figures = {row["code"]: row["value"] for row in answer.json()["rules"]["figures"]}
    assert (answer.status_code, figures["provider_cap"]) == (200, "4000000.00")


def test_the_same_key_drafts_once():
    caller = department()
    first, again = (caller.act("notices/", {"shipped": "general-2026"}, key="same") for _ in range(2))
    assert (first.json(), Notice.objects.count()) == (again.json(), 1)
    assert caller.act("notices/", {"shipped": "general-2027"}, key="same").status_code == 409


def test_anyone_reads_a_published_notice_as_tables(anonymous):
    notice = make_notice()
    shown = anonymous.get(f"/api/v1/notices/{notice.pk}/").json()
    assert shown["rules"]["tiers"][3] == {
        "code": "national",
        "name": "30万元档",
        "quota": "300000.00",
        "titles": [
            {"code": "little_giant", "name": "专精特新“小巨人”企业"},
            {"code": "national_champion", "name": "国家级制造业单项冠军"},
        ],
        "article": "第十条（一）",
    }
    sub_types = shown["rules"]["categories"][0].pop("sub_types")
    assert (len(sub_types), sub_types[0]) == (11, {"code": "digital_diagnosis", "name": "数字化转型诊断"})
    assert shown["rules"]["categories"][0] == {
        "code": "diagnosis",
        "name": "企业诊断服务",
        "rate": "0.80",
        "cap": "10000.00",
        "is_diagnosis": True,
        "article": "第七条（一）1、第十一条",
        "training": ["benchmark_visit", "executive_training"],
    }
    assert shown["rules"]["limits"][2]["text"] == "7天"
    assert len(shown["rules"]["articles"]) == 22


def test_no_officer_is_named_in_public(anonymous):
    notice = make_notice()
    text = json.dumps(anonymous.get(f"/api/v1/notices/{notice.pk}/").json(), ensure_ascii=False)
    assert notice.drafted_by.name not in text


def test_drafts_are_for_officers(anonymous):
    first = make_notice()
    draft = publish_revision(2026, state=NoticeState.DRAFT)
    for caller in (anonymous, Caller(make_user(Role.ENTERPRISE_AGENT)), Caller(make_user(Role.SYSTEM_ADMIN))):
        assert [row["id"] for row in caller.get("/api/v1/notices/").json()["results"]] == [str(first.pk)]
        assert caller.get(f"/api/v1/notices/{draft.pk}/").status_code == 404
    assert len(Caller(officer(Role.SUPERVISOR)).get("/api/v1/notices/").json()["results"]) == 2


def test_a_superseded_notice_stays_public(anonymous):
    first, second = make_notice(), publish_revision(2026)
    rows = anonymous.get("/api/v1/notices/").json()["results"]
    assert [(row["id"], row["state"]) for row in rows] == [(str(second.pk), "published"), (str(first.pk), "superseded")]


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_one_query_at_any_length(rows, anonymous, django_assert_num_queries):
    make_notice()
    for _ in range(rows - 1):
        publish_revision(2026)
    with django_assert_num_queries(1):
        assert len(anonymous.get("/api/v1/notices/").json()["results"]) == rows


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "NOTICE_CONTENT_ONE"),
        ({"shipped": "general-2026", "content": {}}, "NOTICE_CONTENT_ONE"),
        ({"shipped": "general-1999"}, "INVALID_FIELDS"),
        ({"shipped": 5}, "INVALID_FIELDS"),
        ({"content": "x"}, "INVALID_FIELDS"),
        ({"content": []}, "INVALID_FIELDS"),
        ({"content": None}, "INVALID_FIELDS"),
        ({"content": {}}, "NOTICE_INVALID"),
        ({"content": {"notice": {"year": -1}, "tiers": [[[[]]]], "provider_cap": 1.005}}, "NOTICE_INVALID"),
        ({"content": {"title": "a\x00b"}}, "BAD_REQUEST"),
    ],
)
def test_bad_notices_are_a_400(body, code):
    answer = department().act("notices/", body)
    assert (answer.status_code, answer.json()["code"], Notice.objects.count()) == (400, code, 0)


def test_every_fault_of_a_notice_is_in_the_answer():
    content = {**as_json(), "provider_cap": "-1", "deposit_rate": "0.2001"}
    problems = department().act("notices/", {"content": content}).json()["details"]["problems"]
    assert [(problem["key"], problem["message"]) for problem in problems] == [
        ("provider_cap", "不能为负数"),
        ("deposit_rate", "定金超过合同金额20%的部分不产生定金效力（民法典第五百八十六条）"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": 0},
        {"version": "x"},
        {"version": 1},
        {"version": 1, "reason": "长" * 501},
        {"version": 1.5, "reason": "x"},
    ],
)
def test_bad_acts_on_a_notice_are_a_400(body):
    notice = make_notice(state=NoticeState.DRAFT)
    answer = Caller(officer(Role.APPROVER)).act(f"notices/{notice.pk}/approve/", body)
    assert (answer.status_code, Notice.objects.get().state) == (400, "draft")


def test_acts_need_a_sign_in_a_key_and_the_seen_version(anonymous):
    notice = make_notice(state=NoticeState.DRAFT)
    path, body = f"/api/v1/notices/{notice.pk}/approve/", {"version": 1, "reason": "x"}
    assert anonymous.post(path, body, format="json", headers={"Idempotency-Key": "k"}).status_code == 401
    approver = Caller(officer(Role.APPROVER))
    assert approver.post(path, body, format="json").json()["code"] == "IDEMPOTENCY_KEY_MISSING"
    assert approver.act(path[8:], {**body, "version": 2}).json()["code"] == "VERSION_CONFLICT"


@pytest.mark.parametrize("query", ["year=x", "year=1", "year=20261", "state=mad", "kind=mad", "page_size=x&year=0"])
def test_bad_filters_are_a_400(query, anonymous):
    assert anonymous.get(f"/api/v1/notices/?{query}").status_code == 400


@pytest.mark.parametrize("pk", ["x", "-" * 36, NIL])
@pytest.mark.parametrize("room", ["notices", "appropriations", "suspensions"])
def test_unknown_ids_are_a_404(room, pk):
    caller = department()
    assert caller.get(f"/api/v1/{room}/{pk}/").status_code == 404
    for act in ("approve", "publish", "revise", "confirm", "reject", "resume"):
        assert caller.act(f"{room}/{pk}/{act}/", {"version": 1, "reason": "x"}).status_code == 404


# The budget.


def test_the_budget_is_public(anonymous):
    open_year(2026, budget="100000")
    shown = anonymous.get("/api/v1/programmes/2026/budget/").json()
    assert shown.pop("as_of").startswith("20")
    assert shown == {
        "year": 2026,
        "total": "100000.00",
        "committed": "0.00",
        "approved": "0.00",
        "paid": "0.00",
        "left": "100000.00",
        "carried": "0.00",
        "expired": "0.00",
        "suspended": False,
        "suspension": None,
    }


def test_a_pause_and_its_reason_are_public(anonymous):
    open_year(2026, budget="100000")
    answer = department().act("suspensions/", {"year": 2026, "reason": "年中预算调整"})
    shown = anonymous.get("/api/v1/programmes/2026/budget/").json()
    assert (answer.status_code, shown["suspended"], shown["suspension"]["reason"]) == (201, True, "年中预算调整")
    assert anonymous.get("/api/v1/suspensions/?open=true").json()["results"] == [shown["suspension"]]
    body = {"version": 1, "reason": "调整完成"}
    assert department().act(f"suspensions/{answer.json()['id']}/resume/", body).status_code == 200
    assert anonymous.get("/api/v1/programmes/2026/budget/").json()["suspended"] is False
    assert anonymous.get("/api/v1/suspensions/?open=true").json()["results"] == []


def test_a_year_before_its_first_entry_is_zero_and_opens_nothing(anonymous):
    assert anonymous.get("/api/v1/programmes/2031/budget/").json()["total"] == "0.00"
    assert ledger.account_id(books.BUDGET, books.BUDGET_OWNER, 2031) is None


@pytest.mark.parametrize("year", ["1999", "2100", "26", "20260", "-2026", "x", "２０２６", "2026.0"])
def test_years_that_are_none_are_a_404(year, anonymous):
    for path in ("budget", "budget/explain"):
        assert anonymous.get(f"/api/v1/programmes/{year}/{path}/").status_code == 404


def test_the_budget_explains_itself(anonymous, django_assert_num_queries):
    notice = open_year(2026, budget="100000")
    anonymous.get("/api/v1/programmes/2026/budget/explain/")
    with django_assert_num_queries(4):  # account, balance, entries, notice
        shown = anonymous.get("/api/v1/programmes/2026/budget/explain/").json()
    total, *_, left = shown["figures"]
    document = Appropriation.objects.get().source_doc_no
    assert (total["inputs"], total["result"], total["notice"]) == ({document: "100000.00"}, "100000.00", notice.label)
    assert (left["figure"], left["formula"], left["inputs"]["暂停签约线"]) == (
        "left",
        "预算总额减去已占用、已审定、已支付、已结转和已作废的金额。",
        "1000.00",
    )


def test_the_budget_without_a_notice_explains_itself_too(anonymous):
    appropriate(2026, "100000")
    assert anonymous.get("/api/v1/programmes/2026/budget/explain/").json()["figures"][0]["notice"] == ""


def test_money_is_entered_by_two_offices():
    answer = department().act("appropriations/", APPROPRIATION)
    assert (answer.status_code, answer.json()["state"], answer.json()["amount"]) == (201, "recorded", "30000000.00")
    path = f"appropriations/{answer.json()['id']}/confirm/"
    assert department().act(path, {"version": 1}).status_code == 403
    answer = Caller(officer(Role.FINANCE)).act(path, {"version": 1})
    assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")
    assert str(selectors.figures(2026).left) == "30000000.00"


def test_finance_may_send_a_document_back():
    row = appropriate(2026, "5", state="recorded")
    answer = Caller(officer(Role.FINANCE)).act(f"appropriations/{row.pk}/reject/", {"version": 1, "reason": "金额不符"})
    assert (answer.status_code, answer.json()["state"]) == (200, "rejected")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "-1.00"),
        ("amount", "0.00"),
        ("amount", "1.001"),
        ("amount", "1234567890123.00"),
        ("amount", "十万"),
        ("amount", "１"),
        ("amount", "1e3"),
        ("amount", "NaN"),
        ("amount", 0.1),
        ("amount", True),
        ("amount", None),
        ("amount", ["1"]),
        ("year", "x"),
        ("year", 1999),
        ("year", 2**70),
        ("year", None),
        ("kind", "gift"),
        ("source_doc_no", ""),
        ("source_doc_no", "长" * 81),
        ("source_doc_no", {"a": 1}),
    ],
)
def test_bad_entries_are_a_400(field, value):
    answer = department().act("appropriations/", {**APPROPRIATION, field: value})
    assert (answer.status_code, answer.json()["code"], list(answer.json()["details"])) == (
        400,
        "INVALID_FIELDS",
        [field],
    )
    assert Appropriation.objects.count() == 0


@pytest.mark.parametrize("field", ["amount", "year", "source_doc_no"])
def test_missing_fields_are_a_400(field):
    body = {name: value for name, value in APPROPRIATION.items() if name != field}
    assert list(department().act("appropriations/", body).json()["details"]) == [field]


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_nul_and_half_characters_are_a_400(text):
    raw = json.dumps({**APPROPRIATION, "source_doc_no": text})
    answer = department().post(
        "/api/v1/appropriations/", raw, content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert (answer.status_code, answer.json()["code"], Appropriation.objects.count()) == (400, "BAD_REQUEST", 0)


@pytest.mark.parametrize("role", [Role.ENTERPRISE_AGENT, Role.PROVIDER_SIGNATORY, Role.SYSTEM_ADMIN, Role.CITY])
def test_entries_are_seen_by_officers_alone(role):
    row = appropriate(2026, "5", state="recorded")
    caller = Caller(make_user(role))
    assert caller.get("/api/v1/appropriations/").json()["results"] == []
    assert caller.get(f"/api/v1/appropriations/{row.pk}/").status_code == 404
    assert caller.act(f"appropriations/{row.pk}/confirm/", {"version": 1}).status_code == 404
    assert len(Caller(officer(Role.SUPERVISOR)).get("/api/v1/appropriations/").json()["results"]) == 1


def test_entries_need_a_sign_in(anonymous):
    assert anonymous.get("/api/v1/appropriations/").status_code == 401


@pytest.mark.parametrize("rows", [1, 3])
def test_entry_lists_cost_one_query_at_any_length(rows, django_assert_num_queries):
    for _ in range(rows):
        appropriate(2026, "5", state="recorded")
    caller = Caller(officer(Role.FINANCE))
    caller.get("/api/v1/appropriations/")
    with django_assert_num_queries(1):
        assert len(caller.get("/api/v1/appropriations/").json()["results"]) == rows


@pytest.mark.parametrize(
    "body",
    [{}, {"year": 2026}, {"reason": "x"}, {"year": "x", "reason": "x"}, {"year": 2026, "reason": "长" * 501}],
)
def test_bad_pauses_are_a_400(body):
    open_year(2026, budget="100000")
    assert (department().act("suspensions/", body).status_code, Suspension.objects.count()) == (400, 0)


def test_a_pause_needs_a_sign_in_and_the_right_role(anonymous):
    body = {"year": 2026, "reason": "x"}
    assert anonymous.post("/api/v1/suspensions/", body, format="json").status_code == 401
    assert Caller(officer(Role.CENTRE_CHECKER)).act("suspensions/", body).status_code == 403
    assert Suspension.objects.count() == 0


# The command.


def load(tmp_path, text, by=None):
    path = tmp_path / "通知.yaml"
    path.write_text(text, encoding="utf-8")
    call_command("load_notice", str(path), f"--by={by or officer(Role.DEPARTMENT).username}")


def test_the_command_drafts_a_notice(tmp_path, capsys):
    load(tmp_path, TEXT)
    notice = Notice.objects.get()
    assert (notice.state, notice.parsed) == (NoticeState.DRAFT, notice_file.shipped("general-2026").rules)
    assert f"已起草 {notice.label}" in capsys.readouterr().out


@pytest.mark.parametrize("name", notice_file.SHIPPED)
def test_the_command_knows_what_ships(name):
    call_command("load_notice", name, f"--by={officer(Role.DEPARTMENT).username}")
    assert Notice.objects.get().year == int(name[-4:])


def test_the_command_prints_every_faulty_line(tmp_path, capsys):
    with pytest.raises(CommandError, match="共2处错误，未起草"):
        load(tmp_path, TEXT.replace("rate: 0.80", "rate: 80").replace("quota: 50000", "quota: -5"))
    assert capsys.readouterr().err.splitlines() == [
        "通知.yaml:18: tiers[0].quota: 不能为负数",
        "通知.yaml:56: categories[0].rate: 须为0与1之间的小数，例如 0.80",
    ]
    assert Notice.objects.count() == 0


@pytest.mark.parametrize(("role", "words"), [(Role.APPROVER, "不允许起草年度通知"), (None, "没有用户")])
def test_the_command_needs_somebody_who_may(tmp_path, role, words):
    with pytest.raises(CommandError, match=words):
        load(tmp_path, TEXT, by=officer(role).username if role else "nobody")


def test_the_command_says_when_there_is_no_file():
    with pytest.raises(CommandError, match="读不到文件"):
        call_command("load_notice", "nowhere.yaml", f"--by={officer(Role.DEPARTMENT).username}")


def test_the_shipped_file_is_plain_yaml():
    assert yaml.safe_load(TEXT)["notice"]["year"] == 2026
