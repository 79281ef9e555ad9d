"""Experts are drawn for cases by a seed that stays on record (第九条, 第十五条第（三）项; DOMAIN section 4, row 9)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from accreditation import draw as rules
from accreditation import policies, selectors
from accreditation.conditions import years_after
from accreditation.draw import Body, Candidate, Result, Tied
from accreditation.models import Application, Expert, Panel, Round, ScoreSheet, Tie
from accreditation.services import common
from accreditation.services.rounds import follow
from accreditation.states import ApplicationState, ExpertState, PanelState, RoundState, SheetState, TieNature
from credit import selectors as credit
from engines.evidence import chain
from engines.evidence import services as evidence
from engines.notifications import services as notifications
from foundation import clock
from foundation.actors import Actor
from foundation.errors import Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from foundation.models import next_number
from foundation.states import move

DRAWABLE = frozenset({ApplicationState.DEPT_ACCEPTED, ApplicationState.EXPERT_REVIEW})
REVIEWABLE = frozenset({RoundState.CLOSED, RoundState.REVIEWING})


def draw(*, by: User, round_id: UUID, version: int, kind: str, application_ids: Sequence[UUID] | None = None) -> Panel:
    """促进中心 draws for these cases, or for all of the kind that lack experts; 处室 confirms (row 9).

    Each case gets as many experts as its notice asks, in the order of the seed, nobody who has to keep away. Raises
    WRONG_STATE before the round is closed, NOTHING_TO_DRAW, PANEL_WAITING, CASE_NOT_DRAWABLE, EXPERTS_TOO_FEW
    naming each case that would be short.
    """
    with unit_of_work():
        row = common.lock_round(round_id, version)
        if not policies.may_draw(by):
            raise not_allowed("抽取专家", Role.CENTRE_CHECKER)
        common.require_state(row, REVIEWABLE, "抽取专家")
        cases = _cases(row, kind, application_ids)
        size = row.notice.parsed.review.experts
        wanted = {case.pk: size - selectors.live_sheets(case).count() for case in cases}
        cases = [case for case in cases if wanted[case.pk] > 0]
        if not cases:
            raise Refused("NOTHING_TO_DRAW", "没有需要抽取专家的申请：须为处室已受理、专家未满的申请。")
        seed = secrets.token_hex(16)
        pool = list(Expert.objects.filter(state=ExpertState.ACTIVE).order_by("pk"))
        result = rules.draw(
            seed, _candidates(row, pool), [_body(case, wanted[case.pk]) for case in cases], clock.today()
        )
        _require_enough(cases, result, wanted)
        panel = _panel(row, kind, seed, size, result, by)
        facts = {"seed": seed, "digest": panel.digest, "pool": len(pool), "cases": [case.number for case in cases]}
        evidence.record(panel, act="draw", by=by, facts=facts)
        for case in cases:
            case.panel = panel
            evidence.record(case, act="draw_experts", by=by, facts={"panel": panel.number})
        evidence.record(row, act="draw", by=by, facts={"panel": panel.number})
    return panel


def approve(*, by: User, panel_id: UUID, version: int) -> Panel:
    """处室 confirms the draw: the experts have their sheets. Raises PANEL_STALE when one may no longer judge."""
    with unit_of_work():
        row = common.lock_round(_round_of(panel_id))
        cases = common.lock_applications(_in(panel_id))
        panel = lock(Panel.objects.all(), panel_id, version=version)
        if not policies.may_decide_draw(by, panel):
            raise not_allowed("确认专家组（抽取人不得确认）", Role.DEPARTMENT)
        move(panel, "approve", "确认专家组")(by, clock.now())
        drawn = {UUID(one) for seats in panel.seats.values() for one in seats}
        experts = {one.pk: one for one in Expert.objects.select_related("user").filter(pk__in=drawn)}
        _require_still_fit(row, panel, cases, experts)
        evidence.record(panel, act="approve", by=by, facts={"digest": panel.digest})
        for case in cases:
            if case.state == ApplicationState.DEPT_ACCEPTED:
                move(case, "begin_review", "开始专家评审")()
                evidence.record(case, act="begin_review", by=by, facts={"panel": panel.number})
            for expert_id in panel.seats.get(str(case.pk), ()):
                assign(case, experts[UUID(expert_id)], panel, by=by)
        follow(row, by)
    return panel


def cancel(*, by: User, panel_id: UUID, version: int, reason: str) -> Panel:
    """处室 does not confirm the draw, with the reason; both draws stay on record."""
    with unit_of_work():
        cases = common.lock_applications(_in(panel_id))
        panel = lock(Panel.objects.all(), panel_id, version=version)
        if not policies.may_decide_draw(by, panel):
            raise not_allowed("作废专家组（抽取人不得办理）", Role.DEPARTMENT)
        move(panel, "cancel", "作废专家组")(reason)
        evidence.record(panel, act="cancel", by=by, reason=reason)
        for case in cases:
            case.panel = _panel_of_sheets(case)
            evidence.record(case, act="cancel_draw", by=by, reason=reason, facts={"panel": panel.number})
    return panel


def assign(application: Application, expert: Expert, panel: Panel, *, by: Actor) -> ScoreSheet:
    """The expert has a sheet of the case, and hears that he is to declare himself first."""
    sheet = ScoreSheet(application=application, expert=expert, panel=panel)
    evidence.record(sheet, act="assign", by=by, facts={"panel": panel.number, "application": application.number})
    notifications.tell(
        organisation_ids=[expert.user.organisation_id],
        topic="accreditation",
        title="请声明是否回避",
        body=f"您被抽取评审{application.get_kind_display()}申请{application.number}，请先声明与申请机构有无利害关系。",
        subject=sheet,
    )
    return sheet


def replace(sheet: ScoreSheet, *, by: Actor) -> ScoreSheet | None:
    """The next expert in the order of the draw takes the place; None when nobody is left: then it is drawn anew.

    The application and `sheet` are locked.
    """
    application, panel = sheet.application, sheet.panel
    pool = list(
        Expert.objects.select_related("user").filter(
            state=ExpertState.ACTIVE, pk__in=[UUID(one) for one in panel.order]
        )
    )
    body = _body(application, 1)
    result = rules.draw(panel.seed, _candidates(application.round, pool), [body], clock.today())
    chosen = result.seats[application.pk]
    if not chosen:
        common.tell_centre(
            "须补充抽取专家",
            f"申请{application.number}的专家组{panel.number}没有可以递补的专家，请登记专家后补充抽取。",
            application,
        )
        return None
    expert = next(one for one in pool if one.pk == chosen[0])
    return assign(application, expert, panel, by=by)


def unfit(application: Application, expert: Expert) -> str:
    """Why the expert, who was drawn, may judge the case no longer; empty while he may.

    A tie may be entered after the draw, by himself or by the centre: it counts until he has signed.
    """
    if expert.state != ExpertState.ACTIVE:
        return "专家已出库"
    [candidate] = _candidates(application.round, [expert])
    return rules.conflict(candidate, _body(application, 0), clock.today())


def redraw(panel: Panel) -> list[UUID]:
    """The order as the seed gives it, computed again: what anyone may compare with `panel.order`."""
    return rules.order(panel.seed, [UUID(one) for one in panel.order])


def _cases(row: Round, kind: str, wanted: Sequence[UUID] | None) -> list[Application]:
    rows = selectors.in_round(row, kind, sorted(DRAWABLE))
    if wanted is None:  # who is kept out goes no further, and holds up nobody else (第二十七条)
        blocked = credit.blocking(clock.today()).values("uscc")
        free = rows.exclude(panel__state=PanelState.DRAWN).exclude(provider__uscc__in=blocked)
        ids = list(free.values_list("pk", flat=True))
    else:
        ids = list(dict.fromkeys(wanted))
    cases = common.lock_applications(ids)
    for case in cases:
        if case.round_id != row.pk or case.kind != kind or case.state not in DRAWABLE:
            raise Refused(
                "CASE_NOT_DRAWABLE",
                f"申请{case.number}（{case.get_state_display()}）不能抽取专家：须属于本批次、本类别，且处室已受理。",
                application=case.number,
            )
        if case.panel_id is not None and Panel.objects.filter(pk=case.panel_id, state=PanelState.DRAWN).exists():
            raise Refused("PANEL_WAITING", f"申请{case.number}已抽取专家，待处室确认。", application=case.number)
        common.refuse_barred_provider(case.provider)
    return cases


def _candidates(row: Round, pool: Iterable[Expert]) -> list[Candidate]:
    experts = list(pool)
    years = row.notice.parsed.review.avoidance_years
    ties: dict[UUID, list[Tied]] = {}
    for tie in Tie.objects.filter(expert__in=[one.pk for one in experts], removed_at=None):
        until = years_after(tie.ended_on, years) if tie.ended_on is not None else None
        why = f"{TieNature(tie.nature).label}：{tie.name}"
        ties.setdefault(tie.expert_id, []).append(Tied(tie.uscc, why, until))
    stepped_back: dict[UUID, set[str]] = {}
    recused = ScoreSheet.objects.filter(
        expert__in=[one.pk for one in experts], application__round=row, state=SheetState.RECUSED
    )
    for expert_id, uscc in recused.values_list("expert_id", "application__provider__uscc"):
        stepped_back.setdefault(expert_id, set()).add(uscc)
    return [
        Candidate(
            id=one.pk,
            fields=frozenset(one.fields),
            unit_uscc=one.unit_uscc,
            ties=tuple(ties.get(one.pk, ())),
            recused_from=frozenset(stepped_back.get(one.pk, ())),
        )
        for one in experts
    ]


def _body(case: Application, seats: int) -> Body:
    version = case.product_version
    taken = ScoreSheet.objects.filter(application=case).values_list("expert_id", flat=True)
    return Body(
        id=case.pk,
        uscc=case.provider.uscc,
        categories=frozenset([version.category] if version is not None else case.categories),
        parent_uscc=case.stated.get("parent_uscc") or case.provider.parent_uscc,  # as submitted: it is not edited away
        seats=seats,
        taken=frozenset(taken),
    )


def _require_enough(cases: Sequence[Application], result: Result, wanted: dict[UUID, int]) -> None:
    short = result.short(wanted)
    if not short:
        return
    names = {case.pk: case.number for case in cases}
    listed = "、".join(f"{names[pk]}（需{wanted[pk]}人，缺{lacking}人）" for pk, lacking in short.items())
    raise Refused(
        "EXPERTS_TOO_FEW",
        f"可以抽取的专家不足：{listed}。请登记相应专业领域、无利害关系的专家后再抽取。",
        applications={names[pk]: lacking for pk, lacking in short.items()},
        pool=len(result.order),
    )


def _panel(row: Round, kind: str, seed: str, size: int, result: Result, by: User) -> Panel:
    seats = {str(case): [str(one) for one in experts] for case, experts in result.seats.items()}
    order = [str(one) for one in result.order]
    excluded = [[str(expert), str(case), why] for expert, case, why in result.excluded]
    body = {"seed": seed, "order": order, "excluded": excluded, "seats": seats}
    return Panel(
        round=row,
        kind=kind,
        number=f"ZJZ-{row.year}-{next_number(f'panel-{row.year}'):03d}",
        size=size,
        seed=seed,
        order=order,
        excluded=excluded,
        seats=seats,
        digest=chain.sm3(chain.canonical(body)),
        drawn_by=by,
    )


def _require_still_fit(row: Round, panel: Panel, cases: Sequence[Application], experts: dict[UUID, Expert]) -> None:
    """Between draw and confirmation an expert may have been retired, or a tie entered."""
    known = {one.id: one for one in _candidates(row, experts.values())}
    today = clock.today()
    for case in cases:
        body = _body(case, 0)
        for seat in panel.seats.get(str(case.pk), ()):
            expert = experts[UUID(seat)]
            why = rules.why_not(known[expert.pk], body, today)
            if expert.state != ExpertState.ACTIVE or why:
                raise Refused(
                    "PANEL_STALE",
                    f"抽取之后情况有变：一名专家不能再评审申请{case.number}（{why or '已出库'}），请作废后重新抽取。",
                    application=case.number,
                )


def _panel_of_sheets(case: Application) -> Panel | None:
    sheet = ScoreSheet.objects.filter(application=case).select_related("panel").order_by("-pk").first()
    return sheet.panel if sheet is not None else None


def _round_of(panel_id: UUID) -> UUID:
    found = Panel.objects.filter(pk=panel_id).values_list("round_id", flat=True).first()
    if found is None:
        raise not_found("专家组")
    return found


def _in(panel_id: UUID) -> list[UUID]:
    return list(Application.objects.filter(panel_id=panel_id).values_list("pk", flat=True))
