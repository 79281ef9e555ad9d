"""Anybody complains by his real name, without an account; who he is stays sealed (DOMAIN section 4 row 31, 10.12)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Organisation
from accounts.states import OrganisationKind, Role
from credit.models import Complaint, ComplaintFiler
from engines.notifications.models import OutboxEvent
from foundation.api.throttling import Follower, Stranger
from foundation.models import KeptAnswer
from tests.factories.accounts import Caller, both_sides, make_identity, make_organisation, make_uscc, officer
from tests.factories.credit import Offices, make_complaint
from tests.factories.providers import notice_of
from tests.house.world import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working_morning")]
NAME, PHONE = "赵实名", "10055556666"


@pytest.fixture
def party() -> Organisation:
    notice_of(2026)
    return make_organisation(OrganisationKind.PROVIDER)


def said(party: Organisation, **other: Any) -> dict[str, Any]:
    return {
        "filer_kind": "person", "name": NAME, "identity_number": make_identity(), "phone": PHONE,
        "uscc": party.uscc, "facts": "约定的讲师未到场。", "wish": "请核查", **other,
    }  # fmt: skip


def file(party: Organisation, **other: Any) -> dict[str, Any]:
    answer = Caller().act("complaints/public/", said(party, **other))
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def ask(receipt: dict[str, Any]) -> Any:
    body = {"receipt": receipt["receipt"], "secret": receipt["secret"]}
    return Caller().post("/api/v1/complaints/status/", body, format="json")


def test_from_the_form_to_the_answer_told_by_the_receipt(party: Organisation) -> None:
    hands, [_, pl] = Offices(), both_sides(party)
    receipt = file(party)
    assert (receipt["receipt"], receipt["accept_due"], len(receipt["secret"])) == ("TS-2026-000001", "2026-03-16", 20)
    asked = ask(receipt).json()
    assert (asked["receipt"], asked["state"]) == ("TS-2026-000001", "filed")
    row = Complaint.objects.get()
    assert [event.topic for event in OutboxEvent.objects.filter(title__startswith="收到投诉")] == ["complaint"]
    assert Caller(pl).get(f"/api/v1/complaints/{row.pk}/").status_code == 404  # not yet accepted
    path = f"complaints/{row.pk}"
    assert Caller(hands.co).act(f"{path}/accept/", {"version": 1}).status_code == 200
    seen = Caller(pl).get(f"/api/v1/{path}/").json()
    assert (seen["filer"], seen["facts"]) == (None, "约定的讲师未到场。")
    assert Caller(hands.cr).act(f"{path}/investigate/", {"version": 2, "findings": "属实"}).status_code == 200
    body = {"version": 3, "result": "责令整改", "has_large_effect": False}
    assert Caller(hands.dp).act(f"{path}/uphold/", body).status_code == 200
    answer = ask(receipt)
    assert (answer.json()["state"], answer.json()["result"]) == ("upheld", "责令整改")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_who_filed_stands_nowhere_but_in_the_seal(party: Organisation) -> None:
    identity = make_identity()
    receipt = file(party, identity_number=identity)
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ~ %s", [f"{identity}|{NAME}|{PHONE}"])
            assert cursor.fetchone() == (0,), table
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ~ %s", [receipt["secret"]])
            assert cursor.fetchone() == (0,), table
    row = Complaint.objects.get()
    [listed] = Caller(officer(Role.CENTRE_CHECKER)).get("/api/v1/complaints/").json()["results"]
    assert (listed["filer_kind"], listed["filer"]) == ("person", "个人（实名，身份密封保管）")
    assert (row.filer, row.filed_by) == (None, None)


def test_the_same_form_sent_again_gives_the_same_receipt_and_files_nothing(party: Organisation) -> None:
    body = said(party)
    first, again = (Caller().act("complaints/public/", body, key="one-form") for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert Complaint.objects.count() == 1
    assert first.json()["secret"] not in str(list(KeptAnswer.objects.values()))


@pytest.mark.parametrize("role", [Role.CENTRE_REVIEWER, Role.DEPARTMENT, Role.APPROVER])
def test_the_identity_is_opened_for_a_reason_and_on_record(party: Organisation, role: str) -> None:
    identity = make_identity()
    file(party, identity_number=identity)
    row, by = Complaint.objects.get(), officer(role)
    body = {"version": 1, "reason": "须核实经过"}
    answer = Caller(by).act(f"complaints/{row.pk}/identity/", body, key="open-1")
    assert answer.json() == {
        "number": row.number, "version": 2, "kind": "person", "name": NAME, "identity": identity, "phone": PHONE,
        "email": "", "address": "",
    }  # fmt: skip
    assert "name" not in Caller(by).act(f"complaints/{row.pk}/identity/", body, key="open-1").json()
    last = Caller(by).get(f"/api/v1/complaints/{row.pk}/trail/").json()[-1]
    assert (last["act"], last["reason"], last["actor_label"]) == ("open_identity", "须核实经过", str(by))


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.FINANCE])
def test_no_other_officer_opens_it(party: Organisation, role: str) -> None:
    file(party)
    row, by = Complaint.objects.get(), officer(role)
    before = picture()
    answer = Caller(by).act(f"complaints/{row.pk}/identity/", {"version": 1, "reason": "看看"})
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")
    assert picture() == before


def test_a_complaint_of_a_registered_party_has_no_seal_to_open() -> None:
    row = make_complaint()
    answer = Caller(officer(Role.DEPARTMENT)).act(f"complaints/{row.pk}/identity/", {"version": 1, "reason": "看看"})
    assert answer.status_code == 404


def test_a_seal_made_with_another_secret_opens_not_and_says_so(party: Organisation, settings: Any) -> None:
    file(party)
    settings.SEALING_SECRETS = {**settings.SEALING_SECRETS, "complaint": "another"}
    row = Complaint.objects.get()
    answer = Caller(officer(Role.DEPARTMENT)).act(f"complaints/{row.pk}/identity/", {"version": 1, "reason": "核实"})
    assert (answer.status_code, answer.json()["code"]) == (409, "SEAL_BROKEN")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"identity_number": "459900198501010038"}, "IDENTITY_INVALID"),
        ({"filer_kind": "unit", "identity_number": "91450199MA6K00014Z"}, "USCC_INVALID"),
        ({"uscc": "91450199MA6K00014Z"}, "USCC_INVALID"),
        ({"uscc": make_uscc()}, "PARTY_UNKNOWN"),
        ({"name": " "}, "INVALID_FIELDS"),
        ({"phone": ""}, "INVALID_FIELDS"),
        ({"facts": ""}, "INVALID_FIELDS"),
    ],
)
def test_what_cannot_be_dealt_with_is_refused_and_nothing_is_kept(
    party: Organisation, change: dict[str, str], code: str
) -> None:
    before = picture()
    answer = Caller().act("complaints/public/", said(party, **change))
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert picture() == before


def test_a_unit_does_not_complain_about_itself(party: Organisation) -> None:
    answer = Caller().act("complaints/public/", said(party, filer_kind="unit", identity_number=party.uscc))
    assert (answer.json()["code"], Complaint.objects.count()) == ("COMPLAINT_AGAINST_ONESELF", 0)


@pytest.mark.parametrize("wrong", [{"receipt": "TS-2026-999999"}, {"secret": "0" * 20}])
def test_a_wrong_receipt_or_word_gets_the_same_refusal(party: Organisation, wrong: dict[str, str]) -> None:
    answer = ask(file(party) | wrong)
    assert (answer.status_code, answer.json()["code"]) == (404, "RECEIPT_UNKNOWN")


def test_the_receipt_of_a_registered_party_opens_nothing() -> None:
    answer = ask({"receipt": make_complaint().number, "secret": "0" * 20})
    assert (answer.status_code, answer.json()["code"]) == (404, "RECEIPT_UNKNOWN")


def test_strangers_are_slowed_down(party: Organisation, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(Stranger, "THROTTLE_RATES", {"public_writes": "2/hour"})
    answers = [Caller().act("complaints/public/", said(party)).status_code for _ in range(3)]
    cache.clear()
    assert (answers, Complaint.objects.count()) == ([201, 201, 429], 2)


def test_asking_how_it_stands_does_not_use_up_filing(party: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    rates = {"public_writes": "1/hour", "public_lookups": "2/hour"}
    for throttle in (Stranger, Follower):
        monkeypatch.setattr(throttle, "THROTTLE_RATES", rates)
    receipt = file(party)
    answers = [ask(receipt).status_code for _ in range(3)]
    filed = Caller().act("complaints/public/", said(party)).status_code
    cache.clear()
    assert (answers, filed) == ([200, 200, 429], 429)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"facts": "我是张三13712345678，讲师未到场。"}, [{"field": "facts", "kind": "phone"}]),
        ({"wish": "回复zs@example.com"}, [{"field": "wish", "kind": "email"}]),
        ({"contract_number": "微信zhangsan88"}, [{"field": "contract_number", "kind": "messenger"}]),
    ],
)
def test_nobody_gives_himself_away_to_whom_he_complains_of(
    party: Organisation, change: dict[str, str], found: list[dict[str, str]]
) -> None:
    before = picture()
    answer = Caller().act("complaints/public/", said(party, **change))
    assert (answer.status_code, answer.json()["code"]) == (400, "PERSONAL_DATA")
    assert answer.json()["details"] == {"found": found}
    assert "由被投诉单位阅看" in answer.json()["message"]
    assert "不告知被投诉单位" in answer.json()["message"]
    assert picture() == before


def test_the_other_side_reads_what_the_officer_reworded(party: Organisation) -> None:
    hands, [_, pl] = Offices(), both_sides(party)
    file(party, facts="我是赵实名，讲师未到场。", wish="请向赵实名道歉")
    path = f"complaints/{Complaint.objects.get().pk}"
    body = {"version": 1, "told": "约定的讲师未到场。"}
    assert Caller(hands.co).act(f"{path}/accept/", body).status_code == 200
    seen = Caller(pl).get(f"/api/v1/{path}/")
    assert (seen.json()["facts"], seen.json()["wish"], seen.json()["told"]) == (
        "约定的讲师未到场。",
        "",
        "约定的讲师未到场。",
    )
    assert NAME not in seen.content.decode() + Caller(pl).get("/api/v1/complaints/").content.decode()
    kept = Caller(hands.cr).get(f"/api/v1/{path}/").json()
    assert (kept["facts"], kept["wish"], kept["told"]) == (
        "我是赵实名，讲师未到场。", "请向赵实名道歉", "约定的讲师未到场。",
    )  # fmt: skip


def test_what_the_other_side_is_told_has_no_telephone_either(party: Organisation) -> None:
    file(party)
    row, co = Complaint.objects.get(), officer(Role.CENTRE_CHECKER)
    before = picture()
    answer = Caller(co).act(f"complaints/{row.pk}/accept/", {"version": 1, "told": "来电13712345678反映"})
    assert (answer.status_code, answer.json()["details"]) == (400, {"found": [{"field": "told", "kind": "phone"}]})
    assert picture() == before


def test_nothing_is_told_before_it_is_accepted(party: Organisation) -> None:
    file(party)
    with pytest.raises(IntegrityError, match="complaint_told_when_accepted"), transaction.atomic():
        Complaint.objects.update(told="讲师未到场")


def test_the_database_keeps_who_filed_whole(party: Organisation) -> None:
    file(party)
    row = Complaint.objects.get()
    with pytest.raises(IntegrityError, match="complaint_filer_kind"), transaction.atomic():
        Complaint.objects.filter(pk=row.pk).update(filer_kind="registered")
    with pytest.raises(IntegrityError, match="complaint_filer_both"), transaction.atomic():
        Complaint.objects.filter(pk=row.pk).update(filed_by=officer(Role.CENTRE_CHECKER))
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        ComplaintFiler.objects.all().delete()


def test_a_code_that_is_none_is_told_which_there_are(party: Organisation) -> None:
    before = picture()
    answer = Caller().act("complaints/public/", said(party, filer_kind="gone"))
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_FIELDS")
    assert answer.json()["details"] == {"filer_kind": ["“gone”不在可选之列，可选：person（个人）、unit（单位）。"]}
    assert picture() == before
