"""The parts of a notice that say who may become a provider and how experts judge, read from its tree."""

from __future__ import annotations

from programmes.fields import Fields
from programmes.rules import Admission, Criterion, Review

FULL_SCORE = 100


def admission(fields: Fields) -> Admission:
    """The conditions of 第十三条."""
    made = Admission(
        years=fields.whole("years", 0, 100),
        core_staff=fields.whole("core_staff", 0, 10_000),
        insured_months=fields.whole("insured_months", 0, 600),
        clients=fields.whole("clients", 0, 10_000),
        revenue=fields.money("revenue"),
        new_body_years=fields.whole("new_body_years", 0, 10),
        article=fields.text("article", 80),
    )
    fields.done()
    return made


def review(fields: Fields) -> Review:
    """Experts, the majority they need, and the two score sheets."""
    made = Review(
        experts=fields.whole("experts", 1, 99),
        pass_votes=fields.whole("pass_votes", 1, 99),
        pass_of=fields.whole("pass_of", 1, 99),
        avoidance_years=fields.whole("avoidance_years", 0, 50),
        provider_criteria=_criteria(fields, "provider_criteria"),
        product_criteria=_criteria(fields, "product_criteria"),
        basis=fields.text("basis", 200),
    )
    if fields.good("experts") and made.experts % 2 == 0:
        fields.fault("experts", f"须为单数，现为{made.experts}")
    if fields.good("pass_votes", "pass_of") and made.pass_votes > made.pass_of:
        fields.fault("pass_votes", f"不能多于{made.pass_of}")
    fields.done()
    return made


def _criteria(fields: Fields, key: str) -> tuple[Criterion, ...]:
    codes: set[str] = set()
    found = []
    for row in fields.rows(key):
        found.append(
            Criterion(
                row.code("code", codes), row.text("name", 40), row.whole("points", 1, FULL_SCORE), row.text("basis", 80)
            )
        )
        row.done()
    total = sum(one.points for one in found)
    if fields.good(key) and total != FULL_SCORE:
        fields.fault(key, f"各项满分之和须为{FULL_SCORE}，现为{total}")
    return tuple(found)
