"""A complaint by anybody, under his real name and without an account (DOMAIN section 4, row 31: PUB)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hmac import compare_digest
from uuid import UUID

from accounts import identity
from accounts.models import User
from credit import policies
from credit.models import Complaint, ComplaintFiler
from credit.services import complaints
from credit.states import ComplainantKind
from engines.evidence import chain
from engines.evidence import services as evidence
from foundation import sealed
from foundation.errors import Invalid, NotFound, Refused, not_allowed, not_found
from foundation.locking import lock, unit_of_work
from registry import uscc as uscc_rules

PURPOSE = "complaint"  # of settings.SEALING_SECRETS


@dataclass(frozen=True)
class Filer:
    """Who complains: a person by name and identity number, a unit by name and 统一社会信用代码."""

    kind: str
    name: str
    identity: str
    phone: str
    email: str
    address: str


@dataclass(frozen=True)
class Stranger:
    """The filer as an actor: what is his can be told apart, who he is cannot be told."""

    receipt: str

    @property
    def actor_id(self) -> str:
        return f"complainant:{self.receipt}"

    @property
    def actor_label(self) -> str:
        return f"投诉人（{self.receipt}）"


def file(*, filer: Filer, uscc: str, facts: str, wish: str = "", contract_number: str = "") -> Complaint:
    """The centre has the complaint; who filed it is sealed apart, and his receipt opens its state to him.

    Raises COMPLAINT_ANONYMOUS, IDENTITY_INVALID, USCC_INVALID, PARTY_UNKNOWN, COMPLAINT_AGAINST_ONESELF,
    PERSONAL_DATA.
    """
    if not (filer.name.strip() and filer.identity.strip() and filer.phone.strip()):
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
        evidence.record(complaint, act="file", by=Stranger(complaint.number), facts=given)
        plain = json.dumps(asdict(filer) | {"identity": number}, ensure_ascii=False).encode()
        ComplaintFiler.objects.create(
            complaint=complaint,
            sealed=sealed.seal(PURPOSE, plain, about=_about(complaint)),
            secret=chain.sm3(secret_of(complaint.number).encode()),
        )
        complaints.tell_centre(complaint)
    return complaint


def by_receipt(receipt: str, secret: str) -> Complaint:
    """The complaint whose receipt and word these are. Raises RECEIPT_UNKNOWN, the same for either being wrong."""
    found = ComplaintFiler.objects.select_related("complaint").filter(complaint__number=receipt.strip().upper()).first()
    given = chain.sm3(secret.strip().upper().encode())
    if found is None or not compare_digest(found.secret, given):
        raise NotFound("RECEIPT_UNKNOWN", "回执号或查询码不正确，请核对后重新填写。")
    complaint: Complaint = found.complaint
    return complaint


def secret_of(receipt: str) -> str:
    """The word that was given out with the receipt; made anew, it is kept nowhere."""
    return sealed.word_for(PURPOSE, receipt)


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
        try:
            plain = sealed.unseal(PURPOSE, bytes(filer.sealed), about=_about(complaint))
        except sealed.SealBroken as error:
            raise Refused(
                "SEAL_BROKEN", "密封内容无法打开：与当前密钥（OBJECTION_KEY）不符或已被改动，请联系运维核查。"
            ) from error
        return complaint, Filer(**json.loads(plain))


def _about(complaint: Complaint) -> str:
    return f"complaint:{complaint.pk}"
