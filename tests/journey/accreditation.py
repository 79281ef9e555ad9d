"""Who is let in, as it really goes: a round, applications, checks, drawn experts, signed sheets, a list on show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.factories.accounts import make_identity, make_uscc
from tests.journey.client import PASSWORD, Caller, expect
from tests.journey.stage import Clock

if TYPE_CHECKING:
    from tests.journey.cast import Cast, Party

ROUNDS, CASES = "accreditation/rounds", "accreditation/applications"
SHEETS, PANELS = "accreditation/score-sheets", "accreditation/panels"
EVERY_CATEGORY = ["diagnosis", "digitalisation", "innovation", "financing", "testing", "market", "other"]
POINTS = {
    "provider": {"qualification": "18", "capability": "36.5", "record": "27", "platform": "5"},
    "product": {"qualification": "27", "content": "36", "price": "25.5"},
}
MATERIALS = {
    "provider": ("licence", "qualification", "social_insurance", "tax"),
    "product": ("product_qualification", "price"),
}


@dataclass
class Call:
    """One round from its opening to its lists."""

    cast: Cast
    clock: Clock
    year: int
    experts: Sequence[Caller]
    id: str = ""
    cases: dict[str, list[str]] = field(default_factory=lambda: {"provider": [], "product": []})

    def open(self, first: str, last: str) -> None:
        """Drawn up, reviewed, decided and published: four people."""
        cast = self.cast
        title = f"关于征集{self.year}年度服务商和服务券产品的通知"
        row = cast.co.post(f"{ROUNDS}/", year=self.year, kind="both", title=title, opens_on=first, closes_on=last)
        self.id = str(row["id"])
        cast.cr.act(ROUNDS, self.id, "review")
        cast.ap.act(ROUNDS, self.id, "approve", approval_no=f"桂工信签〔{self.year}〕1号")
        cast.dp.act(ROUNDS, self.id, "publish")
        expect(cast.public.get(f"{ROUNDS}/{self.id}/")["state"], "open", "征集批次对公众公开")

    def apply(self, party: Party, kind: str, version: str | None = None, *, renew: bool = False) -> None:
        """Filled in, signed, checked condition by condition, accepted."""
        cast = self.cast
        body = {"round": self.id, "kind": kind, "renew": renew, **({"product_version": version} if version else {})}
        row = str(party.agent.post(f"{CASES}/", **body)["id"])
        self.cases[kind].append(row)
        kept = {one["kind"] for one in party.agent.get(f"{CASES}/{row}/materials/")}
        if kind == "provider":
            if not renew:
                party.agent.act(CASES, row, "edit", categories=EVERY_CATEGORY)
            party.agent.act(CASES, row, "list-clients", clients=self._clients(party))
        for one in MATERIALS[kind]:
            if one not in kept:
                party.agent.act(CASES, row, "attach", kind=one, file=party.agent.paper("material"))
        expect(party.agent.get(f"{CASES}/{row}/preflight/")["missing"], [], f"{party.name}申请材料齐全")
        party.signatory.act(CASES, row, "submit", commitment=True)
        found = cast.co.get(f"{CASES}/{row}/conditions/")
        expect({one["result"] for one in found}, {"ok"}, f"{party.name}各项条件自动核对")
        findings = [{"code": one["code"], "result": "ok", "note": "已核对"} for one in found]
        cast.co.act(CASES, row, "check", findings=findings)
        cast.dp.act(CASES, row, "accept", opinion="符合条件，提交专家评审。")

    def closed(self) -> None:
        """Beat has closed the round the day after its last."""
        expect(self.cast.co.get(f"{ROUNDS}/{self.id}/")["state"], "closed", "征集批次到期自动截止")

    def judge(self, kind: str) -> None:
        """Experts are drawn and confirmed, declare themselves, sign; the list is drawn up and decided."""
        cast = self.cast
        panel = cast.co.act(ROUNDS, self.id, "draw", kind=kind)
        expect(cast.dp.get(f"{PANELS}/{panel['id']}/redraw/")["same"], True, "抽取专家可重新计算")
        cast.dp.act(PANELS, panel["id"], "approve")
        given = [{"code": code, "points": points} for code, points in POINTS[kind].items()]
        for expert in self.experts:
            for sheet in expert.pages(f"{SHEETS}/"):
                if sheet["state"] == "assigned":
                    expert.act(SHEETS, sheet["id"], "declare", conflict=False)
                    expert.act(SHEETS, sheet["id"], "sign", points=given, vote=True, comment="材料属实。")
        for row in self.cases[kind]:
            expect(cast.dp.get(f"{CASES}/{row}/")["state"], "scored", "全部专家签署后汇总")
        cast.dp.get(f"{ROUNDS}/{self.id}/")
        cast.dp.act(ROUNDS, self.id, "recommend", kind=kind)
        cast.ap.act(ROUNDS, self.id, "approve-list", kind=kind, approval_no=f"桂工信纪要〔{self.year}〕3号")

    def show(self, kind: str, first: str, last: str, reference: str) -> str:
        """The list is on public show."""
        cast = self.cast
        cast.dp.act(ROUNDS, self.id, "publicise", kind=kind, first=first, last=last, reference=reference)
        publicity = str(cast.dp.get(f"{CASES}/{self.cases[kind][0]}/")["publicity"])
        expect(cast.dp.get(f"publicities/{publicity}/")["last"], last, "公示截止日期")
        return publicity

    def enter(self, kind: str, publicity: str) -> None:
        """The period is over, nobody objected."""
        self.cast.dp.act("publicities", publicity, "close")
        for row in self.cases[kind]:
            expect(self.cast.dp.get(f"{CASES}/{row}/")["state"], "listed", "公示期满列入名单")

    def _clients(self, party: Party) -> list[dict[str, Any]]:
        paper, day = party.agent.paper("material"), f"{self.clock.today().year - 1}-06-30"
        return [{"name": f"客户{n}", "uscc": make_uscc(), "served_on": day, "file": paper} for n in range(10)]


def register_experts(cast: Cast) -> list[Caller]:
    """Five experts of every field, proposed by the centre and confirmed by the department."""
    for number in range(1, 6):
        row = cast.co.post(
            "accreditation/experts/",
            username=f"expert_{number}",
            password=PASSWORD,
            name=f"专家{number}",
            identity_number=make_identity(),
            title="正高级工程师",
            fields_known=EVERY_CATEGORY,
            unit_name="演练大学",
            unit_uscc=make_uscc(),
        )
        cast.dp.act("accreditation/experts", row["id"], "confirm")
    return [Caller(cast.api, f"expert_{number}") for number in range(1, 6)]
