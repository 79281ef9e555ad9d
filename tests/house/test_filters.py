"""The filters of every list: a value that cannot be, or a name nobody knows, is refused and never ignored."""

from __future__ import annotations

import pytest

from accounts.states import Role
from tests.factories.accounts import Caller, officer
from tests.house.routes import routes
from tests.house.test_bad_input import parameters

LISTS = [route for route in routes() if route.is_list]


@pytest.fixture
def clerk(world) -> Caller:
    return Caller(officer(Role.CENTRE_REVIEWER))


def refusal(client: Caller, address: str) -> tuple[int, str, str]:
    answer = client.get(f"/api/v1/{address}")
    return answer.status_code, answer.json().get("code"), answer.json().get("message")


def test_every_list_refuses_a_parameter_it_does_not_know(clerk):
    taken = [
        str(route) for route in LISTS if refusal(clerk, f"{route.url()[8:]}?stat=draft")[:2] != (400, "FILTER_UNKNOWN")
    ]
    assert taken == []


@pytest.mark.parametrize("junk", ["", "%00", "%E2%80%AE", "%ED%A0%80"])
def test_no_filter_of_any_list_ignores_what_no_value_can_be(clerk, junk):
    taken = [
        f"{route} {name}"
        for route in LISTS
        for name in parameters(route)
        if refusal(clerk, f"{route.url()[8:]}?{name}={junk}")[0] != 400
    ]
    assert taken == []


def test_the_known_names_are_told(clerk):
    assert refusal(clerk, "payments/?stat=draft") == (
        400,
        "FILTER_UNKNOWN",
        "没有查询参数 stat；此地址可用：state、kind、contract、page_size、cursor。",
    )


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("products/?is_diagnosis=abc", "查询参数 is_diagnosis 须为 true 或 false；收到的是“abc”，请更正后重试。"),
        ("suspensions/?open=abc", "查询参数 open 须为 true 或 false；收到的是“abc”，请更正后重试。"),
        ("contracts/?page_size=abc", "查询参数 page_size 须为1至200之间的整数；收到的是“abc”，请更正后重试。"),
        ("contracts/?page_size=-5", "查询参数 page_size 须为1至200之间的整数；收到的是“-5”，请更正后重试。"),
        ("contracts/?page_size=0", "查询参数 page_size 须为1至200之间的整数；收到的是“0”，请更正后重试。"),
        ("contracts/?page_size=201", "查询参数 page_size 须为1至200之间的整数；收到的是“201”，请更正后重试。"),
        ("contracts/?page_size=５", "查询参数 page_size 须为1至200之间的整数；收到的是“５”，请更正后重试。"),
        ("contracts/?quota_year=２０２６", "查询参数 quota_year 须为2000至2099之间的四位年份；收到的是“２０２６”，请更正后重试。"),
        ("contracts/?quota_year=26", "查询参数 quota_year 须为2000至2099之间的四位年份；收到的是“26”，请更正后重试。"),
        ("files/?purpose=abc", "查询参数 purpose 须为其中之一：evidence、receipt、invoice、material、letter、other；收到的是“abc”，请更正后重试。"),
        ("enterprises/?uscc=９１", "查询参数 uscc 须为不超过18个半角字母、数字或符号；收到的是“９１”，请更正后重试。"),
        ("payments/?kind=deposit&kind=balance", "查询参数 kind 只能给出一次；收到的是“balance”，请更正后重试。"),
        ("contracts/?provider=1", "查询参数 provider 须为编号（UUID），例如 00000000-0000-0000-0000-000000000000；收到的是“1”，请更正后重试。"),
    ],
)  # fmt: skip
def test_the_sentence_names_the_parameter_and_what_is_allowed(clerk, address, message):
    assert refusal(clerk, address) == (400, "FILTER_INVALID", message)


@pytest.mark.parametrize("address", ["contracts/", "products/"])
def test_a_category_is_one_that_a_notice_names(clerk, address):
    status, code, message = refusal(clerk, f"{address}?category=abc")
    assert (status, code) == (400, "FILTER_INVALID")
    assert "diagnosis" in message
    assert "digitalisation" in message
    assert clerk.get(f"/api/v1/{address}?category=diagnosis").status_code == 200


@pytest.mark.parametrize("value", ["0001-01-01", "9999-12-31T23:59:59", "２０２６-01-01", "2026-13-01", "x"])
def test_a_moment_is_one_of_our_time(clerk, value):
    assert refusal(clerk, f"contracts/?created_at__gte={value}")[:2] == (400, "FILTER_INVALID")


@pytest.mark.parametrize(
    "query",
    [
        "created_at__gte=2026-01-01", "created_at__lt=2099-01-01T00:00:00%2B08:00", "state=confirmed", "quota_year=2026",
        "page_size=1", "page_size=200",
    ],
)  # fmt: skip
def test_what_is_allowed_filters(clerk, world, query):
    listed = clerk.get(f"/api/v1/contracts/?{query}").json()["results"]
    assert str(world.pk("contracts")) in {row["id"] for row in listed} or query == "page_size=1"


def test_an_id_that_is_not_there_finds_nothing_and_says_no_more(clerk, world):
    unknown = "provider=00000000-0000-0000-0000-000000000000"
    assert clerk.get(f"/api/v1/contracts/?{unknown}").json()["results"] == []


def test_a_row_with_an_address_is_not_filtered_away(clerk, world):
    assert clerk.get(f"/api/v1/contracts/{world.pk('contracts')}/?state=draft").status_code == 200


def test_a_look_beside_a_row_knows_its_parameters_too(clerk, world):
    quota = f"enterprises/{world.pk('enterprises')}/quota/"
    assert refusal(clerk, f"{quota}?yaer=2025") == (400, "FILTER_UNKNOWN", "没有查询参数 yaer；此地址可用：year。")
    assert clerk.get(f"/api/v1/{quota}?year=2025").status_code == 200
    trail = f"contracts/{world.pk('contracts')}/trail/?year=2025"
    assert refusal(clerk, trail) == (400, "FILTER_UNKNOWN", "没有查询参数 year；此地址不用查询参数。")
