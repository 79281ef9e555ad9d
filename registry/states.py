"""States of what is recorded here, and which may follow which."""

from __future__ import annotations

from django.db.models import TextChoices


class RosterKind(TextChoices):
    LISTED = "listed", "规上企业名录"
    TITLES = "titles", "称号名单"
    DISHONEST = "dishonest", "严重失信主体名单"


class RosterState(TextChoices):
    UPLOADED = "uploaded", "待复核"
    CONFIRMED = "confirmed", "已生效"
    REJECTED = "rejected", "已退回"


class TitleState(TextChoices):
    RECORDED = "recorded", "待核验"
    VERIFIED = "verified", "已核验"
    REVOKED = "revoked", "已撤销"
    REJECTED = "rejected", "核验未通过"


ROSTER_ARCS: dict[str, frozenset[str]] = {
    RosterState.UPLOADED: frozenset({RosterState.CONFIRMED, RosterState.REJECTED}),
    RosterState.CONFIRMED: frozenset(),
    RosterState.REJECTED: frozenset(),
}
TITLE_ARCS: dict[str, frozenset[str]] = {
    TitleState.RECORDED: frozenset({TitleState.VERIFIED, TitleState.REJECTED}),
    TitleState.VERIFIED: frozenset({TitleState.REVOKED}),
    TitleState.REVOKED: frozenset(),
    TitleState.REJECTED: frozenset(),
}
