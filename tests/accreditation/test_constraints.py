"""Every rule that stands in the database, broken by somebody who writes past the services."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accreditation import states
from accreditation.models import (
    Application,
    Ask,
    Client,
    ConditionCheck,
    Expert,
    Material,
    Panel,
    Round,
    ScoreSheet,
    Tie,
)
from foundation import clock
from tests.factories.accounts import make_uscc
from tests.factories.accreditation import make_call, make_case, make_expert, make_product_case, under_review
from tests.factories.providers import ProviderFactory

pytestmark = pytest.mark.django_db


def breaks(row, **changes):
    """The name of the constraint that refuses these columns of the row."""
    model = type(row)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        model.objects.filter(pk=row.pk).update(version=row.version + 1, **changes) if hasattr(
            row, "version"
        ) else model.objects.filter(pk=row.pk).update(**changes)
    return str(caught.value)


def test_a_round():
    call = make_call()
    row, now = call.at, clock.now()
    planned = make_call("planned").at
    for changes, name in (
        ({"closes_on": date(2026, 1, 1)}, "round_days_in_order"),
        ({"provider_seats": 0}, "round_seats_positive"),
        ({"reviewed_by": None}, "round_review_both"),
        ({"approved_by": None}, "round_approve_both"),
        ({"published_by": None}, "round_publish_both"),
        ({"approved_by": row.created_by}, "round_three_people"),
        ({"approval_no": ""}, "round_approved_by_document"),
        ({"published_by": None, "published_at": None}, "round_published_state"),
    ):
        assert name in breaks(row, **changes)
    assert "round_seq_once" in breaks(row, seq=planned.seq)
    assert "round_approved_by_document" in breaks(planned, approved_by=call.desk.ap, approved_at=now, approval_no="1")
    assert "round_cancelled_reason" in breaks(planned, state="cancelled")


def test_an_application():
    case = make_case("accepted")
    row, now = case.at, clock.now()
    for changes, name in (
        ({"kind": "product"}, "application_kind_and_version"),
        ({"submitted_by": None}, "application_submit_both"),
        ({"checked_by": None}, "application_check_both"),
        ({"accepted_by": None}, "application_accept_both"),
        ({"recommended_at": now}, "application_recommend_both"),
        ({"approved_at": now}, "application_approve_both"),
        ({"mean": Decimal("1.00")}, "application_score_whole"),
        ({"accepted_by": row.checked_by}, "application_three_people"),
        ({"approved_by": row.checked_by, "approved_at": now}, "application_three_people"),
        ({"recommended_by": row.checked_by, "recommended_at": now}, "application_check_recommend_differ"),
        ({"digest": ""}, "application_submitted_state"),
        ({"checked_by": None, "checked_at": None}, "application_checked_state"),
        ({"accepted_by": None, "accepted_at": None}, "application_accepted_state"),
        ({"state": "rejected"}, "application_reason_given"),
    ):
        assert name in breaks(row, **changes)
    other = make_case(call=case.call, provider=ProviderFactory())
    assert "application_once_a_year" in breaks(other.at, provider=row.provider)
    product, second = make_product_case(call=case.call), make_product_case(call=case.call)
    version = product.at.product_version
    assert "application_of_version_once" in breaks(second.at, product_version=version)
    returned = make_case("submitted", call=case.call)
    returned.returned()
    assert "application_correction_state" in breaks(returned.at, correction_due=None)


def test_an_application_on_its_way_to_the_list():
    call, [case] = under_review()
    row = case.at
    assert "application_scored_state" in breaks(row, state="scored")
    case.scored()
    assert "application_recommended_state" in breaks(case.at, state="recommended")
    call.recommended()
    assert "application_approved_state" in breaks(case.at, state="approved")
    assert "application_recommend_approve_differ" in breaks(
        case.at, approved_by=case.at.recommended_by, approved_at=clock.now(), accepted_by=call.desk.cr
    )
    call.decided()
    assert "application_publicity_state" in breaks(case.at, state="publicity")
    call.shown()
    assert "application_listed_state" in breaks(case.at, state="listed")
    with pytest.raises(DatabaseError, match="arc: accreditation_application may not go"), transaction.atomic():
        Application.objects.filter(pk=case.pk).update(state="draft", version=case.at.version + 1)


def test_what_hangs_on_an_application():
    case = make_case("submitted")
    case.returned()
    now = clock.now()
    material, client = Material.objects.first(), Client.objects.first()
    check, ask = ConditionCheck.objects.get(code="years"), Ask.objects.get()
    assert "material_file_or_reference" in breaks(material, file=None)
    assert "client_once" in breaks(client, uscc=Client.objects.last().uscc)
    assert "condition_once_a_submission" in breaks(check, code="credit")
    assert "condition_verified_both" in breaks(check, verified_at=now, finding="ok")
    both = {"verified_by": case.desk.co, "verified_at": now}
    assert "condition_finding_by_person" in breaks(check, **both)
    assert "condition_finding_by_person" in breaks(check, finding="doubt", **both)
    assert "condition_fail_not_overruled" in breaks(check, result="fail", finding="ok", note="有依据", **both)
    assert "condition_doubt_needs_note" in breaks(check, result="doubt", finding="ok", **both)
    assert "ask_answer_both" in breaks(ask, answer="已补充")
    with pytest.raises(IntegrityError, match="ask_position_once"), transaction.atomic():
        Ask.objects.create(
            application=case.at, round_no=1, position=1, kind="field", code="x", label="x", what="x", why="x"
        )


def test_an_expert():
    row = make_expert()
    assert "expert_confirm_both" in breaks(row, confirmed_by=None)
    assert "expert_two_people" in breaks(row, confirmed_by=row.proposed_by)
    assert "expert_active_confirmed" in breaks(row, confirmed_by=None, confirmed_at=None)
    assert "expert_retired_reason" in breaks(row, state="retired")
    code = make_uscc()
    Tie.objects.create(expert=row, name="某机构", uscc=code, nature="owns")
    with pytest.raises(IntegrityError, match="tie_once"), transaction.atomic():
        Tie.objects.create(expert=row, name="某机构", uscc=code, nature="owns")


def test_a_panel_and_a_sheet():
    _, [case] = under_review()
    panel, [sheet, other, *_] = Panel.objects.get(), case.sheets()
    assert "panel_approve_both" in breaks(panel, approved_by=None)
    assert "panel_two_people" in breaks(panel, approved_by=panel.drawn_by)
    assert "panel_approved_state" in breaks(panel, approved_by=None, approved_at=None)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Panel.objects.filter(pk=panel.pk).update(seed="0" * 32, version=panel.version + 1)
    assert "sheet_once" in breaks(sheet, expert=other.expert)
    assert "sheet_declared" in breaks(sheet, state="open")
    assert "sheet_left_reason" in breaks(sheet, state="recused")
    assert "sheet_signed_whole" in breaks(
        sheet, total=Decimal("1.0"), vote=True, signed_at=clock.now(), digest="x", comment="x"
    )


def test_a_cancelled_panel_has_a_reason():
    call = make_call()
    make_case("accepted", call=call)
    for _ in range(5):
        make_expert()
    call.closed()
    assert "panel_cancelled_reason" in breaks(call.drawn(), state="cancelled")


def test_every_constraint_has_been_broken_here():
    own = {
        constraint.name
        for model in (Round, Application, Material, Client, ConditionCheck, Ask, Expert, Tie, Panel, ScoreSheet)
        for constraint in model._meta.constraints
    }
    source = Path(__file__).read_text(encoding="utf-8")
    assert {name for name in own if name not in source} == set()
    assert frozenset(states.ApplicationState) == states.LIVE | states.ENDED
