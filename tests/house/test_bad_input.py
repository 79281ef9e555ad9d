"""Bad input, sent to every moving POST and every list there is: a 4xx with a code and a sentence, nothing changed."""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from rest_framework.test import APIClient

from accounts.states import Role
from programmes import services as programmes
from tests.factories.accounts import officer
from tests.factories.contracts import make_parties
from tests.house.bodies import DEEP, DIGITS, LONG, edges, example, spoiled
from tests.house.routes import Route, moving, routes
from tests.house.world import World, contracts_in_every_state, picture, strangers, whole_house

pytestmark = pytest.mark.long

ROOMS = sorted({route.view.__module__.split(".")[0] for route in moving()})
_keys = itertools.count()
CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Prober(APIClient):
    """Sends raw bodies and collects what was answered wrongly, so that one run shows every fault."""

    def __init__(self, user: Any) -> None:
        super().__init__(raise_request_exception=False)
        self.force_authenticate(user)
        self.user = user
        self.faults: list[str] = []

    def send(self, url: str, raw: str | bytes, content_type: str = "application/json", key: str | None = None) -> Any:
        headers = {"Idempotency-Key": f"probe-{next(_keys)}" if key is None else key}
        cache.clear()  # nobody is asked to wait: how often one may try is tried elsewhere
        return self.generic("POST", url, raw, content_type=content_type, headers=headers)

    def expect(self, response: Any, what: str, statuses: Iterable[int]) -> None:
        """One of the statuses, and if it is a refusal, in the one shape of refusals."""
        shape = response.status_code < 300 or well_shaped(response)
        if response.status_code not in statuses or not shape:
            self.faults.append(f"{what} -> {response.status_code} {response.content[:160].decode()}")


def well_shaped(response: Any) -> bool:
    try:
        answer = response.json()
    except ValueError:
        return False
    return (
        set(answer) == {"code", "message", "details"}
        and re.fullmatch(r"[A-Z][A-Z0-9_]+", answer["code"]) is not None
        and CHINESE.search(answer["message"]) is not None
        and isinstance(answer["details"], dict)
        and (answer["code"] != "INVALID_FIELDS" or in_chinese(answer["details"]))
    )


def in_chinese(details: dict[str, list[str]]) -> bool:
    """Each field, nested ones too, is told in Chinese what is wrong with it."""
    return bool(details) and all(CHINESE.search(said) for sentences in details.values() for said in sentences)


def of_room(room: str) -> list[Route]:
    return [route for route in moving() if route.view.__module__.split(".")[0] == room]


def target(world: World, route: Route, by: Any) -> tuple[str, dict[str, Any]]:
    """The address of a row that exists, the caller's own where nobody has another's, and its version."""
    if not route.is_detail:
        return route.url(), {}
    if str(route).endswith("change-password/"):
        return route.url(by.pk), {}
    return route.url(world.pk(route.collection)), {"version": world.version(route.collection)}


@pytest.mark.parametrize("room", ROOMS)
def test_a_body_of_the_wrong_shape_is_refused_and_changes_nothing(room, world):
    prober = Prober(whole_house(world.parties.eo))
    before = picture()
    turns: Counter[Any] = Counter()
    for route in of_room(room):
        url, known = target(world, route, prober.user)
        for what, raw in spoiled(route.body(), turns, **known):
            prober.expect(prober.send(url, raw), f"{route} {what}", (400, 413))
    assert prober.faults == []
    assert picture() == before


NOT_A_BODY = [
    "", "null", "[]", "[1]", '"x"', "7", "true", "{", '{"version":', "{'version': 1}", '{"version": 1}}', DEEP,
    '{"a":' * 40 + "1" + "}" * 40, '{"version": NaN}', '{"version": Infinity}', '{"version": 1, "version": 2}',
    f'{{"version": {DIGITS}9{DIGITS}}}', '{"version": 1, "\\u0000": 1}', '{"version": 1, "x": "\\ud800"}',
    b"\xff\xfe{\x00}\x00", b"\x80", "\ufeff{}", "<a/>", "version=1",
]  # fmt: skip
OTHER_TYPES = [
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "",
]
BAD_KEYS = ["", "x" * 129, "键", "a\tb"]


UPLOADS = ["files/", "registry/imports/", "objections/papers/"]
NOT_MULTIPART = [
    ("application/json", "{}", 415),
    ("text/plain", "x", 415),
    ("multipart/form-data", "x", 400),
    ("multipart/form-data; boundary=", "x", 400),
    ("multipart/form-data; boundary=x", "x", 400),
    ("multipart/form-data; boundary=x", "--x\r\n\r\nno name\r\n--x--\r\n", 400),
    ("multipart/form-data; boundary=x", "--x--\r\n", 400),
]


@pytest.mark.parametrize("address", UPLOADS)
@pytest.mark.parametrize(("kind", "raw", "status"), NOT_MULTIPART)
def test_what_is_no_upload_is_refused_in_chinese(world, address, kind, raw, status):
    prober = Prober(officer(Role.CENTRE_CHECKER))
    before = picture()
    response = prober.send(f"/api/v1/{address}", raw, content_type=kind)
    prober.expect(response, f"{address} {kind}", (status,))
    assert prober.faults == []
    assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} ", response.json()["message"])
    assert picture() == before


def test_an_upload_is_told_what_its_address_takes(world):
    response = Prober(officer(Role.CENTRE_CHECKER)).send("/api/v1/files/", "{}")
    assert response.json() == {
        "code": "UNSUPPORTED_MEDIA_TYPE",
        "message": "不支持的内容类型。此地址只接受 multipart/form-data，请相应设置 Content-Type。",
        "details": {"takes": ["multipart/form-data"]},
    }


def test_fields_of_an_upload_past_their_limit_are_told_it(world):
    part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + "a" * 300_000 + "\r\n--x--\r\n"
    response = Prober(officer(Role.CENTRE_CHECKER)).send(
        "/api/v1/files/", part, content_type="multipart/form-data; boundary=x"
    )
    assert response.status_code == 413
    assert response.json() == {
        "code": "TOO_LARGE",
        "message": "请求内容超过大小上限：文件以外的内容不超过256 KB，一次不超过1个文件、200个字段。",
        "details": {"limit": 262144, "files": 1, "fields": 200},
    }


@pytest.mark.parametrize("raw", ["null", "[]", "7", '"x"'])
@pytest.mark.parametrize("address", ["auth/tokens/", "contracts/"])
def test_a_body_that_is_no_object_is_told_so(world, address, raw):
    response = Prober(whole_house(world.parties.eo)).send(f"/api/v1/{address}", raw)
    assert (response.status_code, response.json()["code"]) == (400, "BAD_REQUEST")
    assert response.json()["message"] == '请求无法解析：请求内容须为一个 JSON 对象，例如 {"version": 1}。'


def in_turn(table: list[Any], turn: int, step: int = 5) -> list[Any]:
    """A fifth of the table, another at each turn."""
    return table[turn % min(step, len(table)) :: step]


def test_what_is_no_body_at_all_is_refused_and_changes_nothing(world):
    """The parser is the same for all: each address gets a fifth of the table, in turn."""
    prober = Prober(whole_house(world.parties.eo))
    before = picture()
    for turn, route in enumerate(moving()):
        url, known = target(world, route, prober.user)
        proper = json.dumps(example(route.body(), **known))
        needs_nothing = not any(field.required for field in route.body().fields.values())
        for raw in in_turn(NOT_A_BODY, turn):
            if raw or not needs_nothing:
                prober.expect(prober.send(url, raw), f"{route} {raw[:30]!r}", (400,))
        for kind in in_turn(OTHER_TYPES, turn):
            prober.expect(prober.send(url, proper, content_type=kind), f"{route} {kind}", (400, 415))
        for key in in_turn(BAD_KEYS, turn):
            prober.expect(prober.send(url, proper, key=key), f"{route} key {key[:5]!r}", (400,))
        if turn % 10 == 0:
            prober.expect(prober.send(url, json.dumps({"x": LONG * 4})), f"{route} 360 kB", (413,))
    assert prober.faults == []
    assert picture() == before


def try_out(prober: Prober, url: str, body: dict[str, Any], what: str) -> None:
    """The request in a savepoint: if it was refused nothing changed, if it was taken its evidence is there; then undone."""
    with transaction.atomic():
        response = prober.send(url, json.dumps(body))
        prober.expect(response, what, (200, 201, 400, 403, 404, 409))
        if response.status_code < 300:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


SIDES = [(room, "po" if room in ("providers", "accreditation", "settlement") else "eo") for room in ROOMS] + [
    ("contracts", "po"),
    ("demands", "po"),
]


@pytest.mark.parametrize(("room", "side"), SIDES)
def test_a_body_at_the_edge_of_sense_is_never_a_server_error(room, side, world):
    prober = Prober(whole_house(getattr(world.parties, side)))
    for route in of_room(room):
        url, known = target(world, route, prober.user)
        for what, body in edges(route.body(), **known):
            try_out(prober, url, body, f"{route} {what}")
    assert prober.faults == []


def test_bad_versions_are_conflicts_and_change_nothing(world):
    prober = Prober(whole_house(world.parties.eo))
    before = picture()
    for route in moving():
        if route.is_detail and "version" in route.body().fields:
            url, known = target(world, route, prober.user)
            for version in (known["version"] + 1, 2**31 - 1):
                body = example(route.body(), version=version)
                prober.expect(prober.send(url, json.dumps(body)), f"{route} {version}", (400, 403, 404, 409))
    assert prober.faults == []
    assert picture() == before


def ids_in(route: Route, pk: Any) -> Iterable[dict[str, Any]]:
    """The body once for each field that names a row, with that id in it."""
    names = [name for name, field in route.body().fields.items() if type(field).__name__ == "UUIDField"]
    lists = [
        name
        for name, field in route.body().fields.items()
        if type(getattr(field, "child", None)).__name__ == "UUIDField"
    ]
    yield from ({name: str(pk)} for name in names)
    yield from ({name: [str(pk)]} for name in lists)


def test_other_tenants_ids_in_a_body_are_as_good_as_unknown(world):
    """Every field that names a row, given every row of the world by people who may see none of them."""
    before, faults = picture(), []
    for user in strangers():
        prober = Prober(user)
        before = picture()
        for route in (one for one in moving() if not one.is_detail):
            for row in world.rows.values():
                for named in ids_in(route, row.pk):
                    body = example(route.body(), **named)
                    prober.expect(prober.send(route.url(), json.dumps(body)), f"{route} {named}", (400, 403, 404, 409))
        faults += prober.faults
        assert picture() == before
    assert faults == []


JUNK = [
    "%00", "%ED%A0%80", "%FF", "x", "-1", "1.5", "NaN", "null", "[]", "{}", "'", "%27%3B--", "9" * 40, "%EF%BC%91", quote("长" * 500),
    "0001-01-01", "9999-12-31T23:59:59", "0001-01-01T00:00:00%2B14:00", "2026-02-30", "00000000-0000-0000-0000-000000000000", "", "%",
]  # fmt: skip


def cursors() -> Iterable[str]:
    """Cursors that decode, with positions that no key ever had."""
    for inside in (
        "p=x",
        "p=%00",
        "p=-1",
        "p=",
        "o=-1",
        "o=999999999999",
        "r=2",
        "p=" + "9" * 40,
        "p=1&p=2",
        "o=x",
        "p=%FF",
    ):
        yield quote(base64.b64encode(inside.encode()).decode())
    yield from ("%00", "x", "", "%EF%BC%91")


def parameters(route: Route) -> list[str]:
    """The filters that the list declares, the common ones, and one that nobody knows."""
    view = route.view()
    filters = [backend().get_filterset_class(view, view_queryset(view)) for backend in view.filter_backends]
    names = [name for found in filters if found for name in found.base_filters]
    return ["page_size", "nobody_knows", *names]


def view_queryset(view: Any) -> Any:
    """django-filter wants to know the model when the view only names fields."""
    meta: Any = getattr(view.serializer_class, "Meta", None)
    return meta.model.objects.none() if meta else None


def test_bad_query_parameters_are_never_a_server_error(world):
    prober = Prober(officer(Role.CENTRE_REVIEWER))
    before = picture()
    lists = [route for route in routes() if route.is_list]
    assert len(lists) >= 18
    for route in lists:
        queries = [f"{name}={junk}" for turn, name in enumerate(parameters(route)) for junk in in_turn(JUNK, turn, 3)]
        queries += [f"cursor={cursor}" for cursor in cursors()]
        for query in queries:
            with transaction.atomic():
                response = prober.get(f"{route.url()}?{query}")
            prober.expect(response, f"{route} ?{query[:60]}", (200, 400, 404))
    assert prober.faults == []
    assert picture() == before


BAD_IDS = [
    "%00",
    "x",
    "1",
    "0" * 36,
    "-" * 36,
    "9" * 40,
    "%ED%A0%80",
    "%FF",
    "..%2F..",
    "00000000-0000-0000-0000-000000000000",
]


def test_bad_ids_in_an_address_are_not_found(world):
    prober = Prober(whole_house(world.parties.eo))
    before = picture()
    for route in routes():
        if route.is_detail:
            for bad in BAD_IDS:
                body = json.dumps(example(route.body())) if route.body else ""
                response = prober.send(route.url(bad), body) if route.method == "POST" else prober.get(route.url(bad))
                prober.expect(response, f"{route} {bad}", (404,))
    assert prober.faults == []
    assert picture() == before


def test_bad_years_on_a_look_are_refused(world):
    prober = Prober(whole_house(world.parties.eo))
    looks = [f"enterprises/{world.pk('enterprises')}/quota/", f"enterprises/{world.pk('enterprises')}/quota/explain/"]
    looks += [f"enterprises/{world.pk('enterprises')}/{tail}/" for tail in ("quota/history", "quota/years", "passport")]
    looks += [f"enterprises/{world.pk('enterprises')}/tier/explain/", f"providers/{world.pk('providers')}/cap/"]
    looks += [f"providers/{world.pk('providers')}/cap/explain/"]
    for look in looks:
        for junk in JUNK:
            prober.expect(prober.get(f"/api/v1/{look}?year={junk}"), f"{look} {junk[:30]}", (200, 400, 404))
    for year in ("0000", "9999", "２０２６", "99999", "x", "-1", "%00"):
        prober.expect(prober.get(f"/api/v1/programmes/{year}/budget/"), f"budget {year}", (404,))
        prober.expect(prober.get(f"/api/v1/programmes/{year}/budget/explain/"), f"budget {year}", (404,))
    for code in ("x", "%00", "９１450199MA6K00014C", "9" * 500, "%FF"):
        prober.expect(prober.get(f"/api/v1/registry/uscc/{code}/"), f"uscc {code[:20]}", (400, 404))
    assert prober.faults == []


@pytest.mark.parametrize("side", ["eo", "po"])
def test_the_thread_is_never_a_server_error_in_any_state(side, world):
    """Each act on a contract in each state of its thread."""
    row = world.rows["suspensions"]
    programmes.resume_manually(by=officer(Role.DEPARTMENT), suspension_id=row.pk, version=row.version, reason="恢复")
    parties = make_parties()
    rows = list(contracts_in_every_state(parties))
    acts = [route for route in moving() if route.collection == "contracts" and route.is_detail]
    prober = Prober(whole_house(getattr(parties, side)))
    for row, route in itertools.product(rows, acts):
        body = example(route.body(), version=row.version)
        try_out(prober, route.url(row.pk), body, f"{route} in {row.state}")
    assert prober.faults == []
