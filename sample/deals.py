"""A deal between one enterprise and one provider, driven through the services. Tests drive theirs with it too."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from contracts import selectors, subsidy
from contracts.models import Contract, Invoice, PaymentOrder
from contracts.services import drafting, invoices, payments, performance, signing
from contracts.services.drafting import Step, Terms
from contracts.states import PaymentKind
from engines.files import services as files
from engines.files.models import StoredFile
from enterprises.models import Enterprise
from foundation import clock
from programmes import selectors as programmes
from providers.models import Product, Provider

PDF = b"%PDF-1.7\n%%EOF\n"
RATINGS = {"quality": 5, "competence": 5, "timeliness": 4, "communication": 5, "value": 4}
_numbers = itertools.count(1)


@dataclass
class Parties:
    """An enterprise and a provider with a product, and an agent and a signatory of each."""

    enterprise: Enterprise
    provider: Provider
    product: Product
    eo: User
    el: User
    po: User
    pl: User


@dataclass
class Deal:
    """A contract and its people. `at` is the row as last read; each step reads it anew."""

    parties: Parties
    pk: UUID

    @property
    def at(self) -> Contract:
        return Contract.objects.select_related("enterprise__organisation", "provider__organisation", "notice").get(
            pk=self.pk
        )

    def do(self, service: Any, by: User, **fields: Any) -> Contract:
        result: Contract = service(by=by, contract_id=self.pk, version=self.at.version, **fields)
        return result

    def ready(self) -> None:
        self.do(drafting.agree, self.parties.eo)
        self.do(drafting.agree, self.parties.po)

    def signing(self) -> None:
        self.do(signing.start_signing, self.parties.eo)

    def signed(self) -> None:
        self.do(signing.sign, self.parties.el)
        self.do(signing.sign, self.parties.pl)

    def effective(self, paid_at: datetime | None = None) -> None:
        self.report(PaymentKind.DEPOSIT, paid_at)
        self.confirm(PaymentKind.DEPOSIT)

    def performing(self) -> None:
        file = upload(self.parties.po)
        self.do(performance.add_evidence, self.parties.po, milestone=1, file_ids=[file.pk])

    def delivered(self) -> None:
        self.do(performance.deliver, self.parties.po, note="已交付", indicators=reached(self.at))

    def accepted(self, amount: Decimal | None = None) -> None:
        self.do(performance.accept, self.parties.el, amount=amount)

    def paid_up(self) -> None:
        if self.at.state == "accepted":
            self.report(PaymentKind.BALANCE)
            self.confirm(PaymentKind.BALANCE)

    def confirmed(self) -> None:
        self.do(performance.sign_confirmation, self.parties.pl, content="已完成")
        self.do(performance.countersign_confirmation, self.parties.el, ratings=RATINGS)

    def order(self, kind: PaymentKind) -> PaymentOrder:
        return PaymentOrder.objects.get(contract_id=self.pk, kind=kind)

    def report(self, kind: PaymentKind, paid_at: datetime | None = None, serial: str | None = None) -> PaymentOrder:
        order = self.order(kind)
        return payments.report(
            by=self.parties.eo,
            order_id=order.pk,
            version=order.version,
            bank_serial=serial or f"SN{next(_numbers):08d}",
            paid_at=paid_at or clock.now(),
            receipt_id=upload(self.parties.eo, "receipt").pk,
        )

    def invoiced(self, amount: Decimal | None = None, number: str = "", **fields: Any) -> Invoice:
        """The provider registers an invoice; over the whole amount unless said."""
        contract = self.at
        values = {
            "by": self.parties.po,
            "version": contract.version,
            "number": number or f"{clock.today():%y}45{next(_numbers):016d}",
            "issued_on": clock.today(),
            "amount": amount or selectors.most_invoiced(contract),
        }
        if "file_id" not in fields:
            fields["file_id"] = upload(self.parties.po, "invoice").pk
        return invoices.register(contract_id=self.pk, **{**values, **fields})

    def confirm(self, kind: PaymentKind) -> PaymentOrder:
        order = self.order(kind)
        return payments.confirm(by=self.parties.po, order_id=order.pk, version=order.version)


def reached(contract: Contract) -> list[dict[str, Any]]:
    """What a delivery says of each indicator of the contract: met, as it was to be checked."""
    return [
        {"seq": one.seq, "reached": f"经{one.method}，达到{one.agreed}。"} for one in selectors.indicators(contract)
    ]


STEPS = ["ready", "signing", "signed", "effective", "performing", "delivered", "accepted", "paid_up", "confirmed"]


def make_terms(parties: Parties, *, amount: str = "12500.00", voucher: str | None = None, **fields: Any) -> Terms:
    """Terms that run from today for 90 days with one milestone; the voucher is the most the rules allow."""
    start: date = fields.get("start_date", clock.today())
    end: date = fields.get("end_date", start + timedelta(days=90))
    rules = programmes.current_notice(clock.today()).parsed
    category = rules.category(parties.product.category)
    bounds = subsidy.rule_bounds(Decimal(amount), rate=category.rate, cap=category.cap, deposit_rate=rules.deposit_rate)
    return Terms(
        amount=Decimal(amount),
        voucher=Decimal(voucher) if voucher is not None else subsidy.ceiling(bounds),
        start_date=start,
        end_date=end,
        milestones=[Step(*one) for one in fields.get("milestones", [("提交成果", end)])],
        related_party=fields.get("related_party", False),
    )


def upload(by: User, purpose: str = "evidence") -> StoredFile:
    """A small real PDF of the caller's organisation, different each time."""
    content = PDF + f"% {next(_numbers)}\n".encode()
    return files.store(
        upload=SimpleUploadedFile("材料.pdf", content), by=by, organisation_id=by.organisation_id, purpose=purpose
    )
