"""公示 and objections as people meet them over HTTP, most of them without an account."""

from __future__ import annotations

import itertools

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.states import Role
from engines.publicity.models import Objection
from foundation.models import KeptAnswer
from tests.factories.accounts import Caller, make_user, officer
from tests.factories.publicity import PDF, items, make_case, make_publicity, upload
from tests.publicity.support import at

pytestmark = pytest.mark.django_db
_keys = itertools.count()
BODY = {
    "filer_kind": "person",
    "name": "张三",
    "identity_number": "459900198501010037",
    "phone": "10012345678",
    "grounds": "公示内容与事实不符。",
}


@pytest.fixture(autouse=True)
def fresh_counts():
    """What other tests have sent does not count against these."""
    cache.clear()


def send(client, path, body, key=None, kind="json"):
    return client.post(f"/api/v1/{path}", body, format=kind, headers={"Idempotency-Key": key or f"k{next(_keys)}"})


def file(client, item, key=None, kind="json", **fields):
    return send(
        client, f"publicities/{item.publicity_id}/objections/", {**BODY, "item": str(item.pk), **fields}, key, kind
    )


def test_anybody_reads_a_list_and_whom_to_turn_to(anonymous):
    publicity = make_publicity(2)
    shown = anonymous.get(f"/api/v1/publicities/{publicity.pk}/").json()
    assert (shown["first"], shown["last"], shown["item_count"]) == ("2026-03-02", "2026-03-06", 2)
    assert shown["kind_label"] == "测试名单公示"
    assert shown["contact"] == {
        "office": "示例工业和信息化厅服务券办公室",
        "address": "示例市示例路1号",
        "phone": "0771-0000000",
        "mailbox": "publicity@example.gov.cn",
    }
    assert shown["digest"] == publicity.digest
    assert not {name for name in shown if name.endswith("_by")}


def test_anybody_searches_what_stands_on_a_list(anonymous):
    publicity = make_publicity(3)
    make_publicity(1)
    wanted = items(publicity)[1]
    listed = anonymous.get(f"/api/v1/publicity-items/?publicity={publicity.pk}").json()["results"]
    assert [row["position"] for row in listed] == [1, 2, 3]
    found = anonymous.get(f"/api/v1/publicity-items/?label={wanted.label}").json()["results"]
    assert [row["id"] for row in found] == [str(wanted.pk)]


def test_a_list_that_has_not_begun_is_the_offices_own(anonymous, travel):
    publicity = make_publicity(1, first=at(2026, 3, 3).date())
    assert anonymous.get(f"/api/v1/publicities/{publicity.pk}/").status_code == 404
    assert anonymous.get("/api/v1/publicity-items/").json()["results"] == []
    assert Caller(officer(Role.CENTRE_REVIEWER)).get(f"/api/v1/publicities/{publicity.pk}/").status_code == 200
    travel.move_to(at(2026, 3, 2, 16, 0))
    assert anonymous.get(f"/api/v1/publicities/{publicity.pk}/").status_code == 200


def test_the_trail_names_officers_and_is_the_offices_own(anonymous):
    address = f"/api/v1/publicities/{make_publicity(1).pk}/trail/"
    assert anonymous.get(address).json()["code"] == "NOT_SIGNED_IN"
    assert Caller(make_user(Role.PROVIDER_AGENT)).get(address).json()["code"] == "NOT_ALLOWED"
    assert [one["act"] for one in Caller(officer(Role.SUPERVISOR)).get(address).json()] == ["open"]


def test_anybody_objects_and_asks_how_it_stands(anonymous):
    answer = file(anonymous, items(make_publicity(1))[0])
    assert answer.status_code == 201
    receipt = answer.json()
    assert (receipt["receipt"], receipt["accept_due"], len(receipt["secret"])) == ("YY-2026-00001", "2026-03-09", 20)
    asked = send(anonymous, "objections/status/", {"receipt": receipt["receipt"], "secret": receipt["secret"]}).json()
    assert (asked["state"], asked["state_label"], asked["outcome"]) == ("filed", "待受理", "")
    assert asked["receipt"] == receipt["receipt"]


def test_grounds_that_tell_how_to_reach_somebody_are_refused(anonymous):
    item = items(make_publicity(1))[0]
    answer = file(anonymous, item, grounds="我是张三13712345678，公示与事实不符。")
    assert (answer.status_code, answer.json()["code"]) == (400, "PERSONAL_DATA")
    assert answer.json()["details"] == {"found": [{"field": "grounds", "kind": "phone"}]}
    assert "另行密封保存" in answer.json()["message"]
    assert Objection.objects.count() == 0


def test_a_lost_answer_is_given_again_with_its_secret(anonymous):
    item = items(make_publicity(1))[0]
    first, again = (file(anonymous, item, key="mine") for _ in range(2))
    assert first.json() == again.json()
    assert Objection.objects.count() == 1


def test_a_unit_objects_with_its_letter(anonymous):
    item = items(make_publicity(1))[0]
    unit = {"filer_kind": "unit", "name": "某公司", "identity_number": "91450199MA6K00014C"}
    bare = file(anonymous, item, **unit)
    assert (bare.status_code, bare.json()["code"]) == (400, "OBJECTION_LETTER_MISSING")
    answer = file(anonymous, item, kind="multipart", letter=upload("盖章函.pdf"), **unit)
    assert answer.status_code == 201, answer.content


def test_a_file_of_another_name_or_kind_is_refused(anonymous):
    item = items(make_publicity(1))[0]
    assert file(anonymous, item, kind="multipart", photo=upload()).json()["code"] == "FILE_FIELD_UNKNOWN"
    odd = file(anonymous, item, kind="multipart", evidence=upload("a.pdf", b"MZ\x90\x00not a pdf"))
    assert (odd.status_code, odd.json()["code"]) == (400, "FILE_TYPE_UNKNOWN")
    assert Objection.objects.count() == 0


def test_evidence_is_added_with_the_receipt_and_read_by_the_handlers(anonymous):
    case = make_case()
    given = {"receipt": case.at.number, "secret": case.receipt.secret, "file": upload("李四的合同.pdf")}
    assert send(anonymous, "objections/papers/", given, kind="multipart").status_code == 201
    checker = Caller(officer(Role.CENTRE_CHECKER))
    (paper,) = checker.get(f"/api/v1/objections/{case.row.pk}/").json()["files"]
    assert paper["name"] == "证据材料1.pdf"
    content = checker.get(f"/api/v1/objection-files/{paper['id']}/content/")
    assert (content.content, content.headers["Cache-Control"]) == (PDF, "private, no-store")
    assert Caller(officer(Role.FINANCE)).get(f"/api/v1/objection-files/{paper['id']}/content/").status_code == 404


def test_a_signed_in_filer_is_not_remembered_as_such():
    """Who is signed in is not asked: the account would tell who filed."""
    client = APIClient()
    client.force_login(make_user(Role.ENTERPRISE_AGENT))
    answer = file(client, items(make_publicity(1))[0])
    assert answer.status_code == 201
    assert KeptAnswer.objects.latest("pk").caller.startswith("anonymous:")


def test_who_floods_is_told_when_to_come_back(anonymous):
    wrong = {"receipt": "YY-2026-00001", "secret": "0" * 20}
    answers = [send(anonymous, "objections/ask-review/", {**wrong, "grounds": "再看"}) for _ in range(21)]
    assert [one.status_code for one in answers] == [404] * 20 + [429]
    assert send(anonymous, "objections/status/", wrong).status_code == 404  # asking is counted apart
    last = answers[-1]
    assert last.json()["code"] == "TOO_MANY_REQUESTS"
    assert last.json()["message"] == f"请求过于频繁，请{last.json()['details']['wait']}秒后再试。"
    assert int(last.headers["Retry-After"]) == last.json()["details"]["wait"] > 0


def test_the_whole_story_over_http(anonymous, travel, told):
    """Shown, objected to, held, looked into, answered, closed: seven people, one of them a stranger."""
    publicity = make_publicity(2)
    disputed = items(publicity)[0]
    receipt = file(anonymous, disputed).json()
    checker, investigator = Caller(officer(Role.CENTRE_CHECKER)), Caller(officer(Role.DEPARTMENT))
    decider, reviewer = Caller(officer(Role.APPROVER)), Caller(officer(Role.DEPARTMENT))
    (listed,) = checker.get("/api/v1/objections/?state=filed").json()["results"]
    at_id, version = f"objections/{listed['id']}", listed["version"]
    for client, act, body in (
        (checker, "accept", {}),
        (investigator, "investigate", {}),
        (investigator, "report", {"findings": "属实。"}),
        (decider, "extend", {"reason": "外调"}),
        (decider, "decide", {"outcome": "upheld", "answer": "异议成立。"}),
        (investigator, "notify", {"how": "电话"}),
        (checker, "register-review", {"asked_by": "party", "grounds": "补充材料"}),
        (reviewer, "conclude", {"outcome": "upheld", "answer": "维持。"}),
    ):
        answer = client.act(f"{at_id}/{act}/", {"version": version, **body})
        assert answer.status_code == 200, (act, answer.content.decode())
        version = answer.json()["version"]
    travel.move_to(at(2026, 3, 9, 2))
    closed = investigator.act(f"publicities/{publicity.pk}/close/", {"version": 1})
    assert closed.json()["state"] == "closed_clear"
    assert [what[0] for what in told.said] == ["hold", "remove", "close"]
    asked = send(anonymous, "objections/status/", {"receipt": receipt["receipt"], "secret": receipt["secret"]}).json()
    assert (asked["state"], asked["outcome"], asked["review_answer"]) == ("closed", "upheld", "维持。")


def test_late_ones_are_found(travel):
    case = make_case()
    client = Caller(officer(Role.CENTRE_CHECKER))
    assert client.get("/api/v1/objections/?late=true").json()["results"] == []
    travel.move_to(at(2026, 3, 10, 2))
    (found,) = client.get("/api/v1/objections/?late=true").json()["results"]
    assert (found["id"], found["due_on"], found["is_late"]) == (str(case.row.pk), "2026-03-09", True)
