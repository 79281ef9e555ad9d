"""Materials at the key steps, the gate they open, and what becomes of one that is asked about (第二十二条, DOMAIN 6.7)."""

from datetime import timedelta

import pytest
import time_machine

from accounts.states import Role
from contracts import selectors
from contracts.models import EvidenceQuery, MilestoneEvidence
from contracts.services import performance, queries
from contracts.states import QueryState, State
from engines.evidence.selectors import of_subject, verify
from foundation import clock
from tests.contracts.support import refused
from tests.factories.accounts import officer
from tests.factories.contracts import make_contract, make_query, picture, upload

pytestmark = pytest.mark.django_db


def photo_and_report(until="effective"):
    """A deal whose one milestone wants a picture and a report."""
    end = clock.today() + timedelta(days=90)
    return make_contract(until, milestones=[("现场诊断", end, ("report", "photo"))])


def add(deal, file, **fields):
    return deal.do(performance.add_evidence, deal.parties.po, milestone=1, file_ids=[file.pk], **fields)


def supplement(deal, query, file=None, by=None, **fields):
    query.refresh_from_db()
    by = by or deal.parties.po
    file = file or upload(by)
    return queries.supplement(by=by, query_id=query.pk, version=query.version, file_ids=[file.pk], **fields)


def end(act, query, by, reason="经核对"):
    query.refresh_from_db()
    return act(by=by, query_id=query.pk, version=query.version, reason=reason)


def gate(deal):
    step = deal.at.milestones.prefetch_related("evidence__queries").get(seq=1)
    return selectors.gates_of(step, clock.today())


# The gate.


def test_the_kinds_are_part_of_what_both_sign():
    deal = photo_and_report("draft")
    assert deal.at.terms["milestones"][0]["evidence_kinds"] == ["photo", "report"]
    assert deal.at.milestones.get().evidence_kinds == ["photo", "report"]


def test_a_milestone_without_a_kind_is_no_term():
    with refused("TERMS_INVALID") as caught:
        make_contract("draft", parties=make_contract().parties, milestones=[("现场诊断", clock.today(), ())])
    assert caught.value.details == {"milestones": "每个关键环节至少约定一种佐证材料（办法第二十二条）。"}


def test_delivery_waits_for_every_kind():
    deal = photo_and_report()
    add(deal, upload(deal.parties.po))
    with refused("EVIDENCE_MISSING") as caught:
        deal.delivered()
    assert caught.value.details == {"milestones": ["现场诊断"], "missing": {"现场诊断": ["photo"]}}
    assert "现场诊断缺图片" in caught.value.message
    add(deal, picture(deal.parties.po))
    deal.delivered()
    assert deal.at.state == State.DELIVERED


def test_a_material_keeps_its_kind_and_when_it_was_made():
    deal = photo_and_report()
    made = clock.now()
    add(deal, picture(deal.parties.po), kind="third_party", taken_at=made, note="检测机构照片")
    row = MilestoneEvidence.objects.get()
    assert (row.kind, row.taken_at, row.note, row.answers) == ("third_party", made, "检测机构照片", None)
    facts = of_subject(deal.at).last().facts
    assert (facts["kinds"], facts["taken_at"]) == (["third_party"], made.isoformat())


def test_a_report_is_no_picture():
    deal = photo_and_report()
    file = upload(deal.parties.po)
    with refused("EVIDENCE_KIND_MISFIT") as caught:
        add(deal, file, kind="photo")
    assert caught.value.details["takes"] == ["image/jpeg", "image/png"]


def test_what_was_uploaded_before_the_contract_took_effect_shows_nothing():
    deal = make_contract("signed")
    file = upload(deal.parties.po)
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        deal.effective()
        with refused("EVIDENCE_BEFORE_EFFECT") as caught:
            add(deal, file)
    assert caught.value.details["files"] == ["材料.pdf"]


def test_what_was_made_before_the_contract_took_effect_shows_nothing():
    deal = make_contract("effective")
    file = upload(deal.parties.po)
    with refused("EVIDENCE_BEFORE_EFFECT"):
        add(deal, file, taken_at=deal.at.effective_at - timedelta(seconds=1))


def test_what_is_not_yet_made_shows_nothing():
    deal = make_contract("effective")
    file = upload(deal.parties.po)
    with refused("TAKEN_AT_INVALID"):
        add(deal, file, taken_at=clock.now() + timedelta(hours=1))


# Queries.


def test_a_queried_material_does_not_count_until_it_is_supplemented():
    deal = make_contract("performing")
    query = make_query(deal)
    assert (query.state, query.side, gate(deal).missing) == (QueryState.OPEN, "enterprise", ["report"])
    with refused("EVIDENCE_QUERIED") as caught:
        deal.delivered()
    assert caught.value.details == {"milestones": ["提交成果"]}
    supplement(deal, query, note="补充清晰件")
    query.refresh_from_db()
    assert (query.state, query.outcome, query.ended_by) == (QueryState.SUPPLEMENTED, "补充清晰件", deal.parties.po)
    assert [one.answers for one in MilestoneEvidence.objects.order_by("at")] == [None, query]
    deal.delivered()
    assert verify()[1] == []


def test_the_supplement_is_of_the_kind_that_was_asked_about():
    deal = photo_and_report()
    add(deal, picture(deal.parties.po), kind="third_party")
    query = make_query(deal)
    supplement(deal, query, picture(deal.parties.po))
    assert set(MilestoneEvidence.objects.values_list("kind", flat=True)) == {"third_party"}


def test_a_material_found_against_never_counts_and_stays():
    deal = make_contract("performing")
    query = make_query(deal)
    end(queries.reject, query, deal.parties.eo, "不是本项目设备")
    assert (gate(deal).missing, MilestoneEvidence.objects.count()) == (["report"], 1)
    with refused("EVIDENCE_MISSING"):
        deal.delivered()
    with refused("QUERY_SETTLED"):
        make_query(deal)
    add(deal, upload(deal.parties.po))
    deal.delivered()
    assert MilestoneEvidence.objects.count() == 2


def test_a_query_taken_back_leaves_the_material_as_it_was():
    deal = make_contract("performing")
    end(queries.withdraw, make_query(deal), deal.parties.eo)
    deal.delivered()
    assert EvidenceQuery.objects.get().state == QueryState.WITHDRAWN


def test_the_department_asks_too_and_only_it_ends_its_own():
    deal = make_contract("delivered")
    department = officer(Role.DEPARTMENT)
    query = make_query(deal, by=department)
    assert query.side == "department"
    for act in (queries.reject, queries.withdraw):
        with refused("NOT_ALLOWED"):
            end(act, query, deal.parties.eo)
    with refused("EVIDENCE_QUERIED"):
        deal.accepted()
    end(queries.withdraw, query, officer(Role.DEPARTMENT))
    deal.accepted()


def test_what_was_found_against_after_delivery_is_made_good_before_acceptance():
    deal = make_contract("delivered")
    end(queries.reject, make_query(deal), deal.parties.eo)
    with refused("EVIDENCE_MISSING"):
        deal.accepted()
    add(deal, upload(deal.parties.po))
    deal.accepted()
    assert deal.at.state == State.PAID_UP


def test_nothing_is_added_after_delivery_that_nobody_asked_for():
    deal = make_contract("delivered")
    file = upload(deal.parties.po)
    with refused("WRONG_STATE"):
        add(deal, file)


def test_a_material_is_asked_about_once_at_a_time():
    deal = make_contract("performing")
    make_query(deal)
    with refused("QUERY_OPEN"):
        make_query(deal)


@pytest.mark.parametrize("who", ["po", "pl"])
def test_the_provider_does_not_query_itself(who):
    deal = make_contract("performing")
    with refused("NOT_ALLOWED"):
        make_query(deal, by=getattr(deal.parties, who))


@pytest.mark.parametrize("role", [Role.CENTRE_CHECKER, Role.CENTRE_REVIEWER, Role.SUPERVISOR])
def test_other_officers_do_not_query(role):
    deal = make_contract("performing")
    with refused("NOT_ALLOWED"):
        make_query(deal, by=officer(role))


def test_the_enterprise_does_not_supplement():
    deal = make_contract("performing")
    query, file = make_query(deal), upload(deal.parties.eo)
    with refused("NOT_ALLOWED"):
        supplement(deal, query, file, by=deal.parties.eo)


@pytest.mark.parametrize("act", [queries.reject, queries.withdraw])
def test_an_answered_query_is_answered(act):
    deal = make_contract("performing")
    query = make_query(deal)
    supplement(deal, query)
    with refused("WRONG_STATE"):
        end(act, query, deal.parties.eo)


def test_a_material_of_another_contract_is_not_there():
    deal = make_contract("performing")
    other = make_contract("performing", parties=deal.parties, amount="1250.00")
    material = MilestoneEvidence.objects.get(milestone__contract=other.pk)
    with refused("NOT_FOUND"):
        deal.do(queries.ask, deal.parties.eo, evidence_id=material.pk, reason="x")


def test_both_sides_are_told_of_a_query_and_of_its_answer():
    deal = make_contract("performing")
    query = make_query(deal)
    supplement(deal, query)
    acts = [record.act for record in of_subject(deal.at)][-2:]
    assert acts == ["query_evidence", "supplement_evidence"]
    assert [record.act for record in of_subject(EvidenceQuery.objects.get())] == ["ask", "supplement"]
