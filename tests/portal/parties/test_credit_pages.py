"""信用, 投诉, 合同档案, 洽谈: what one's own house may read and do, and what the other side never learns."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.states import OrganisationKind, Role
from credit.models import Commitment, Complaint
from credit.states import ComplaintState, RecordState
from demands.models import DemandMessage
from demands.services import contracting
from demands.states import DemandState, ResponseState
from foundation import clock
from foundation.ids import new_id
from records.models import Download
from tests.factories.accounts import both_sides, make_organisation, make_user
from tests.factories.contracts import PNG, make_contract, picture
from tests.factories.credit import make_complaint, make_record
from tests.factories.demands import DemandFactory, ResponseFactory, agent_of
from tests.factories.demands import said as wrote
from tests.factories.providers import notice_of
from tests.portal.enterprise.support import act, begin, offered, queries_of, said, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    """Agent and signatory of an enterprise."""
    notice_of(clock.today().year)
    return both_sides(make_organisation())


def test_the_commitment_is_signed_by_the_signatory_alone(house):
    eo, el = house
    assert offered(signed_in(eo).get("/my/credit/")) == []
    assert begin(eo, "credit-commit").status_code == 403
    assert Commitment.objects.count() == 0
    assert offered(signed_in(el).get("/my/credit/")) == ["commit"]
    assert begin(el, "credit-commit").headers["Location"] == "/my/credit/"
    assert Commitment.objects.get().signed_by == el
    assert offered(signed_in(el).get("/my/credit/")) == []


def test_a_record_that_blocks_is_said_at_the_top_and_its_repair_asked_for(house):
    eo, el = house
    row = make_record(uscc=el.organisation.uscc)
    answer = signed_in(eo).get("/my/credit/")
    assert answer.context["restriction"] == row
    assert offered(signed_in(eo).get(f"/my/credit/records/{row.pk}/")) == []
    assert offered(signed_in(el).get(f"/my/credit/records/{row.pk}/")) == ["ask-repair"]
    act(el, row, "ask-repair", "credit-record", text="已退回补贴并完成整改")
    row.refresh_from_db()
    assert row.state == RecordState.REPAIR_APPLIED


def test_a_record_that_is_not_decided_is_not_there(house):
    row = make_record("reviewed", uscc=house[1].organisation.uscc)
    assert signed_in(house[1]).get(f"/my/credit/records/{row.pk}/").status_code == 404


def test_a_complaint_is_filed_with_its_evidence_and_withdrawn(house):
    eo = house[0]
    against = make_organisation(OrganisationKind.PROVIDER)
    proof = picture(eo)
    answer = begin(
        eo, "own-complaints-file", uscc=against.uscc, facts="约定人员未到场。", wish="退还定金", files=[str(proof.pk)]
    )
    row = Complaint.objects.get()
    assert answer.headers["Location"] == f"/my/complaints/{row.pk}/"
    assert (row.organisation, list(row.files.all())) == (against, [proof])
    act(eo, row, "withdraw", "own-complaint", reason="已协商解决")
    row.refresh_from_db()
    assert row.state == ComplaintState.WITHDRAWN


def test_a_complaint_against_nobody_we_know_is_refused_at_its_page(house):
    answer = begin(house[0], "own-complaints-file", uscc="91450199MA6K00014C", facts="约定人员未到场。")
    assert answer.status_code == 400
    assert "不是本平台注册的企业或服务商" in said(answer)
    assert Complaint.objects.count() == 0


def test_whom_it_is_about_reads_it_once_accepted_and_never_who_filed(house):
    eo = house[0]
    po, _ = both_sides(make_organisation(OrganisationKind.PROVIDER))
    fresh = make_complaint(filer=eo, against=po.organisation)
    assert signed_in(po).get(f"/my/complaints/{fresh.pk}/").status_code == 404
    row = make_complaint("accepted", filer=house[1], against=po.organisation, contract_number="FWQ-2026-000009")
    answer = signed_in(po).get(f"/my/complaints/{row.pk}/")
    text = said(answer)
    assert "约定人员未到场。" in text
    assert eo.organisation.name not in text
    assert answer.context["trail"] is None
    assert offered(answer) == []


def test_the_complaints_cost_the_same_for_many(house):
    for number in range(3):
        make_complaint(filer=house[0], contract_number=f"FWQ-2026-00000{number}")
    few = queries_of(house[0], "/my/complaints/")
    for number in range(3, 9):
        make_complaint(filer=house[0], contract_number=f"FWQ-2026-00000{number}")
    assert queries_of(house[0], "/my/complaints/") == few


def test_an_archive_is_taken_by_a_button_and_stands_on_record():
    deal = make_contract("signed")
    client = signed_in(deal.parties.eo)
    assert client.get(f"/my/archives/{deal.pk}/").status_code == 200
    assert Download.objects.count() == 0
    answer = client.post(f"/my/archives/{deal.pk}/download/")
    assert answer.getvalue()[:2] == b"PK"
    row = Download.objects.get()
    assert (row.by, answer.headers["X-Archive-SM3"]) == (deal.parties.eo, row.sm3)
    assert row.sm3 in said(client.get("/my/archives/"))


def test_the_archive_of_others_is_not_there():
    deal, stranger = make_contract("signed"), both_sides(make_organisation())[0]
    assert signed_in(stranger).get(f"/my/archives/{deal.pk}/").status_code == 404
    assert signed_in(stranger).post(f"/my/archives/{deal.pk}/download/").status_code == 404
    assert signed_in(deal.parties.eo).get(f"/my/archives/{deal.pk}/download/").status_code == 405
    assert Download.objects.count() == 0


@pytest.fixture
def talk():
    """An answer to a demand on the board: the answer, who asked, who answered."""
    row = ResponseFactory(demand=DemandFactory(state=DemandState.PUBLISHED))
    return row, agent_of(row.demand), row.offered_by


def line(text, key=""):
    """What the form under the talk sends."""
    return {"text": text, "once": key or str(new_id())}


def test_each_side_has_its_own_acts(talk):
    row, eo, po = talk
    assert offered(signed_in(eo).get(f"/my/responses/{row.pk}/")) == ["decline", "shortlist", "take-up"]
    assert offered(signed_in(po).get(f"/my/responses/{row.pk}/")) == ["withdraw"]


def test_what_one_writes_the_other_reads(talk):
    row, eo, po = talk
    assert signed_in(eo).post(f"/my/responses/{row.pk}/say/", line("现场有几条产线？")).status_code == 302
    assert "现场有几条产线？" in said(signed_in(po).get(f"/my/responses/{row.pk}/"))
    assert DemandMessage.objects.get().author == eo


def test_a_file_sent_with_the_line_is_read_by_the_other_side(talk):
    row, eo, po = talk
    sent = {**line(""), "files-new": SimpleUploadedFile("图纸.png", PNG)}
    assert signed_in(eo).post(f"/my/responses/{row.pk}/say/", sent).status_code == 302
    file = DemandMessage.objects.get().files.get().file
    page = said(signed_in(po).get(f"/my/responses/{row.pk}/"))
    assert f'<a href="/files/{file.pk}/">图纸.png</a>' in page
    assert f'SM3 <span class="mono">{file.sm3}</span>' in page
    assert b"".join(signed_in(po).get(f"/files/{file.pk}/").streaming_content) == PNG
    assert signed_in(both_sides(make_organisation())[0]).get(f"/files/{file.pk}/").status_code == 404


def test_a_line_that_is_sent_twice_is_said_once(talk):
    row, eo, _ = talk
    for _ in range(2):
        assert signed_in(eo).post(f"/my/responses/{row.pk}/say/", line("几条产线？", "the-same")).status_code == 302
    assert DemandMessage.objects.count() == 1


def test_what_was_typed_stays_when_the_talk_ended_meanwhile(talk):
    row, eo, po = talk
    act(po, row, "withdraw", "response", reason="人员已排满")
    answer = signed_in(eo).post(f"/my/responses/{row.pk}/say/", line("几条产线？"))
    assert answer.status_code == 409
    assert "不能继续沟通" in said(answer)
    assert DemandMessage.objects.count() == 0


def test_each_side_reads_whom_it_talks_with_and_the_provider_what_is_wanted(talk):
    row, eo, po = talk
    bought, sold = signed_in(eo).get("/my/responses/"), signed_in(po).get("/my/responses/")
    assert "服务商" in [head["column"].label for head in bought.context["list"].heads]
    assert row.demand.enterprise.name in said(sold)
    assert row.demand.content in said(signed_in(po).get(f"/my/responses/{row.pk}/"))


def test_an_offer_on_which_a_contract_is_drawn_up_is_not_offered_to_be_withdrawn(talk):
    row, eo, po = talk
    act(eo, row, "take-up", "response")
    assert offered(signed_in(po).get(f"/my/responses/{row.pk}/")) == ["withdraw"]
    deal = make_contract("draft")
    demand = type(row.demand).objects.select_for_update(of=("self",)).get(pk=row.demand_id)
    contracting.begin(demand, by=eo, contract_id=deal.pk, number=deal.at.number)
    assert f'<a href="/contracts/{deal.pk}/">{deal.at.number}</a>' in said(
        signed_in(eo).get(f"/my/responses/{row.pk}/")
    )
    assert offered(signed_in(po).get(f"/my/responses/{row.pk}/")) == []


def test_an_empty_line_is_not_sent(talk):
    row, eo, _ = talk
    answer = signed_in(eo).post(f"/my/responses/{row.pk}/say/", line("  "))
    assert answer.status_code == 400
    assert "请填写文字，或附上文件" in said(answer)
    assert DemandMessage.objects.count() == 0


def test_what_was_read_is_counted_no_more(talk):
    row, _, po = talk
    wrote(row)
    client = signed_in(po)
    assert client.get("/my/responses/").context["list"].rows[0].unread == 1
    client.post(f"/my/responses/{row.pk}/read/", HTTP_HX_REQUEST="true")
    assert client.get("/my/responses/").context["list"].rows[0].unread == 0


def test_one_is_taken_up_and_learns_the_contact(talk):
    row, eo, po = talk
    assert "10012345678" not in said(signed_in(po).get(f"/my/responses/{row.pk}/"))
    act(eo, row, "take-up", "response")
    row.refresh_from_db()
    assert row.state == ResponseState.TAKEN_UP
    assert "10012345678" in said(signed_in(po).get(f"/my/responses/{row.pk}/"))


def test_another_is_not_offered_to_be_taken_up_meanwhile(talk):
    row, eo, _ = talk
    other = ResponseFactory(demand=row.demand)
    act(eo, row, "take-up", "response")
    assert offered(signed_in(eo).get(f"/my/responses/{other.pk}/")) == ["decline", "shortlist"]


def test_a_provider_never_sees_anothers_quote(talk):
    row, _, _ = talk
    rival = ResponseFactory(demand=row.demand).offered_by
    client = signed_in(rival)
    assert client.get(f"/my/responses/{row.pk}/").status_code == 404
    assert client.post(f"/my/responses/{row.pk}/say/", line("多少钱？")).status_code == 404
    assert DemandMessage.objects.count() == 0
    assert signed_in(make_user(Role.CENTRE_CHECKER)).get(f"/my/responses/{row.pk}/").status_code == 403
