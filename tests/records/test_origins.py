"""In the archive of a contract: where it came from, and what was said against it (第十八、二十一、二十五、二十七条)."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from accounts.states import Role
from contracts.services import drafting
from credit.services import complaints
from demands.models import DemandMessage
from demands.states import DemandState, Side
from foundation import clock
from records import services, verify
from tests.factories.accounts import officer
from tests.factories.contracts import STEPS, Deal, make_contract, make_parties, make_permit, make_terms, picture, upload
from tests.factories.credit import Offices, make_complaint, make_record
from tests.factories.demands import DemandFactory, ResponseFactory, said, taken_up
from tests.factories.publicity import make_case as object_to
from tests.factories.settlement import make_batch, make_claim, make_payout

pytestmark = [pytest.mark.django_db, pytest.mark.long]
PHONE = "10012345678"


class Archive:
    """The archive of a deal as one reader has it."""

    def __init__(self, deal, by):
        made = services.download(by=by, contract_id=deal.pk)
        with made.file:
            self.zip = zipfile.ZipFile(io.BytesIO(made.file.read()))
        self.bytes = self.zip.fp.getvalue()
        self.index = json.loads(self.zip.read("00-index.json"))
        self.titles = [part["title"] for part in self.index["parts"]]
        assert verify.faults(self.zip.read) == []

    def rows(self, title):
        """The rows of a section, each {column: value}; None where the view has no such section."""
        paths = [part["path"] for part in self.index["parts"] if part["title"] == title]
        if not paths:
            return None
        told = json.loads(self.zip.read(paths[0]))
        return [{column["name"]: column["value"] for column in row} for row in told]

    def read(self, start):
        return json.loads(self.zip.read(next(name for name in self.zip.namelist() if name.startswith(start))))


def make_answered(until="confirmed"):
    """A deal on a demand that two answered; the one taken up has talked with the enterprise."""
    parties = make_parties()
    demand = DemandFactory(state=DemandState.PUBLISHED, enterprise=parties.enterprise)
    chosen = ResponseFactory(demand=demand, provider=parties.provider)
    other = ResponseFactory(demand=demand)
    said(chosen, "请问何时能开始？")
    said(other, "价格可否再议？")
    chosen = taken_up(chosen)
    contract = drafting.draft(
        by=parties.eo,
        enterprise_id=parties.enterprise.pk,
        product_id=parties.product.pk,
        terms=make_terms(parties),
        demand_id=demand.pk,
    )
    deal = Deal(parties, contract.pk)
    for step in STEPS[: STEPS.index(until) + 1]:
        getattr(deal, step)()
    return deal, demand, chosen, other


def test_the_demand_its_answers_and_the_talk_are_in_it():
    deal, demand, chosen, other = make_answered("signed")
    archive = Archive(deal, officer(Role.DEPARTMENT))
    assert [row["number"] for row in archive.rows("需求")] == [demand.number]
    assert {(row["id"], row["state"]) for row in archive.rows("需求应答")} == {
        (str(chosen.pk), "taken_up"),
        (str(other.pk), "closed"),
    }
    assert [row["text"] for row in archive.rows("对接消息")] == ["请问何时能开始？"]
    assert archive.titles.count("存证链：需求应答") == 2
    assert PHONE.encode() not in archive.bytes


def test_the_files_of_the_talk_are_in_it_and_those_of_another_talk_are_not():
    deal, _, chosen, other = make_answered("signed")
    eo = deal.parties.eo
    for answer, name in ((chosen, "产线图.png"), (other, "别家看的图.png")):
        message = DemandMessage(response=answer, side=Side.ENTERPRISE, author=eo, attached=1, at=clock.now())
        message.save()
        message.files.create(file=picture(eo, name))
    for reader in (officer(Role.DEPARTMENT), eo, deal.parties.po):
        kept = [name for name in Archive(deal, reader).zip.namelist() if name.endswith("图.png")]
        assert [name.partition("-")[2].partition("-")[2] for name in kept] == ["产线图.png"]


def test_each_side_has_what_it_may_know_of_the_demand():
    deal, _, chosen, _ = make_answered("signed")
    enterprise, provider = Archive(deal, deal.parties.eo), Archive(deal, deal.parties.po)
    assert len(enterprise.rows("需求应答")) == 2
    assert enterprise.rows("需求")[0]["contact_phone"] == PHONE
    assert [row["id"] for row in provider.rows("需求应答")] == [str(chosen.pk)]
    assert "contact_phone" not in provider.rows("需求")[0]
    assert "存证链：需求" in enterprise.titles
    assert "存证链：需求" not in provider.titles
    assert PHONE.encode() not in provider.bytes


def test_a_contract_without_a_demand_has_no_such_sections():
    deal, *_ = make_answered("signed")
    alone = Deal(make_parties(), None)
    contract = drafting.draft(
        by=alone.parties.eo,
        enterprise_id=alone.parties.enterprise.pk,
        product_id=alone.parties.product.pk,
        terms=make_terms(alone.parties),
    )
    alone = Deal(alone.parties, contract.pk)
    archive = Archive(alone, officer(Role.DEPARTMENT))
    assert not {"需求", "需求应答", "对接消息", "投诉", "信用记录"} & set(archive.titles)
    assert archive.rows("合同")[0]["id"] != str(deal.pk)


def complained():
    """A deal whose enterprise complained with a proof; upheld, and a credit record decided upon it."""
    deal, *_ = make_answered("confirmed")
    hands, proof = Offices(), upload(deal.parties.eo, "material")
    complaint = make_complaint(
        "upheld",
        filer=deal.parties.eo,
        against=deal.parties.provider.organisation,
        offices=hands,
        contract_number=deal.at.number,
        file_ids=[proof.pk],
    )
    record = make_record(
        uscc=deal.parties.provider.uscc, offices=hands, complaint_id=complaint.pk, blocks=False, ground="complaint"
    )
    make_complaint(against=deal.parties.provider.organisation)  # about something else
    return deal, complaint, record, proof


def test_a_complaint_and_what_was_decided_upon_it_are_in_it():
    deal, complaint, record, proof = complained()
    archive = Archive(deal, officer(Role.AUDITOR))
    assert [(row["number"], row["state"]) for row in archive.rows("投诉")] == [(complaint.number, "upheld")]
    assert [(row["number"], row["decision_no"]) for row in archive.rows("信用记录")] == [
        (record.number, "桂工信信用〔2026〕3号")
    ]
    assert proof.sm3 in {part.get("registered_sm3") for part in archive.index["parts"]}
    assert {"存证链：投诉", "存证链：信用记录"} <= set(archive.titles)


def test_whoever_is_complained_of_is_not_told_by_whom():
    deal, complaint, _, proof = complained()
    archive = Archive(deal, deal.parties.po)
    (row,) = archive.rows("投诉")
    assert row["number"] == complaint.number
    assert not {"filer", "filed_by", "findings"} & set(row)
    assert proof.sm3 not in {part.get("registered_sm3") for part in archive.index["parts"]}
    assert "存证链：投诉" not in archive.titles
    assert len(archive.rows("信用记录")) == 1


def test_whoever_is_complained_of_reads_what_the_officer_reworded():
    deal, *_ = make_answered("confirmed")
    against = deal.parties.provider.organisation
    row = make_complaint(
        filer=deal.parties.eo, against=against, contract_number=deal.at.number, facts="我是某某，讲师未到场。"
    )
    complaints.accept(by=officer(Role.CENTRE_CHECKER), complaint_id=row.pk, version=1, told="讲师未到场。")
    (told,) = Archive(deal, deal.parties.po).rows("投诉")
    assert (told["told"], {"facts", "wish"} & set(told)) == ("讲师未到场。", set())
    (own,) = Archive(deal, deal.parties.eo).rows("投诉")
    assert own["facts"] == "我是某某，讲师未到场。"


def test_the_filer_has_its_complaint_and_not_the_others_credit_record():
    deal, complaint, _, proof = complained()
    archive = Archive(deal, deal.parties.eo)
    (row,) = archive.rows("投诉")
    assert row["filer"] == str(complaint.filer_id)
    assert "findings" not in row
    assert proof.sm3 in {part.get("registered_sm3") for part in archive.index["parts"]}
    assert archive.rows("信用记录") is None


def test_what_is_not_accepted_yet_is_not_shown_to_whom_it_is_against():
    deal, *_ = make_answered("signed")
    make_complaint(filer=deal.parties.eo, against=deal.parties.provider.organisation, contract_number=deal.at.number)
    assert Archive(deal, deal.parties.po).rows("投诉") is None
    assert len(Archive(deal, deal.parties.eo).rows("投诉")) == 1


def test_the_public_list_the_objection_and_the_payment_are_in_it():
    deal, *_ = make_answered("confirmed")
    batch = make_batch("publicised", cases=[make_claim("passed", deal=deal), make_claim("passed")])
    item = batch.at.publicity.items.get(subject_id=batch.cases[0].pk)
    objection = object_to(item, step="notified")
    for step in ("cleared", "marked", "paying"):
        getattr(batch, step)()
    make_payout("paid", case=batch.cases[0])
    archive = Archive(deal, officer(Role.SUPERVISOR))
    assert [row["id"] for row in archive.rows("公示")] == [str(batch.at.publicity.pk)]
    assert [(row["id"], row["state"]) for row in archive.rows("公示事项")] == [(str(item.pk), "cleared")]
    assert [(row["number"], row["outcome"]) for row in archive.rows("公示异议")] == [
        (objection.at.number, "not_upheld")
    ]
    assert [row["state"] for row in archive.rows("支付单")] == ["paid"]
    assert "李实名".encode() not in archive.bytes  # who objected is sealed
    for reader in (deal.parties.eo, deal.parties.po):
        theirs = Archive(deal, reader)
        assert len(theirs.rows("公示事项")) == 1
        assert theirs.rows("公示异议") is None
        assert "存证链：公示" not in theirs.titles


def test_the_story_tells_every_act_in_the_order_of_time():
    deal, *_ = make_answered("confirmed")
    batch = make_batch("paying", cases=[make_claim("passed", deal=deal)])
    make_payout("paid", case=batch.cases[0])
    archive = Archive(deal, officer(Role.AUDITOR))
    story = archive.read("29-办理经过")
    assert [line["at"] for line in story] == sorted(line["at"] for line in story)
    assert len(story) == sum(one["records"] for one in archive.index["chains"])
    last = next(line for line in story if (line["what"], line["act"]) == ("支付单", "paid"))
    assert (last["state_text"], last["at"][-6:]) == ("已支付", "+08:00")
    told = [(line["what"], line["act"]) for line in story]
    order = [
        ("需求", "take_up"), ("需求", "draft_contract"), ("合同", "start_signing"), ("需求", "match"),
        ("合同", "deliver"), ("合同", "accept"), ("合同", "confirm"), ("兑付申请", "submit"), ("支付单", "paid"),
    ]  # fmt: skip
    assert [told.index(one) for one in order] == sorted(told.index(one) for one in order)


def test_the_money_is_told_with_every_movement_and_no_others_balance():
    deal, *_ = make_answered("confirmed")
    batch = make_batch("paying", cases=[make_claim("passed", deal=deal)])
    make_payout("paid", case=batch.cases[0])
    money = Archive(deal, officer(Role.AUDITOR)).read("28-资金占用")
    assert {(line["book"], line["bucket"], line["amount"]) for line in money["now"]} == {
        (book, "consumed", "10000.00") for book in ("quota", "cap", "budget")
    }
    moved = [(line["from"], line["to"]) for line in money["movements"] if line["book"] == "budget"]
    assert moved == [("available", "reserved"), ("reserved", "committed"), ("committed", "due"), ("due", "consumed")]
    assert not {"source_before", "source_after", "target_before"} & set(money["movements"][0])


def test_what_a_row_refers_to_is_called_by_its_name():
    deal, *_ = complained()
    archive = Archive(deal, officer(Role.AUDITOR))

    def texts(title):
        path = next(part["path"] for part in archive.index["parts"] if part["title"] == title)
        return {column["name"]: column.get("text") for column in json.loads(archive.zip.read(path))[0]}

    contract, parties = texts("合同"), deal.parties
    assert (contract["enterprise"], contract["provider"]) == (parties.enterprise.name, parties.provider.name)
    assert (contract["product"], contract["notice"]) == (parties.product.name, deal.at.notice.label)
    assert texts("投诉")["filer"] == parties.enterprise.name
    money = archive.read("28-资金占用")["movements"][0]
    assert (money["book_text"], money["from_text"], money["by"]) == ("企业年度额度", "可用", parties.eo.name)


def test_a_section_has_the_same_number_in_every_view():
    deal, _, _, _ = complained()
    views = [Archive(deal, reader) for reader in (deal.parties.eo, deal.parties.po, officer(Role.AUDITOR))]
    named = [{name.partition("-")[0]: name for name in view.zip.namelist() if "/" not in name} for view in views]
    assert all(name == named[2][number] for view in named[:2] for number, name in view.items())
    assert named[2]["23"] == "23-投诉.json"


def test_the_permit_of_related_parties_and_what_it_rests_on_for_officers():
    parties, by = make_parties(), officer(Role.DEPARTMENT)
    paper = upload(by)
    permit = make_permit("granted", parties=parties, by=by, file_id=paper.pk)
    deal = make_contract("ready", parties=parties, related_party=True)
    whole = Archive(deal, officer(Role.AUDITOR))
    [row] = whole.rows("关联交易核准")
    assert (row["id"], row["state"], row["decision_no"]) == (str(permit.pk), "granted", "桂工信审〔2026〕8号")
    assert row["file"] == str(paper.pk)
    assert whole.rows("合同")[0]["permit"] == str(permit.pk)
    assert {"存证链：关联交易核准", f"关联交易核准：{paper.name}"} <= set(whole.titles)
    for person in (parties.el, parties.pl):
        theirs = Archive(deal, person)
        assert [(one["id"], "file" in one) for one in theirs.rows("关联交易核准")] == [(str(permit.pk), False)]
        assert "存证链：关联交易核准" in theirs.titles
        assert f"关联交易核准：{paper.name}" not in theirs.titles


def test_a_contract_of_the_unrelated_has_no_permit_in_its_archive():
    parties = make_parties()
    make_permit("granted", parties=parties)
    assert Archive(make_contract("ready", parties=parties), officer(Role.AUDITOR)).rows("关联交易核准") is None
