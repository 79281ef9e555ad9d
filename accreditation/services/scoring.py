"""An expert declares himself, judges, signs; or steps back and is replaced (第十五条第（三）项; 8-51)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.states import Role
from accreditation import policies, ranking, selectors
from accreditation.models import Application, ScoreSheet
from accreditation.ranking import Sheet
from accreditation.services import common, filing, panels
from accreditation.states import ApplicationState, CaseKind, SheetState
from engines.evidence import chain
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import SystemActor
from foundation.errors import Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from foundation.states import move
from programmes.rules import Criterion

COUNT = SystemActor("score_sheets")
ROWS = ScoreSheet.objects.select_related("expert__user", "panel")


def declare(*, by: User, sheet_id: UUID, version: int, conflict: bool, reason: str = "") -> ScoreSheet:
    """Without conflict the case opens to him, with everything attached; with one he steps back and is replaced.

    A conflict found later is declared in the same way until he has signed. Raises EXPERT_UNFIT when he says that
    there is none, and the register knows of one.
    """
    with unit_of_work():
        sheet = _locked(sheet_id, version)
        if not policies.may_score(by, sheet):
            raise not_allowed("声明回避（须为本评分表的专家）")
        _require_under_review(sheet.application, "声明回避")
        if not conflict:
            _refuse_unfit(sheet)
            move(sheet, "declare_free", "声明无利害关系")(clock.now())
            evidence.record(sheet, act="declare", by=by, reason=reason, facts={"conflict": False})
            filing.share_with(sheet.application, [by.organisation_id])
            return sheet
        move(sheet, "recuse", "回避")(clock.now(), reason or "声明有利害关系")
        evidence.record(sheet, act="recuse", by=by, reason=sheet.reason, facts={"conflict": True})
        filing.unshare_with(sheet.application, [by.organisation_id])
        panels.replace(sheet, by=by)
    return sheet


def release(*, by: User, sheet_id: UUID, version: int, reason: str) -> ScoreSheet:
    """An expert who does not come is replaced by 处室, with the reason."""
    with unit_of_work():
        sheet = _locked(sheet_id, version)
        if not policies.may_release(by):
            raise not_allowed("替换专家", Role.DEPARTMENT)
        _require_under_review(sheet.application, "替换专家")
        move(sheet, "release", "替换专家")(reason)
        evidence.record(sheet, act="release", by=by, reason=reason)
        filing.unshare_with(sheet.application, [sheet.expert.user.organisation_id])
        panels.replace(sheet, by=by)
    return sheet


def sign(
    *, by: User, sheet_id: UUID, version: int, points: Mapping[str, Decimal], vote: bool, comment: str
) -> ScoreSheet:
    """The sheet is whole, signed and frozen; with the last one the case is scored.

    `points` names every criterion of the case's notice. Raises SCORE_INCOMPLETE, SCORE_UNKNOWN, SCORE_OUT_OF_RANGE,
    EXPERT_UNFIT when a tie to the applicant was entered, or he was retired, since he opened it.
    """
    with unit_of_work():
        sheet = _locked(sheet_id, version)
        application = sheet.application
        if not policies.may_score(by, sheet):
            raise not_allowed("评分（须为本评分表的专家）")
        _require_under_review(application, "评分")
        _refuse_unfit(sheet)
        total = ranking.points(criteria(application), points)
        given = {code: str(value) for code, value in sorted(points.items())}
        signed = _content(application, sheet, given, total, vote, comment)
        digest = chain.sm3(chain.canonical(signed))
        move(sheet, "sign", "签署评分表")(clock.now(), given, total, vote, comment, digest)
        evidence.record(sheet, act="sign", by=by, facts={"digest": digest})
        _count(application)
    return sheet


def criteria(application: Application) -> tuple[Criterion, ...]:
    """The lines of the score sheet, by the notice of the case."""
    review = application.notice.parsed.review
    return review.provider_criteria if application.kind == CaseKind.PROVIDER else review.product_criteria


def _count(application: Application) -> None:
    """When as many have signed as the notice asks, the case has its mean and its votes: nobody is dropped.

    Recorded in the platform's name: the provider reads this chain and is not told who judged.
    """
    signed = list(selectors.live_sheets(application).filter(state=SheetState.SIGNED))
    if len(signed) < application.notice.parsed.review.experts:
        return
    sheets = [Sheet(one.total, one.vote) for one in signed if one.total is not None and one.vote is not None]
    score = ranking.score(sheets)
    move(application, "be_scored", "汇总评分")(score)
    facts = {
        "mean": str(score.mean),
        "votes_for": score.votes_for,
        "votes": score.votes,
        "sheets": sorted(one.digest for one in signed),
    }
    evidence.record(application, act="score", by=COUNT, facts=facts)


def _content(
    application: Application, sheet: ScoreSheet, given: dict[str, str], total: Decimal, vote: bool, comment: str
) -> dict[str, Any]:
    return {
        "sheet": str(sheet.pk),
        "application": application.number,
        "submitted": application.digest,
        "expert": str(sheet.expert_id),
        "points": given,
        "total": str(total),
        "vote": vote,
        "comment": comment,
    }


def _locked(sheet_id: UUID, version: int) -> ScoreSheet:
    """The case first, then the sheet."""
    found = ScoreSheet.objects.filter(pk=sheet_id).values_list("application_id", flat=True).first()
    if found is None:
        raise not_found("评分表")
    application = common.lock_application(found)
    sheet = lock(ROWS, sheet_id, version=version)
    sheet.application = application
    return sheet


def _refuse_unfit(sheet: ScoreSheet) -> None:
    why = panels.unfit(sheet.application, sheet.expert)
    if why:
        raise Refused(
            "EXPERT_UNFIT",
            f"您不能评审申请{sheet.application.number}（{why}），请声明回避，由其他专家递补。",
            application=sheet.application.number,
            why=why,
        )


def _require_under_review(application: Application, what: str) -> None:
    common.require_state(application, [ApplicationState.EXPERT_REVIEW], what)
    common.refuse_barred_provider(application.provider)
