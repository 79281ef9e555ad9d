"""The invariants of what is open and what is not: to the public, to other parties, to officers without need."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.journey.client import expect
from tests.journey.scenes import FILER, WISH
from tests.journey.seen import YEARS, Seen

PERSONAL = ("联系人", "10012345678", "10087654321", "@example.com", "0000001234567890", "000000987654", "干部", "签署e")
FILER_WORDS = (FILER["name"], FILER["identity_number"], FILER["phone"], FILER["email"], FILER["address"])


def the_public_sees_no_person(seen: Seen) -> None:
    """14. Public addresses show no personal data; the others ask who is there."""
    paths = ["providers/", "products/", "notices/", "suspensions/", "registry/title-kinds/", "performance/"]
    paths += ["publicities/", "publicity-items/", "demand-board/"]
    paths += [f"programmes/{year}/budget/{tail}" for year in YEARS for tail in ("", "explain/")]
    paths += [f"providers/{one.id}/{tail}" for one in seen.listed for tail in ("", "performance/")]
    for path in paths:
        text = json.dumps(seen.cast.public.get(path), ensure_ascii=False)
        shown = [word for word in PERSONAL if word in text]
        expect(shown, [], f"公开地址 {path} 出现的个人信息")
    for path in (
        "contracts/",
        "claims/",
        "enterprises/",
        "payments/",
        "invoices/",
        "payouts/",
        "files/",
        "users/",
        "messages/",
        "demands/",
        "demand-responses/",
        "objections/",
        "appeals/",
    ):
        expect(seen.cast.api.call("GET", path).status, 401, f"未登录访问 {path}")


def strangers_see_nothing(seen: Seen) -> None:
    """Another tenant's row is not there (404), and its acts are not either."""
    stranger, deal = seen.cast.enterprises["n3"].agent, seen.play.deals["A1"]
    for path in (f"contracts/{deal.id}/", f"claims/{deal.claim}/", f"enterprises/{deal.enterprise.id}/"):
        answer = seen.cast.api.call("GET", path, token=stranger.token())
        expect(answer.status, 404, f"其他单位查看 {path}")
    stranger.refused("NOT_FOUND", f"contracts/{deal.id}/sign/", version=1)


def the_board_shows_no_person(seen: Seen) -> None:
    """第十八条: what stood on the board, shown and being matched, had neither the contact nor any quote."""
    expect([row["state"] for row in seen.play.board], ["published", "matching"], "需求公开展示过的状态")
    for row in seen.play.board:
        text = json.dumps(row, ensure_ascii=False)
        words = [word for word in (WISH["contact_name"], WISH["contact_phone"], *PERSONAL) if str(word) in text]
        expect((words, "price" in row, "contact" in text), ([], False, False), "需求公开页面出现的个人信息、报价")
    path, stranger = f"demands/{seen.play.deals['D1'].demand}/", seen.cast.enterprises["n3"].agent
    expect(seen.cast.api.call("GET", path, token=stranger.token()).status, 404, f"其他企业查看 {path}")
    masked = seen.cast.dp.get(path)
    expect(masked["contact_phone"] == WISH["contact_phone"], False, "管理部门看到的需求联系电话应掩码")


def who_objected_is_known_to_nobody(seen: Seen) -> None:
    """8-39: the filer's identity shows in no public page, no file of a party, no list of an officer.

    Only 厅职能处室 and 厅审定 open it, with a reason and on record.
    """
    cast, deal, row = seen.cast, seen.play.deals["O1"], f"objections/{seen.play.objection}/"
    for who, path, told in _where_a_filer_could_show(seen):
        text = json.dumps(told, ensure_ascii=False)
        expect([word for word in FILER_WORDS if word in text], [], f"{who}看到的 {path} 出现的异议人身份")
    version = cast.dp.get(row)["version"]
    body = {"version": version, "reason": "需向异议人核实停产日期。"}
    for caller in (cast.co, deal.provider.signatory):
        found = caller.try_post(f"{row}identity/", **body)
        expect(found.status in (403, 404), True, f"{caller.username}查看异议人身份应被拒绝")
    opened = cast.ap.post(f"{row}identity/", **body)
    expect((opened["name"], opened["identity"]), (FILER["name"], FILER["identity_number"]), "厅审定查看的异议人")
    last = cast.dp.get(f"{row}trail/")[-1]
    expect((last["act"], last["reason"]), ("open_identity", body["reason"]), "查看异议人身份的存证")


def _where_a_filer_could_show(seen: Seen) -> Iterator[tuple[str, str, Any]]:
    """(who looks, where, what is there)."""
    cast, play = seen.cast, seen.play
    deal, row = play.deals["O1"], f"objections/{play.objection}/"
    for path in (f"publicities/{play.publicity}/", f"publicity-items/?publicity={play.publicity}"):
        yield "公众", path, cast.public.get(path)
    for path in (row, f"{row}trail/", f"claims/{deal.claim}/trail/", f"publicities/{play.publicity}/trail/"):
        yield "厅职能处室", path, cast.dp.get(path)
    for caller in (cast.co, cast.dp, deal.provider.agent, deal.enterprise.agent):
        yield caller.username, "messages/", caller.pages("messages/")
    for party in (deal.provider, deal.enterprise):
        yield party.name, "claim", party.agent.get(f"claims/{deal.claim}/")


def performance_is_the_contracts(seen: Seen) -> None:
    """第十六条: the public figures of each listed provider are what its contracts come to; p6's stood until it expired."""
    figures = {row["id"]: row for row in seen.cast.public.pages("performance/")}
    expect(set(figures), {party.id for party in seen.listed}, "公开执行情况的服务商")
    last = seen.cast.providers["p6"]
    figures[last.id] = seen.cast.dp.get(f"providers/{last.id}/performance/")  # officers still see it
    for code, party in seen.cast.providers.items():
        expect(_told(figures[party.id]), _counted(seen, code), f"{party.name}公开的合同执行情况")
    then = {**_told(seen.play.figures), "rating": seen.play.figures["rating"]}
    wanted = {"effective": 7, "running": 2, "confirmed": 5, "settled": 3, "failed": 0, "cancelled": 0, "rated": 5}
    expect(then, {**wanted, "rectifications": 0, "rating": "4.60"}, "p6到期前公开的合同执行情况")


COUNTED = ("effective", "running", "confirmed", "settled", "failed", "cancelled", "rated", "rectifications")


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in COUNTED}


def _counted(seen: Seen, provider: str) -> dict[str, int]:
    """The same figures, made from what each contract's page shows."""
    deals = {code for code, deal in seen.play.deals.items() if deal.provider.code == provider}
    rows = [seen.contracts[code] for code in sorted(deals)]
    paid = {
        id(row) for row in rows if any((one["kind"], one["state"]) == ("deposit", "matched") for one in row["payments"])
    }
    ended = [row for row in rows if row["state"] in ("terminated", "voided")]
    done = [row for row in rows if row["state"] in ("confirmed", "settled")]
    acts = [one["act"] for code in deals for one in seen.trails[code]]
    return {
        "effective": len(paid),
        "running": len(rows) - len(ended) - len(done) - sum(row["state"] == "cancelled" for row in rows),
        "confirmed": len(done),
        "settled": sum(row["state"] == "settled" for row in rows),
        "failed": sum(id(row) in paid for row in ended),
        "cancelled": sum(row["state"] == "cancelled" for row in rows),
        "rated": sum(bool(row["confirmation"]) for row in done),
        "rectifications": acts.count("reject"),
    }
