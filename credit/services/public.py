"""A complaint by anybody, under his real name and without an account (DOMAIN section 4, row 31: PUB)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from accounts import identity
from accounts.models import User
from credit import policies
from credit.models import Complaint, ComplaintFiler
from credit.services import complaints
from credit.states import ComplainantKind
from engines import strangers
from engines.evidence import chain
from engines.evidence import services as evidence
from engines.strangers import Filer, Stranger
from foundation.errors import Invalid, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from registry import uscc as uscc_rules

PURPOSE = "complaint"  # of settings.SEALING_SECRETS


class Complainant(Stranger):
    """Who complains, as an actor."""

    code = "complainant"
    label = "投诉人"


def file(*, filer: Filer, uscc: str, facts: str, wish: str = "", contract_number: str = "") -> Complaint:
    """The centre has the complaint; who filed it is sealed apart, and his receipt opens its state to him.

    Raises COMPLAINT_ANONYMOUS, IDENTITY_INVALID, USCC_INVALID, PARTY_UNKNOWN, COMPLAINT_AGAINST_ONESELF,
    PERSONAL_DATA.
    """
    if not filer.is_named:
        raise Invalid("COMPLAINT_ANONYMOUS", "投诉须实名提出：请填写姓名（名称）、证件号码和联系电话。")
    number = filer.identity.strip().upper()
    if filer.kind == ComplainantKind.UNIT:
        number = uscc_rules.check(number).code
    else:
        identity.digest(number)  # its check digit holds; the digest is not kept: it would tell whose account
    party = complaints.party_of(uscc)
    if number == party.uscc:
        raise Invalid("COMPLAINT_AGAINST_ONESELF", "不能投诉本单位。", uscc=party.uscc)
    with unit_of_work():
        complaint = complaints.new(party, contract_number=contract_number, facts=facts, wish=wish)
        complaint.filer_kind = filer.kind
        given = {
            "against": complaint.uscc,
            "contract": contract_number,
            "accept_due": str(complaint.accept_due),
            "facts": chain.sm3(facts.encode()),
        }
        evidence.record(complaint, act="file", by=Complainant(complaint.number), facts=given)
        ComplaintFiler.objects.create(
            complaint=complaint,
            sealed=strangers.seal(PURPOSE, replace(filer, identity=number), about=_about(complaint)),
            secret=strangers.digest(secret_of(complaint.number)),
        )
        complaints.tell_centre(complaint)
    return complaint


def by_receipt(receipt: str, secret: str) -> Complaint:
    """The complaint whose receipt and word these are. Raises RECEIPT_UNKNOWN, the same for either being wrong."""
    found = ComplaintFiler.objects.select_related("complaint").filter(complaint__number=receipt.strip().upper()).first()
    if found is None or not strangers.is_word(found.secret, secret):
        raise strangers.receipt_unknown()
    complaint: Complaint = found.complaint
    return complaint


def secret_of(receipt: str) -> str:
    """The word that was given out with the receipt; made anew, it is kept nowhere."""
    return strangers.word(PURPOSE, receipt)


def open_identity(*, by: User, complaint_id: UUID, version: int, reason: str) -> tuple[Complaint, Filer]:
    """Who filed, for one officer who has to deal with it and one reason; the chain says to whom and why.

    Raises NOT_FOUND where a registered party complained, SEAL_BROKEN.
    """
    with unit_of_work():
        complaint = lock(complaints.ROWS, complaint_id, version=version)
        if not policies.may_open_filer(by):
            raise not_allowed("查看投诉人身份")
        filer = ComplaintFiler.objects.filter(complaint=complaint).first()
        if filer is None:
            raise not_found("公众投诉人")
        evidence.record(complaint, act="open_identity", by=by, reason=reason, fields=[])
        return complaint, strangers.unseal(PURPOSE, bytes(filer.sealed), about=_about(complaint))


def _about(complaint: Complaint) -> str:
    return f"complaint:{complaint.pk}"
