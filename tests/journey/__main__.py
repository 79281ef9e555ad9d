"""`python -m tests.journey`: plays the year, prints what happened in Chinese and one JSON line, or says what went wrong."""

from __future__ import annotations

import json
import sys
import time
import traceback
import unicodedata
from typing import Any

from tests.journey.stage import Clock, serving  # first: it prepares the environment that Django reads

from tests.journey import invariants  # isort: skip
from tests.journey.cast import BUDGET_2026, BUDGET_ADDED, PROVIDER_CAP, PROVIDER_CAP_2027  # isort: skip
from tests.journey.client import Api, Failure  # isort: skip
from tests.journey.deals import fen  # isort: skip
from tests.journey.play import Play  # isort: skip
from tests.journey.seen import Seen  # isort: skip

HEADINGS = ("合同", "情形", "服务券（元）", "为何是此数", "状态", "支付日期")
ELSE = {"Z2": "不予兑付", "O1": "不予兑付", "K1": "上限已满，暂缓"}  # the contract itself is just confirmed
WIDTHS = (16, 28, 12, 30, 10, 10)


def main() -> int:
    """0 when the year went as the rules say."""
    started = time.perf_counter()
    clock = Clock()
    try:
        with serving() as port:
            play = Play(Api(port), clock)
            play.run()
            seen = Seen(play)
            print_table(seen)
            checked = invariants.check(seen)
            summary = summed_up(seen, checked)
    except Failure as failure:
        print(f"演练失败：{failure}", file=sys.stderr)
        return 1
    except Exception:  # noqa: BLE001 - whatever it was, the journey ends with a sentence and a non-zero code
        traceback.print_exc()
        print("演练中断：程序出现上述错误，未能走完全年。", file=sys.stderr)
        return 1
    finally:
        clock.stop()
    print(json.dumps({**summary, "seconds": round(time.perf_counter() - started, 1)}))
    return 0


def summed_up(seen: Seen, checked: int) -> dict[str, Any]:
    """The last line; every figure has been asserted by then."""
    return {
        "contracts": len(seen.contracts),
        "paid_fen": sum(fen(claim["paid"]) for claim in seen.paid.values()),
        "carried_over": len(seen.carried),
        "quota_expired_fen": seen.play.close["quota_expired_fen"],
        "ledger_balanced": True,
        "invariants_checked": checked,
    }


def print_table(seen: Seen) -> None:
    """What happened to each contract."""
    cast, deals = seen.cast, seen.play.deals
    print(
        f"2026年度通用券演练：{len(cast.enterprises)}家企业、{len(cast.providers)}家服务商、{len(deals)}份合同，"
        f"{seen.play.api.requests}次请求。"
    )
    print(
        f"为使“服务商上限”在少量合同内成为最小限额，演练所用通知第2版将单个服务商年度上限定为{PROVIDER_CAP}元"
        f"（2027年度{PROVIDER_CAP_2027}元；办法为500万元）；年初预算{BUDGET_2026}元，7月追加{BUDGET_ADDED}元。"
    )
    print(line(HEADINGS))
    for code, row in seen.contracts.items():
        deal = deals[code]
        paid = seen.claims.get(code, {}).get("paid_on") or "—"
        state = ELSE.get(code, row["state_label"])
        print(line((row["number"], f"{code} {deal.about}", row["voucher"], deal.why, state, paid)))


def line(cells: tuple[str, ...]) -> str:
    """Padded to the columns; a Chinese character is two wide."""
    return "  ".join(cell + " " * (width - wide(cell)) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


if __name__ == "__main__":
    sys.exit(main())
