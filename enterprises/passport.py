"""The tier passport: every list that was looked at, what each line earns, what is missing for the next tier. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from enterprises import tiering
from enterprises.states import Standing
from enterprises.tiering import Grade, Held
from programmes.rules import Rules, Tier
from registry.reference import NEWLY_LISTED, title_kinds
from registry.states import TitleState

LISTED, DISHONEST = "listed", "dishonest"
LINE_NAMES = {LISTED: "规上企业名录", DISHONEST: "严重失信主体名单"}
ENDS_WITHIN = 90  # days before a title ends from which its holder is told; a courtesy, no figure of the 办法


@dataclass(frozen=True)
class Paper:
    """One record of the registry behind a line: where it comes from, for how long it holds, who verified it.

    `until` is its last day. `id` is a title's; a line of a roster has none of its own.
    """

    source: str
    standing: Standing
    since: date
    until: date | None = None
    revoked_on: date | None = None
    id: str | None = None
    issued_by: str = ""
    doc_no: str = ""
    certificate_no: str = ""
    verified_by: str = ""
    verified_at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One list or title: whether it is held on the day, and what that says. `tier` is what it earns when held."""

    code: str
    name: str
    standing: Standing
    says: str
    tier: Tier | None = None
    papers: tuple[Paper, ...] = ()

    @property
    def held(self) -> bool:
        return self.standing == Standing.COUNTS


@dataclass(frozen=True)
class NextTier:
    """The next tier up. Any one of `ways` earns it, and it `adds` so much to the year's quota, in 元."""

    tier: Tier
    adds: Decimal
    ways: tuple[Line, ...]


@dataclass(frozen=True)
class Ending:
    """A held title that ends soon, and the tier that is left without it, by this year's notice."""

    line: Line
    until: date
    days_left: int
    tier_after: Tier


@dataclass(frozen=True)
class Known:
    """What the registry says: papers by title code, periods in the roster and on the 失信 list, latest first."""

    titles: Mapping[str, Sequence[Paper]] = field(default_factory=dict)
    listings: Sequence[Paper] = ()
    dishonesty: Sequence[Paper] = ()


@dataclass(frozen=True)
class Passport:
    """All of it for one day, under one notice."""

    lines: tuple[Line, ...]
    next_tier: NextTier | None
    endings: tuple[Ending, ...]


def standing(state: str, since: date, until: date | None, revoked_on: date | None, day: date) -> Standing:
    """How a recorded title stands on the day; one revoked later than the day did count (registry.selectors.titles)."""
    if state == TitleState.RECORDED:
        return Standing.WAITING
    if state == TitleState.REJECTED:
        return Standing.REJECTED
    if revoked_on is not None and revoked_on <= day:
        return Standing.REVOKED
    return span(since, until, day)


def span(since: date, until: date | None, day: date) -> Standing:
    """How a period with its first and last day stands on `day`."""
    if day < since:
        return Standing.NOT_YET
    return Standing.ENDED if until is not None and until < day else Standing.COUNTS


def read(rules: Rules, grade: Grade, known: Known, *, day: date, year: int, adjusted: Decimal) -> Passport:
    """The passport of one enterprise. `grade` is its tier on `day`, `adjusted` its decided adjustments in 元 (第十条).

    Every title that the year's notice names has a line, held or not, and so has every other one on record.
    """
    titles = _titles(rules, known, day, year)
    lines = (_listed(known.listings), _dishonest(known.dishonesty), *titles)
    return Passport(lines, _next(rules, grade.tier, titles, adjusted), tuple(_endings(rules, grade, titles, day, year)))


def _titles(rules: Rules, known: Known, day: date, year: int) -> tuple[Line, ...]:
    named = {code for tier in rules.tiers for code in tier.titles}
    found = []
    for code in named | set(known.titles):
        tier = tiering.best(rules, code)
        if code == NEWLY_LISTED:
            found.append(_newly_listed(rules, known.listings, tier, year))
        else:
            found.append(_title(code, tier, tuple(known.titles.get(code, ()))))
    return tuple(sorted(found, key=lambda line: (-line.tier.quota if line.tier else Decimal(1), line.code)))


# Of several records of one title the line shows the one that is worth most, in this order.
_WORTH = (
    Standing.COUNTS,
    Standing.WAITING,
    Standing.NOT_YET,
    Standing.ENDED,
    Standing.REVOKED,
    Standing.REJECTED,
)


def _title(code: str, tier: Tier | None, papers: tuple[Paper, ...]) -> Line:
    kind = title_kinds().get(code)
    name = kind.name if kind else code
    ordered = tuple(sorted(papers, key=lambda paper: _WORTH.index(paper.standing)))  # stable: the latest stays first
    if not ordered:
        return Line(code, name, Standing.ABSENT, "平台没有登记该称号；已取得的，可提出异议并附证书。", tier)
    best = ordered[0]
    return Line(code, name, best.standing, _says(best), tier, ordered)


def _says(paper: Paper) -> str:
    number = paper.certificate_no or paper.doc_no
    if paper.standing == Standing.COUNTS:
        return f"有效至{paper.until}（{number}）。" if paper.until else f"长期有效（{number}）。"
    return {
        Standing.WAITING: f"已登记（{number}），核验后生效。",
        Standing.NOT_YET: f"有效期自{paper.since}起，届时生效。",
        Standing.ENDED: f"已于{paper.until}到期；已续期的，可提出异议并附新证书。",
        Standing.REVOKED: f"已自{paper.revoked_on}起撤销。",
        Standing.REJECTED: f"登记的证书（{number}）核验未通过。",
    }[paper.standing]


def _listed(periods: Sequence[Paper]) -> Line:
    found = _present(periods)
    says = f"在库，入库日期{found.since}。" if found.standing == Standing.COUNTS else _gone(found)
    return Line(LISTED, LINE_NAMES[LISTED], found.standing, says, None, tuple(periods))


def _gone(found: Paper) -> str:
    if found.standing == Standing.ENDED:
        return f"已退库，在库至{found.until}。"
    if found.standing == Standing.NOT_YET:
        return f"自{found.since}起入库。"
    return "名录中没有该统一社会信用代码。"


def _dishonest(periods: Sequence[Paper]) -> Line:
    found = _present(periods)
    if found.standing == Standing.COUNTS:
        says = f"自{found.since}起列入（{found.source}），不能签订新合同。"
    else:
        says = "未列入。"
    return Line(DISHONEST, LINE_NAMES[DISHONEST], found.standing, says, None, tuple(periods))


def _present(periods: Sequence[Paper]) -> Paper:
    """The period that counts, else the latest, else one that says there is none."""
    nothing = Paper("", Standing.ABSENT, date.min)
    return next((paper for paper in periods if paper.standing == Standing.COUNTS), next(iter(periods), nothing))


def _newly_listed(rules: Rules, periods: Sequence[Paper], tier: Tier | None, year: int) -> Line:
    name = title_kinds()[NEWLY_LISTED].name
    found = _present(periods)
    if found.standing != Standing.COUNTS:
        return Line(NEWLY_LISTED, name, Standing.ABSENT, _gone(found), tier)
    first, last = year - rules.newly_listed_years, year - 1
    if tiering.is_newly_listed(rules, found.since, year):
        says = f"入库日期{found.since}，在{first}至{last}年之间。"
        return Line(NEWLY_LISTED, name, Standing.COUNTS, says, tier, (found,))
    says = f"入库日期{found.since}，不在{first}至{last}年之间。"
    return Line(NEWLY_LISTED, name, Standing.OUTSIDE, says, tier, (found,))


def _next(rules: Rules, tier: Tier, titles: Sequence[Line], adjusted: Decimal) -> NextTier | None:
    above = min((one for one in rules.tiers if one.quota > tier.quota), key=lambda one: one.quota, default=None)
    if above is None:
        return None
    adds = tiering.entitlement(rules, above, adjusted) - tiering.entitlement(rules, tier, adjusted)
    return NextTier(above, adds, tuple(line for line in titles if line.code in above.titles))


def _endings(rules: Rules, grade: Grade, titles: Iterable[Line], day: date, year: int) -> Iterable[Ending]:
    held = [match.held for match in grade.matches]
    horizon = day + timedelta(days=ENDS_WITHIN)
    for line in titles:
        until = _last_day(line)
        if line.held and line.code != NEWLY_LISTED and until is not None and until <= horizon:
            left = [one for one in held if one.code != NEWLY_LISTED and not _over(one, until)]
            since = next((one.since for one in held if one.code == NEWLY_LISTED), None)
            yield Ending(line, until, (until - day).days, tiering.grade(rules, left, since, year).tier)


def _last_day(line: Line) -> date | None:
    """The last day on which some record of the line counts; None when one has no end."""
    ends = [paper.until for paper in line.papers if paper.standing == Standing.COUNTS]
    return None if not ends or None in ends else max(end for end in ends if end is not None)


def _over(held: Held, day: date) -> bool:
    return held.until is not None and held.until <= day
