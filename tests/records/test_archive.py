"""The archive of a contract: everything in order with its SM3, the same bytes each time, and checked without us (第二十五条)."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.states import OrganisationKind, Role
from contracts.models import MilestoneEvidence
from contracts.services import queries
from engines.evidence import chain
from foundation import clock
from foundation.errors import DomainError
from records import services, verify
from records.models import Download
from tests.factories.accounts import Caller, both_sides, make_organisation, make_user, officer
from tests.factories.contracts import make_contract, make_query, upload
from tests.factories.settlement import make_batch, make_claim, make_payout

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def paid_case():
    """A contract whose voucher was paid, and which has seen a query and its answer."""
    deal = make_contract("performing")
    query = make_query(deal)
    queries.withdraw(by=deal.parties.eo, query_id=query.pk, version=query.version, reason="经核对属实")
    for step in ("delivered", "accepted", "paid_up", "confirmed"):
        getattr(deal, step)()
    case = make_batch("paying", cases=[make_claim("passed", deal=deal), make_claim("passed")]).cases[0]
    make_payout("paid", case=case)
    return case


def take(deal, by):
    made = services.download(by=by, contract_id=deal.pk)
    with made.file:
        return made, zipfile.ZipFile(io.BytesIO(made.file.read()))


def index(archive):
    return json.loads(archive.read("00-index.json"))


def titles(archive):
    return [part["title"] for part in index(archive)["parts"]]


def value(archive, path, name, row=0):
    columns = json.loads(archive.read(path))[row]
    return next(column["value"] for column in columns if column["name"] == name)


def test_the_archive_holds_every_record_in_order():
    case = paid_case()
    made, archive = take(case.deal, officer(Role.DEPARTMENT))
    found = [title for title in titles(archive) if not title.startswith(("存证链", "付款订单：", "佐证材料："))]
    assert found == [
        "目录", "合同文本（双方签署的内容）", "合同", "签署记录", "付款订单", "关键环节", "佐证材料", "佐证质询",
        "服务确认书", "兑付申请", "兑付批次", "公示", "公示事项", "支付单", "额度、上限和预算的占用及其变动",
        "办理经过（按时间先后）", "离线核验程序",
    ]  # fmt: skip
    assert archive.namelist()[:2] == ["00-index.json", "00-目录.html"]
    assert made.parts == len(archive.namelist()) == len(titles(archive)) + 1
    assert made.name == f"{case.deal.at.number}-档案.zip"


def test_every_part_is_what_the_index_says():
    _, archive = take(paid_case().deal, officer(Role.DEPARTMENT))
    parts = index(archive)["parts"]
    assert {part["state"] for part in parts} == {"ok"}
    assert [part["sm3"] for part in parts] == [chain.sm3(archive.read(part["path"])) for part in parts]


def test_the_files_are_the_original_bytes():
    deal = make_contract("confirmed")
    _, archive = take(deal, deal.parties.eo)
    file = MilestoneEvidence.objects.get(milestone__contract=deal.pk).file
    (part,) = [part for part in index(archive)["parts"] if part.get("file") == str(file.pk)]
    assert archive.read(part["path"]) == file.path.read_bytes()
    assert part["registered_sm3"] == part["sm3"] == file.sm3


def test_only_this_contracts_lines_are_in_it():
    case = paid_case()
    _, archive = take(case.deal, officer(Role.DEPARTMENT))
    claims = json.loads(archive.read("15-兑付申请.json"))
    assert (len(claims), value(archive, "15-兑付申请.json", "number")) == (1, case.at.number)
    assert len(json.loads(archive.read("22-支付单.json"))) == 1


def test_account_numbers_are_shown_by_their_last_four_digits():
    case = paid_case()
    whole = case.at.account["number"]
    _, archive = take(case.deal, officer(Role.DEPARTMENT))
    assert value(archive, "22-支付单.json", "account_number") == f"****{whole[-4:]}"
    assert value(archive, "15-兑付申请.json", "account")["number"] == f"****{whole[-4:]}"
    assert whole.encode() not in archive.fp.getvalue()


def test_the_enterprise_is_not_shown_where_its_provider_is_paid():
    case = paid_case()
    _, archive = take(case.deal, case.deal.parties.el)
    assert index(archive)["view"] == "enterprise"
    assert not {"支付单", "兑付批次", "存证链：支付单", "存证链：兑付批次"} & set(titles(archive))
    columns = [column["name"] for column in json.loads(archive.read("15-兑付申请.json"))[0]]
    assert not {"account", "corrected_account"} & set(columns)


def test_the_provider_has_its_payment_but_not_the_batchs_chain():
    case = paid_case()
    _, archive = take(case.deal, case.deal.parties.po)
    found = set(titles(archive))
    assert {"支付单", "兑付批次", "存证链：支付单"} <= found
    assert "存证链：兑付批次" not in found


def test_an_appeal_and_its_proof_are_in_it_but_not_in_the_enterprises():
    case = make_claim("reviewed")
    case.refused()
    proof = upload(case.deal.parties.pl, "material")
    case.appealed(file_ids=[proof.pk])
    _, archive = take(case.deal, case.deal.parties.pl)
    assert value(archive, "16-申诉.json", "state") == "filed"
    assert proof.sm3 in {part.get("registered_sm3") for part in index(archive)["parts"]}
    assert "存证链：申诉" in titles(archive)
    _, theirs = take(case.deal, case.deal.parties.el)
    assert "申诉" not in titles(theirs)
    assert proof.sm3 not in {part.get("registered_sm3") for part in index(theirs)["parts"]}


def test_the_same_contract_gives_the_same_bytes_at_any_hour():
    deal = make_contract("confirmed")
    first, _ = take(deal, officer(Role.DEPARTMENT))
    with time_machine.travel(clock.now() + timedelta(days=40), tick=False):
        second, _ = take(deal, officer(Role.SUPERVISOR))
    assert (first.sm3, first.size) == (second.sm3, second.size)
    case = make_claim(deal=deal)
    assert take(case.deal, officer(Role.DEPARTMENT))[0].sm3 != first.sm3


def test_a_file_gone_from_disk_is_named_and_the_rest_is_there():
    deal = make_contract("confirmed")
    file = MilestoneEvidence.objects.get(milestone__contract=deal.pk).file
    kept = file.path.read_bytes()
    file.path.unlink()
    try:
        made, archive = take(deal, deal.parties.eo)
    finally:
        file.path.write_bytes(kept)
    (fault,) = index(archive)["faults"]
    assert fault.endswith("：缺失")
    assert (made.faults, Download.objects.get().faults) == (1, 1)
    assert "40-存证链/001-合同.jsonl" in archive.namelist()
    assert verify.faults(archive.read) == [fault.replace("：缺失", "：制作档案时已缺失")]


def test_a_file_altered_on_disk_is_named():
    deal = make_contract("confirmed")
    file = MilestoneEvidence.objects.get(milestone__contract=deal.pk).file
    kept = file.path.read_bytes()
    file.path.write_bytes(kept + b"x")
    try:
        _, archive = take(deal, deal.parties.eo)
    finally:
        file.path.write_bytes(kept)
    assert index(archive)["faults"][0].endswith("：与登记的SM3不符")


# Verified without us.


def again(archive, changes):
    """The archive with some parts replaced."""
    return lambda name: changes[name] if name in changes else archive.read(name)


def test_the_script_needs_neither_us_nor_a_database(tmp_path):
    _, archive = take(paid_case().deal, officer(Role.AUDITOR))
    target = tmp_path / "档案.zip"
    target.write_bytes(archive.fp.getvalue())
    archive.extractall(tmp_path / "出")
    script = tmp_path / "出" / "99-verify.py"
    for arguments in ([target], []):
        done = subprocess.run(
            [sys.executable, "-I", script, *arguments], capture_output=True, check=False, cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        assert (done.returncode, done.stdout.decode().splitlines()[-1]) == (0, "核验通过"), done.stderr
    (tmp_path / "出" / "05-合同.json").write_text("[]")
    done = subprocess.run([sys.executable, "-I", script], capture_output=True, check=False)
    assert done.returncode == 1


def test_an_altered_part_is_found():
    _, archive = take(make_contract("confirmed"), officer(Role.DEPARTMENT))
    assert verify.faults(again(archive, {"05-合同.json": b"[]"})) == ["05-合同.json：SM3 不符"]


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda lines: [lines[0], lines[1].replace("agree", "agreed"), *lines[2:]], "第2条被改动"),
        (lambda lines: [lines[0], *lines[2:]], "第2条接不上前一条"),
        (lambda lines: lines[:-1], "链首与登记不符"),
    ],
)
def test_a_broken_chain_is_found(spoil, fault):
    _, archive = take(make_contract("confirmed"), officer(Role.DEPARTMENT))
    one = index(archive)["chains"][0]
    lines = archive.read(one["path"]).decode().splitlines()
    read = again(archive, {one["path"]: "\n".join(spoil(lines)).encode()})
    assert verify.broken(read, one) == [fault]


# Who, and on record.


def test_every_download_is_on_record():
    deal = make_contract("confirmed")
    reader = officer(Role.CENTRE_CHECKER)
    made, _ = take(deal, reader)
    row = Download.objects.get()
    assert (row.by, row.view, row.sm3, row.size, row.contract_version) == (
        reader, "officer", made.sm3, made.size, deal.at.version,
    )  # fmt: skip


@pytest.mark.parametrize("role", [Role.APPROVER, Role.FINANCE])
def test_an_officer_without_business_here_does_not_take_it(role):
    deal = make_contract("confirmed")
    with pytest.raises(DomainError, match="NOT_ALLOWED"):
        take(deal, officer(role))
    assert not Download.objects.exists()


def test_over_http_by_role():
    deal = make_contract("confirmed")
    stranger = both_sides(make_organisation())[0]
    city = make_user(Role.CITY, organisation=make_organisation(OrganisationKind.CITY, city="450100"))
    people = {
        deal.parties.eo: 200, deal.parties.pl: 200, officer(Role.CENTRE_REVIEWER): 200, officer(Role.AUDITOR): 200,
        officer(Role.FINANCE): 403, city: 403, stranger: 404, officer(Role.SYSTEM_ADMIN): 404,
    }  # fmt: skip
    path = f"/api/v1/contracts/{deal.pk}/archive/"
    answers = [Caller(user).get(path) for user in people]
    for answer in answers:
        list(answer)  # the client closes what was read to its end
    assert [answer.status_code for answer in answers] == list(people.values())
    assert Download.objects.count() == 4


def test_the_answer_is_a_stream_with_its_sm3():
    deal = make_contract("confirmed")
    answer = Caller(deal.parties.eo).get(f"/api/v1/contracts/{deal.pk}/archive/")
    content = b"".join(answer.streaming_content)
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["X-Archive-SM3"] == chain.sm3(content)
    assert answer.headers["Content-Length"] == str(len(content))
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_record_of_downloads_is_read_by_officers_and_by_whoever_took_one():
    deal = make_contract("confirmed")
    for user in (deal.parties.eo, deal.parties.po, officer(Role.DEPARTMENT)):
        take(deal, user)
    counts = {
        deal.parties.el: 1, deal.parties.pl: 1, officer(Role.SUPERVISOR): 3, officer(Role.AUDITOR): 3,
        both_sides(make_organisation())[0]: 0, officer(Role.SECURITY_ADMIN): 0,
    }  # fmt: skip
    found = [len(Caller(user).get("/api/v1/archive-downloads/").json()["results"]) for user in counts]
    assert found == list(counts.values())


def test_a_quoted_sm3_finds_its_download():
    deal = make_contract("confirmed")
    made, _ = take(deal, deal.parties.eo)
    client = Caller(officer(Role.DEPARTMENT))
    (row,) = client.get(f"/api/v1/archive-downloads/?sm3={made.sm3}").json()["results"]
    assert (row["contract_number"], row["view"], row["faults"]) == (deal.at.number, "enterprise", 0)
    assert client.get(f"/api/v1/archive-downloads/?sm3={'0' * 64}").json()["results"] == []


# The rows.


def test_a_download_says_what_was_taken():
    deal = make_contract("confirmed")
    take(deal, deal.parties.eo)
    row = Download.objects.get()
    row.pk, row.sm3 = None, "x"
    row._state.adding = True
    with pytest.raises(IntegrityError, match="download_says_what"), transaction.atomic():
        Download.objects.create(
            contract=row.contract, contract_version=1, view=row.view, by=row.by, at=row.at, sm3="x", size=1, parts=1
        )


def test_the_record_of_downloads_only_grows():
    deal = make_contract("confirmed")
    take(deal, deal.parties.eo)
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        Download.objects.all()._raw_delete("default")
    with (
        pytest.raises(ProgrammingError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE records_download SET size = size + 1")
