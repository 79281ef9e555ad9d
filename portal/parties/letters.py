"""授权书 of the people of one's house: which stand, until when, and withdrawing one (第十八条第（一）项)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse

from accounts import policies, selectors
from accounts.api.letters import LetterIn, LetterWithdrawIn
from accounts.models import AuthorisationLetter, User
from accounts.services import letters as services
from accounts.states import SIGNATORIES, LetterStanding
from foundation import clock
from portal.kit.access import PARTIES
from portal.kit.acts import Act, Deck
from portal.kit.days import day
from portal.kit.forms import BodyForm

TONES = {
    LetterStanding.COMING: "run",
    LetterStanding.IN_FORCE: "ok",
    LetterStanding.EXPIRED: "bad",
    LetterStanding.WITHDRAWN: "off",
}


class LetterForm(BodyForm):
    body = LetterIn
    uploads = {"file": "letter"}
    labels = {"role": "授权以何角色办理", "file": "授权书", "valid_from": "有效期自", "valid_until": "有效期至"}
    helps = {
        "file": "法定代表人签字并加盖公章的授权书。合同对方和管理部门可以查看。",
        "valid_until": "授权书没有载明的，不填。到期前工作台会提示更换。",
    }


class WithdrawForm(BodyForm):
    body = LetterWithdrawIn
    labels = {"reason": "撤销原因"}


def record(by: User, row: User, data: dict[str, Any]) -> AuthorisationLetter:
    """The act of the person's page."""
    return services.record(by=by, user_id=row.pk, file_id=data.pop("file"), **data)


DECK = Deck(
    name="letter",
    roles=PARTIES,
    rows=selectors.visible_letters,
    title=lambda row: f"{row.person.name}的授权书",
    home=lambda row: reverse("person", kwargs={"pk": row.person_id}),
    crumbs=lambda row: [(row.person.name, reverse("person", kwargs={"pk": row.person_id}))],
    acts=(
        Act(
            name="withdraw",
            label="撤销授权书",
            tone="danger",
            form=WithdrawForm,
            intro="撤销后不再据此授权；此前签署的仍然有效。不再办理业务的，请另行收回角色。",
            may=lambda by, row: policies.may_keep_letters(by, row.person) and row.withdrawn_at is None,
            run=lambda by, row, data: services.withdraw(by=by, letter_id=row.pk, **data),
            done="授权书已撤销。",
        ),
    ),
)


def period(letter: AuthorisationLetter) -> str:
    """From when until when, as people say it."""
    if letter.valid_until is None:
        return f"自{day(letter.valid_from)}起，未载明期限"
    return f"{day(letter.valid_from)}至{day(letter.valid_until)}"


def told(by: User, found: Iterable[AuthorisationLetter]) -> list[dict[str, Any]]:
    """Each with how it stands today and what may be done about it; those that stand first."""
    today = clock.today()
    rows = sorted(found, key=lambda one: (one.withdrawn_at is not None, -one.recorded_at.timestamp()))
    return [
        {
            "row": one,
            "period": period(one),
            "standing": (standing := one.standing(today)).label,
            "tone": TONES[standing],
            "acts": DECK.offered(by, one),
        }
        for one in rows
    ]


def summary(person: User, today: date) -> str:
    """What the list of people says: of a signatory also that there is none."""
    standing = [one for one in person.letters.all() if one.withdrawn_at is None]
    if not standing:
        held = {one.role for one in person.memberships.all() if one.ended_at is None}
        return "未登记" if held & SIGNATORIES else ""
    return "；".join(
        f"{one.standing(today).label}，" + (f"至{day(one.valid_until)}" if one.valid_until else "未载明期限")
        for one in standing
    )
