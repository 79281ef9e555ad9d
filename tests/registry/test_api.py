import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from accounts.states import OrganisationKind, Role
from registry import selectors
from registry.models import RosterImport, TitleHolding
from registry.states import RosterState, TitleState
from tests.factories.accounts import Caller, make_organisation, make_uscc, make_user, officer
from tests.factories.registry import make_roster, make_title, roster_csv

pytestmark = pytest.mark.django_db
DAY = "2026-03-01"


def upload(caller, raw, key="k1", **fields):
    body = {
        "kind": "listed",
        "source_document": "统计函〔2026〕1号",
        "as_of": DAY,
        "file": SimpleUploadedFile("名册.csv", raw),
        **fields,
    }
    body = {name: value for name, value in body.items() if value is not None}
    return caller.post("/api/v1/registry/imports/", body, format="multipart", headers={"Idempotency-Key": key})


def test_a_roster_comes_in_by_two_people():
    code = make_uscc()
    answer = upload(Caller(officer(Role.CENTRE_CHECKER)), roster_csv("listed", f"{code},甲,2024-01-01,"))
    assert (answer.status_code, answer.json()["state"], answer.json()["row_count"]) == (201, "uploaded", 1)
    path = f"registry/imports/{answer.json()['id']}/confirm/"
    answer = Caller(officer(Role.CENTRE_REVIEWER)).act(path, {"version": 1})
    assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")


def test_the_same_key_and_file_answer_alike():
    caller, raw = Caller(officer(Role.CENTRE_CHECKER)), roster_csv("listed", f"{make_uscc()},甲,2024-01-01,")
    first, again = upload(caller, raw), upload(caller, raw)
    assert (first.json(), again.status_code, RosterImport.objects.count()) == (again.json(), 201, 1)


def test_every_faulty_line_is_in_the_answer():
    raw = roster_csv("listed", "x,甲,2024-01-01,", f"{make_uscc()},乙,昨天,")
    answer = upload(Caller(officer(Role.CENTRE_CHECKER)), raw)
    assert (answer.status_code, answer.json()["code"]) == (400, "ROSTER_INVALID")
    assert [problem["line"] for problem in answer.json()["details"]["problems"]] == [2, 3]
    assert RosterImport.objects.count() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "everything"},
        {"kind": None},
        {"as_of": "yesterday"},
        {"source_document": "长" * 201},
        {"source_document": "a\x00b"},
        {"source_document": ""},
        {"file": None},
        {"file": "not a file"},
    ],
)
def test_bad_uploads_are_a_400(fields):
    answer = upload(
        Caller(officer(Role.CENTRE_CHECKER)), roster_csv("listed", f"{make_uscc()},甲,2024-01-01,"), **fields
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_FIELDS")


def test_an_upload_as_json_is_a_415():
    assert Caller(officer(Role.CENTRE_CHECKER)).act("registry/imports/", {"kind": "listed"}).status_code == 415


def test_too_large_is_a_413():
    answer = upload(Caller(officer(Role.CENTRE_CHECKER)), b"x" * (5 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "ROSTER_TOO_LARGE")


def test_imports_are_seen_by_officers_alone():
    roster = make_roster("listed", f"{make_uscc()},甲,2024-01-01,", confirmed=False)
    assert Caller(officer(Role.SUPERVISOR)).get("/api/v1/registry/imports/").json()["results"][0]["id"] == str(
        roster.pk
    )
    for role in (Role.ENTERPRISE_AGENT, Role.PROVIDER_AGENT, Role.SYSTEM_ADMIN):
        caller = Caller(make_user(role))
        assert caller.get("/api/v1/registry/imports/").json()["results"] == []
        assert caller.get(f"/api/v1/registry/imports/{roster.pk}/").status_code == 404
        assert caller.act(f"registry/imports/{roster.pk}/confirm/", {"version": 1}).status_code == 404
    assert RosterImport.objects.get().state == RosterState.UPLOADED


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_at_any_length(rows, django_assert_num_queries):
    for _ in range(rows):
        make_roster("listed", f"{make_uscc()},甲,2024-01-01,")
        make_title(make_uscc())
    caller = Caller(officer(Role.CENTRE_REVIEWER))
    for path in ("imports", "titles"):
        caller.get(f"/api/v1/registry/{path}/")  # the caller's roles are read once
        with django_assert_num_queries(1):
            assert len(caller.get(f"/api/v1/registry/{path}/").json()["results"]) == rows


def test_a_title_is_recorded_and_refused_through_the_api():
    body = {
        "uscc": make_uscc().lower(),
        "title_code": "little_giant",
        "certificate_no": "X1",
        "issued_by": "工信部",
        "valid_from": "2025-01-01",
    }
    answer = Caller(officer(Role.CENTRE_CHECKER)).act("registry/titles/", body)
    assert (answer.status_code, answer.json()["title_name"], answer.json()["uscc"]) == (
        201,
        "专精特新“小巨人”企业",
        body["uscc"].upper(),
    )
    path = f"registry/titles/{answer.json()['id']}/reject/"
    answer = Caller(officer(Role.CENTRE_REVIEWER)).act(path, {"version": 1, "reason": "查无此证"})
    assert (answer.status_code, answer.json()["state"]) == (200, "rejected")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("uscc", 5, "USCC_INVALID"),
        ("uscc", {"a": 1}, "INVALID_FIELDS"),
        ("uscc", "9" * 33, "INVALID_FIELDS"),
        ("uscc", "91450199MA6K00014D", "USCC_INVALID"),
        ("title_code", "nobel", "UNKNOWN_TITLE"),
        ("title_code", None, "INVALID_FIELDS"),
        ("issued_by", "长" * 121, "INVALID_FIELDS"),
        ("valid_from", "2025-13-01", "INVALID_FIELDS"),
        ("valid_from", 20250101, "INVALID_FIELDS"),
        ("valid_to", "2024-01-01", "TITLE_PERIOD"),
    ],
)
def test_bad_titles_are_a_400(field, value, code):
    body = {
        "uscc": "91450199MA6K00014C",
        "title_code": "little_giant",
        "certificate_no": "X1",
        "issued_by": "工信部",
        "valid_from": "2025-01-01",
        field: value,
    }
    answer = Caller(officer(Role.CENTRE_CHECKER)).act("registry/titles/", body)
    assert (answer.status_code, answer.json()["code"], TitleHolding.objects.count()) == (400, code, 0)


def test_nul_in_json_is_a_400():
    answer = Caller(officer(Role.CENTRE_CHECKER)).act("registry/titles/", {"uscc": "a\x00b"})
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")


def test_an_enterprise_sees_its_own_titles():
    own = make_organisation(OrganisationKind.ENTERPRISE)
    mine, other = make_title(own.uscc), make_title(make_uscc())
    caller = Caller(make_user(Role.ENTERPRISE_AGENT, organisation=own))
    assert [row["id"] for row in caller.get("/api/v1/registry/titles/").json()["results"]] == [str(mine.pk)]
    assert caller.get(f"/api/v1/registry/titles/{other.pk}/").status_code == 404


@pytest.mark.parametrize("role", [Role.PROVIDER_AGENT, Role.SYSTEM_ADMIN, Role.AUDITOR])
def test_others_see_no_titles(role):
    make_title(make_uscc())
    assert Caller(make_user(role)).get("/api/v1/registry/titles/").json()["results"] == []


@pytest.mark.parametrize("query", ["state=mad", "uscc=" + "9" * 19, "title_code=" + "x" * 49, "uscc=a%00b"])
def test_a_bad_filter_is_a_400(query):
    assert Caller(officer(Role.CENTRE_REVIEWER)).get(f"/api/v1/registry/titles/?{query}").status_code == 400


@pytest.mark.parametrize("path", ["imports", "titles"])
def test_lists_need_a_sign_in(path, anonymous):
    assert anonymous.get(f"/api/v1/registry/{path}/").status_code == 401


@pytest.mark.parametrize("pk", ["x", "0" * 36, "00000000-0000-0000-0000-000000000000"])
def test_unknown_ids_are_a_404(pk):
    caller = Caller(officer(Role.CENTRE_REVIEWER))
    assert caller.get(f"/api/v1/registry/titles/{pk}/").status_code == 404
    assert caller.act(f"registry/imports/{pk}/confirm/", {"version": 1}).status_code == 404


@pytest.mark.parametrize(("path", "rows"), [("regions", 126), ("industries", 31), ("title-kinds", 14)])
def test_reference_data_is_public(path, rows, anonymous, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = anonymous.get(f"/api/v1/registry/{path}/")
    assert (answer.status_code, len(answer.json())) == (200, rows)


def test_a_code_is_checked_for_anyone(anonymous):
    assert anonymous.get("/api/v1/registry/uscc/91350100m000100y43/").json() == {
        "code": "91350100M000100Y43",
        "warnings": [
            {
                "code": "REGION_PREFIX",
                "message": "登记机关区划码不是45开头，请核对是否在区内登记（迁入企业可保留原代码）。",
            }
        ],
    }
    assert anonymous.get("/api/v1/registry/uscc/9135%00/").json()["code"] == "USCC_INVALID"


# --- the command


def import_roster(tmp_path, raw, **options):
    path = tmp_path / "名册.csv"
    path.write_bytes(raw)
    values = {"source": "统计函", "as_of": "2026-03-01", "by": officer(Role.CENTRE_CHECKER).username, **options}
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]
    call_command("import_roster", "listed", str(path), *arguments)


def test_the_command_brings_in_a_roster(tmp_path, capsys):
    code = make_uscc()
    second = officer(Role.CENTRE_REVIEWER).username
    import_roster(tmp_path, roster_csv("listed", f"{code},甲,2024-01-01,"), confirm_by=second)
    assert selectors.listed(code, RosterImport.objects.get().as_of) is not None
    assert "规上企业名录 1 行，已生效" in capsys.readouterr().out


def test_the_command_names_every_faulty_line(tmp_path, capsys):
    with pytest.raises(CommandError, match="共2处错误"):
        import_roster(tmp_path, roster_csv("listed", "x,甲,2024-01-01,", f"{make_uscc()},乙,,"))
    assert capsys.readouterr().err.splitlines() == [
        "名册.csv:2: 统一社会信用代码: 统一社会信用代码须为18位，现为1位。",
        "名册.csv:3: 入规日期: 不能为空",
    ]


@pytest.mark.parametrize(("options", "words"), [({"by": "nobody"}, "没有用户"), ({"confirm_by": "nobody"}, "没有用户")])
def test_the_command_needs_known_people(tmp_path, options, words):
    with pytest.raises(CommandError, match=words):
        import_roster(tmp_path, roster_csv("listed", f"{make_uscc()},甲,2024-01-01,"), **options)
    assert RosterImport.objects.count() == 0


def test_the_command_refuses_who_may_not(tmp_path):
    with pytest.raises(CommandError, match="不允许导入名册"):
        import_roster(
            tmp_path, roster_csv("listed", f"{make_uscc()},甲,2024-01-01,"), by=officer(Role.APPROVER).username
        )


def test_a_holding_shows_its_state():
    row = make_title(make_uscc(), state=TitleState.REVOKED)
    shown = Caller(officer(Role.SUPERVISOR)).get(f"/api/v1/registry/titles/{row.pk}/").json()
    assert (shown["state_label"], shown["revoked_on"]) == ("已撤销", str(row.revoked_on))
