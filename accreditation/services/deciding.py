"""From scores to the list: recommendation, decision, 公示 (第九条, 第十五条第（三）（四）项)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from accreditation import gathering, policies, ranking, selectors, states
from accreditation.models import Application, Round
from accreditation.ranking import Case, Placed, Score
from accreditation.services import common
from accreditation.services.rounds import follow, require_none_pending
from accreditation.states import ApplicationState, CaseKind, RoundState
from credit import selectors as credit
from engines.evidence import selectors as trail
from engines.evidence import services as evidence
from engines.publicity.models import Publicity, PublicityItem
from engines.publicity.services import Entry
from engines.publicity.states import PublicityState
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.names import sentence
from foundation.states import move
from programmes.services import publicities
from providers.services import offers
from registry import selectors as registry


def recommend(
    *, by: User, round_id: UUID, version: int, kind: str, left_out: Mapping[UUID, str] | None = None
) -> Round:
    """处室 draws up the one list of the round's kind: those who passed the vote, by rank, as far as there are seats.

    `left_out` are cases it leaves out, with the reason; whom the credit file keeps out is left out by it
    (第二十七条). All others who are not on it are told why. Raises
    APPLICATIONS_PENDING while a case is not scored, NOTHING_TO_RECOMMEND, NOT_SCORED.
    """
    kept_out = dict(left_out or {})
    with unit_of_work():
        row = common.lock_round(round_id, version)
        cases = _lock_in(row, kind, ApplicationState.SCORED)
        if not policies.may_recommend(by, trail.stages_done(cases, by)):
            raise not_allowed("拟定推荐名单（形式审查过其中申请的人不得拟定）", Role.DEPARTMENT)
        common.require_state(row, [RoundState.REVIEWING], "拟定推荐名单")
        require_none_pending(row, kind, states.BEFORE_SCORE, "拟定推荐名单")
        if not cases:
            raise Refused("NOTHING_TO_RECOMMEND", "没有已打分的申请。")
        if unknown := set(kept_out) - {case.pk for case in cases}:
            raise Invalid(
                "NOT_SCORED", f"有{len(unknown)}项不是本批次已打分的申请。", applications=sorted(map(str, unknown))
            )
        kept_out |= _without_provider(cases) | _dishonest(cases) | _restricted(cases)
        placed = {one.id: one for one in _rank(row, kind, cases, kept_out)}
        for case in cases:
            _place(case, placed[case.pk], by)
        facts = {
            "stage": policies.REVIEW,
            "kind": kind,
            "recommended": [case.number for case in cases if case.state == ApplicationState.RECOMMENDED],
            "not_recommended": [case.number for case in cases if case.state == ApplicationState.NOT_RECOMMENDED],
        }
        evidence.record(row, act="recommend", by=by, facts=facts)
        follow(row, by)
    return row


def approve(
    *,
    by: User,
    round_id: UUID,
    version: int,
    kind: str,
    approval_no: str,
    declined: Mapping[UUID, str] | None = None,
) -> Round:
    """厅审定 decides on the list under one document number; `declined` are those it does not approve, with the reason.

    By nobody who had a part in any of its cases. Raises NOTHING_TO_APPROVE, NOT_RECOMMENDED.
    """
    turned_down = dict(declined or {})
    with unit_of_work():
        row = common.lock_round(round_id, version)
        cases = _lock_in(row, kind, ApplicationState.RECOMMENDED)
        if not policies.may_approve(by, trail.stages_done(cases, by)):
            raise not_allowed("审定推荐名单（经办过其中申请的人不得审定）", Role.APPROVER)
        if not cases:
            raise Refused("NOTHING_TO_APPROVE", "没有待审定的推荐申请。")
        if unknown := set(turned_down) - {case.pk for case in cases}:
            raise Invalid(
                "NOT_RECOMMENDED", f"有{len(unknown)}项不在推荐名单中。", applications=sorted(map(str, unknown))
            )
        for case in cases:
            why = turned_down.get(case.pk, "")
            if why:
                _decline(case, by, approval_no, why)
                continue
            common.refuse_barred_provider(case.provider)
            move(case, "approve", "审定")(by, clock.now(), approval_no)
            facts = {"stage": policies.DECIDE, "approval_no": approval_no}
            evidence.record(case, act="approve", by=by, reason=approval_no, facts=facts)
            common.tell(case, "申请已审定", f"文号{approval_no}，即将公示。")
        facts_of_list = {
            "stage": policies.DECIDE,
            "kind": kind,
            "approval_no": approval_no,
            "approved": [case.number for case in cases if case.pk not in turned_down],
        }
        evidence.record(row, act="approve_list", by=by, reason=approval_no, facts=facts_of_list)
        follow(row, by)
    return row


def publicise(
    *,
    by: User,
    round_id: UUID,
    version: int,
    kind: str,
    reference: str,
    first: date,
    last: date | None = None,
) -> Publicity:
    """Everything of the kind that is decided is on public show; without `last` until the earliest lawful day.

    A list that takes the place of a withdrawn one runs its full time. Raises NOTHING_TO_PUBLICISE and what
    `programmes.services.publicities.open_period` raises.
    """
    with unit_of_work():
        restarts = _withdrawn(round_id, kind)
        row = common.lock_round(round_id, version)
        if not policies.may_publicise(by):
            raise not_allowed("公示名单", Role.DEPARTMENT)
        cases = _lock_in(row, kind, ApplicationState.APPROVED)
        if not cases:
            raise Refused("NOTHING_TO_PUBLICISE", "没有已审定、待公示的申请。")
        decided = max(clock.local_date(case.approved_at) for case in cases if case.approved_at is not None)
        publicity = publicities.open_period(
            by=by,
            kind=kind,
            notice=row.notice,
            title=f"{row.year}年度{CaseKind(kind).label}拟认定名单（{row.number}）",
            reference=reference,
            first=first,
            last=last,
            decided=decided,
            entries=[Entry(case, case.subject_name, _shown(case)) for case in cases],
            restarts=restarts,
        )
        for case in cases:
            move(case, "publicise", "公示")(publicity)
            evidence.record(case, act="publicise", by=by, reason=reference, facts={"publicity": str(publicity.pk)})
            common.tell(case, "拟认定名单公示", f"自{publicity.first}至{publicity.last}公示：{reference}")
        evidence.record(row, act="publicise", by=by, reason=reference, facts={"kind": kind, "items": len(cases)})
        follow(row, by)
    return publicity


def preview(row: Round, kind: str) -> list[tuple[Application, Placed]]:
    """How the list would come out now, best first: for 处室 before it draws it up, and for whoever looks later."""
    wanted = sorted(states.SCORED)
    cases = list(selectors.APPLICATIONS.filter(round=row, kind=kind, state__in=wanted))
    placed = ranking.rank([_case(one) for one in cases], row.notice.parsed.review, seats=row.seats(kind))
    known = {case.pk: case for case in cases}
    return [(known[one.id], one) for one in placed]


def _lock_in(row: Round, kind: str, state: ApplicationState) -> list[Application]:
    return common.lock_applications(list(selectors.in_round(row, kind, [state]).values_list("pk", flat=True)))


def _case(case: Application) -> Case:
    if case.mean is None or case.votes_for is None or case.votes is None or case.first_submitted_at is None:
        raise ValueError("not scored")
    return Case(case.pk, case.number, Score(case.mean, case.votes_for, case.votes), case.first_submitted_at)


def _rank(row: Round, kind: str, cases: list[Application], kept_out: dict[UUID, str]) -> list[Placed]:
    review = row.notice.parsed.review
    return ranking.rank([_case(case) for case in cases], review, seats=row.seats(kind), left_out=kept_out)


def _without_provider(cases: list[Application]) -> dict[UUID, str]:
    """Products whose provider is neither listed nor on its way: they cannot be taken on."""
    return {
        case.pk: f"机构未列入{case.year}年度服务商，也没有在办的资格申请。"
        for case in cases
        if case.kind == CaseKind.PRODUCT and not gathering.standing(case)
    }


def _dishonest(cases: list[Application]) -> dict[UUID, str]:
    """Whoever came onto the 严重失信主体名单 since the check is not put forward."""
    return {case.pk: why for case in cases if (why := gathering.dishonest(case))}


def _restricted(cases: list[Application]) -> dict[UUID, str]:
    """Whose provider is kept out today, with the document."""
    found = {case.pk: credit.restriction(case.provider.uscc, clock.today()) for case in cases}
    return {
        pk: f"依据{record.decision_no}，该机构被限制参与（办法第二十七条）。" for pk, record in found.items() if record
    }


def _place(case: Application, place: Placed, by: User) -> None:
    facts = {"stage": policies.REVIEW, "rank": place.rank, "mean": str(case.mean), "votes_for": case.votes_for}
    if place.rank is not None and not place.why_not:
        common.refuse_barred_provider(case.provider)
        move(case, "recommend", "推荐")(by, clock.now(), place.rank)
        evidence.record(case, act="recommend", by=by, facts=facts)
        return
    move(case, "pass_over", "不予推荐")(by, clock.now(), place.rank, place.why_not)
    evidence.record(case, act="pass_over", by=by, reason=place.why_not, facts=facts)
    common.dismiss_version(case, by, place.why_not)
    common.tell(case, "评审未获推荐", f"理由：{sentence(place.why_not)}可在以后的征集批次重新申请。")


def _decline(case: Application, by: User, approval_no: str, why: str) -> None:
    move(case, "decline", "不予审定")(by, clock.now(), approval_no, why)
    facts = {"stage": policies.DECIDE, "approval_no": approval_no}
    evidence.record(case, act="decline", by=by, reason=why, facts=facts)
    common.dismiss_version(case, by, why)
    common.tell(case, "审定未通过", f"文号{approval_no}。理由：{sentence(why)}")


def _shown(case: Application) -> dict[str, str]:
    """What the public reads: no personal data (8-50)."""
    provider, version = case.provider, case.product_version
    body = {
        "机构名称": provider.name,
        "统一社会信用代码": provider.uscc,
        "所在地": registry.place_name(provider.region_code),
        "服务年度": str(case.year),
        "审定文号": case.approval_no,
    }
    known = case.notice.parsed.categories
    if version is None:
        return {**body, "服务类别": "、".join(known[code].name for code in case.categories if code in known)}
    category = known[version.category].name if version.category in known else version.category
    return {**body, "产品": version.name, "服务类别": category, "标价": offers.price_text(version)}


def _withdrawn(round_id: UUID, kind: str) -> Publicity | None:
    """The withdrawn list of this round's kind that no other took the place of yet; locked before the round."""
    keys = Application.objects.filter(round_id=round_id, kind=kind, state=ApplicationState.APPROVED).values("pk")
    items = PublicityItem.objects.filter(
        subject_type=Application._meta.db_table,
        subject_id__in=keys,
        publicity__state=PublicityState.WITHDRAWN,
        publicity__restarted_as=None,
    )
    found = items.order_by("-publicity_id").values_list("publicity_id", flat=True).first()
    return lock(Publicity.objects.all(), found) if found is not None else None
