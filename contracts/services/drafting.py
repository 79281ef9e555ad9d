"""From a first draft to terms both sides agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from accounts.models import User
from contracts import policies, selectors, subsidy
from contracts.models import Contract, Milestone
from contracts.services import answering, common, permits
from contracts.states import EvidenceKind, Side, State
from credit import services as credit
from demands.services import contracting
from engines.evidence import services as evidence
from enterprises import selectors as enterprises
from enterprises.models import Enterprise
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed, not_found
from foundation.locking import unit_of_work
from foundation.models import next_number
from foundation.money import percent, yuan
from foundation.states import move
from programmes import selectors as programmes
from programmes.models import Notice
from programmes.rules import Rules
from providers import selectors as providers
from providers.models import Product, ProductVersion


class Step(NamedTuple):
    """A key step: what it is, when it is due, and the kinds of material that will show it (第二十二条)."""

    title: str
    due_date: date
    evidence_kinds: tuple[str, ...] = (EvidenceKind.REPORT.value,)


@dataclass(frozen=True)
class Terms:
    """What the parties settle between them. Amounts in 元, tax included; milestones in order."""

    amount: Decimal
    voucher: Decimal
    start_date: date
    end_date: date
    milestones: Sequence[Step]
    tax: Decimal = Decimal("0.00")
    related_party: bool = False


def draft(*, by: User, enterprise_id: UUID, product_id: UUID, terms: Terms, demand_id: UUID | None = None) -> Contract:
    """A draft between the enterprise and the product's provider exists, pinned to the notice in force today.

    With `demand_id` it answers that demand of the enterprise, which is being matched from now on.

    Raises NOT_FOUND, NOT_ALLOWED, NOTICE_NOT_PUBLISHED, PRODUCT_NOT_ON_SHELF, TERMS_INVALID or
    VOUCHER_OVER_BOUND with the bound that failed, and what `contracting.lock_for_contract` finds.
    """
    with unit_of_work():
        enterprise = Enterprise.objects.select_related("organisation").filter(pk=enterprise_id).first()
        product = Product.objects.select_related("provider__organisation").filter(pk=product_id).first()
        if enterprise is None or product is None:
            raise not_found("企业或产品")
        today = clock.today()
        contract = Contract(enterprise=enterprise, provider=product.provider, product=product, drafted_by=by)
        if not policies.is_party(by, contract):
            raise not_found("企业或产品")
        if demand_id is not None:
            contract.demand = contracting.lock_for_contract(
                by=by, demand_id=demand_id, enterprise_id=enterprise.pk, provider_id=product.provider_id
            )
        contract.number = f"FWQ-{today.year}-{next_number(f'contract-{today.year}'):06d}"
        check_parties(contract, today, listed=providers.is_listed(contract.provider_id, today))
        _apply(contract, terms, programmes.current_notice(today))
        evidence.record(contract, act="draft", by=by, facts=_facts(contract))
        if contract.demand is not None:
            contracting.begin(contract.demand, by=by, contract_id=contract.pk, number=contract.number)
        _write_milestones(contract, terms)
        other = Side.PROVIDER if policies.side_of(by, contract) == Side.ENTERPRISE else Side.ENTERPRISE
        common.tell_parties(contract, "contract.draft", "新的合同草稿", f"请{other.label}核对条款并同意。")
    return contract


def revise(*, by: User, contract_id: UUID, version: int, terms: Terms) -> Contract:
    """The draft says the new terms, under the notice in force today; whoever had agreed must agree again."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.is_party(by, contract):
            raise not_allowed("修改合同草稿", *policies.PARTIES)
        if contract.state == State.READY:
            move(contract, "reopen", "修改合同草稿")()
        elif contract.state != State.DRAFT:
            move(contract, "make_ready", "修改合同草稿")()  # refuses with the state's own words
        today = clock.today()
        check_parties(contract, today, listed=providers.is_listed(contract.provider_id, today))
        _apply(contract, terms, programmes.current_notice(today))
        contract.enterprise_agreed_by = contract.provider_agreed_by = None
        evidence.record(contract, act="revise", by=by, facts=_facts(contract))
        contract.milestones.all().delete()
        _write_milestones(contract, terms)
    return contract


def agree(*, by: User, contract_id: UUID, version: int) -> Contract:
    """The caller's side agrees to the draft as it stands; with both, the contract is ready to be signed.

    Raises PARTY_RESTRICTED while the credit file keeps one of the two out (第二十七条).
    """
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        side = policies.side_of(by, contract)
        if side is None or not policies.acts_for(by, contract, side):
            raise not_allowed("同意合同草稿", *policies.PARTIES)
        _refuse_restricted(contract)
        if contract.state != State.DRAFT:
            move(contract, "make_ready", "同意合同草稿")()
        if side == Side.ENTERPRISE:
            contract.enterprise_agreed_by = by
        else:
            contract.provider_agreed_by = by
        if contract.enterprise_agreed_by and contract.provider_agreed_by:
            move(contract, "make_ready", "同意合同草稿")()
            common.tell_parties(contract, "contract.ready", "合同条款已达成一致", "任一方可发起签署。")
        evidence.record(contract, act="agree", by=by, facts={"side": side.value})
    return contract


def withdraw(*, by: User, contract_id: UUID, version: int, reason: str) -> Contract:
    """The draft is cancelled before anything was signed or set aside."""
    with unit_of_work():
        contract = common.lock_contract(contract_id, version)
        if not policies.is_party(by, contract):
            raise not_allowed("撤回合同草稿", *policies.PARTIES)
        if contract.state not in (State.DRAFT, State.READY):
            raise Refused(
                "WRONG_STATE",
                f"当前状态为“{contract.get_state_display()}”，不能撤回草稿；签署中的合同请使用拒签。",
                state=contract.state,
            )
        move(contract, "cancel", "撤回合同草稿")(reason)
        evidence.record(contract, act="withdraw", by=by, reason=reason)
        answering.ended(contract, by=by, reason=reason)
        common.tell_parties(contract, "contract.cancelled", "合同草稿已撤回", reason)
    return contract


def check_parties(contract: Contract, day: date, *, listed: bool, restricted: bool = True) -> None:
    """Both may enter a contract on `day`, over this product: 6.5's guard on signing, told early at drafting.

    `listed`: the provider is on the list in force on that day. `restricted`: a credit record may keep one of them
    out, so the credit file is asked (第二十七条: PARTY_RESTRICTED); False where that was found out already.
    """
    if contract.enterprise.uscc == contract.provider.uscc:
        raise Refused("SAME_PARTY", "企业不得购买本单位提供的服务。")
    if restricted:
        _refuse_restricted(contract)
    if contract.enterprise.state != "active":
        raise Refused(
            "ENTERPRISE_NOT_ACTIVE",
            f"企业当前状态为“{contract.enterprise.get_state_display()}”，不能签订新合同。",
            state=contract.enterprise.state,
        )
    if not listed:
        raise Refused("PROVIDER_NOT_LISTED", f"服务商不在{day.year}年度名单内，或已暂停服务资格，不能签订新合同。")
    product = contract.product
    if product.state != "on_shelf" or product.shelf_from is None or product.shelf_from > day:
        raise Refused(
            "PRODUCT_NOT_ON_SHELF",
            f"服务产品当前状态为“{product.get_state_display()}”，上架日期为{product.shelf_from or '无'}，不能用于新合同。",
            state=product.state,
        )


def _refuse_restricted(contract: Contract) -> None:
    for party in (contract.enterprise, contract.provider):
        credit.refuse_restricted(party.uscc, "签订新合同")


def check_end(rules: Rules, year: int, end_date: date) -> None:
    """The service ends while a voucher of the quota year can still be claimed (8-16). Raises END_DATE_TOO_LATE."""
    last = rules.year_end.claim_end(year)
    if end_date > last:
        raise Invalid(
            "END_DATE_TOO_LATE",
            f"服务结束日期{end_date}晚于{last}：{year}年度的服务券须在该日前申请兑付，请缩短服务期或拆分服务。",
            end_date=str(end_date),
            last=str(last),
        )


def _apply(contract: Contract, terms: Terms, notice: Notice) -> None:
    """The terms and the notice's figures are on the contract, checked; and what lets related parties contract."""
    permit = selectors.permit_in_force(contract, clock.today()) if terms.related_party else None
    _check_terms(terms, permitted=permit is not None)
    _check_relation(contract, terms)
    rules = notice.parsed
    check_end(rules, clock.today().year, terms.end_date)
    category = rules.category(contract.product.category)
    bounds = subsidy.rule_bounds(terms.amount, rate=category.rate, cap=category.cap, deposit_rate=rules.deposit_rate)
    if terms.voucher > subsidy.ceiling(bounds):
        smallest = min(bounds, key=lambda bound: bound.amount)
        raise Refused(
            "VOUCHER_OVER_BOUND",
            f"服务券金额{yuan(terms.voucher)}超过{smallest.label}（{yuan(smallest.amount)}），请调减。",
            bound=smallest.code,
            limit=f"{smallest.amount:.2f}",
            wanted=f"{terms.voucher:.2f}",
        )
    shares = subsidy.split(terms.amount, terms.voucher, rules.deposit_rate)
    if shares.deposit <= 0:
        raise Invalid(
            "TERMS_INVALID",
            f"合同金额{yuan(terms.amount)}过小，{percent(rules.deposit_rate)}的定金不足0.01元，不能签订定金合同（办法第十八条）。",
            amount=f"{terms.amount:.2f}",
        )
    contract.notice = notice
    on_shelf = providers.version_on_shelf(contract.product_id)
    if on_shelf is None:
        raise not_found("产品的现行版本")
    contract.category = on_shelf.category
    contract.rate, contract.cap, contract.deposit_rate = category.rate, category.cap, rules.deposit_rate
    contract.amount, contract.tax = terms.amount, terms.tax
    contract.voucher, contract.deposit, contract.balance = shares.voucher, shares.deposit, shares.balance
    contract.start_date, contract.end_date = terms.start_date, terms.end_date
    contract.related_party, contract.permit = terms.related_party, permit
    contract.product_revision = on_shelf.number
    contract.terms = _terms_text(contract, terms, on_shelf)


def _check_terms(terms: Terms, *, permitted: bool) -> None:
    errors: dict[str, str] = {}
    if terms.start_date < clock.today():
        errors["start_date"] = "服务开始日期不得早于今天：合同签订前已开始的服务不能使用服务券。"
    if terms.end_date < terms.start_date:
        errors["end_date"] = "服务结束日期不得早于开始日期。"
    if not terms.milestones:
        errors["milestones"] = "至少约定一个关键环节（办法第二十二条）。"
    if any(not terms.start_date <= step.due_date <= terms.end_date for step in terms.milestones):
        errors["milestones"] = "关键环节的计划日期须在服务期内。"
    if any(not step.evidence_kinds for step in terms.milestones):
        errors["milestones"] = "每个关键环节至少约定一种佐证材料（办法第二十二条）。"
    if terms.tax > terms.amount:
        errors["tax"] = "税额不得超过合同金额。"
    if terms.voucher <= 0 or terms.amount <= 0:
        errors["voucher"] = "合同金额和服务券金额须大于零。"
    if terms.related_party and not permitted:
        errors["related_party"] = (
            "双方存在关联关系的，不得使用服务券，须先由厅职能处室核准：请向厅职能处室说明价格公允、"
            "无其他服务商可选等理由，经核准后再起草。"
        )
    if errors:
        raise Invalid("TERMS_INVALID", "合同条款有误：" + "".join(errors.values()), **errors)


def _check_relation(contract: Contract, terms: Terms) -> None:
    """What the enterprises have declared of each other is said in the contract too (8-35)."""
    if not terms.related_party:
        _refuse_related(contract, clock.today(), "合同须如实填写存在关联关系（related_party）")


def require_relation(contract: Contract, day: date) -> None:
    """What the locked contract says of its parties is still so when it is signed (8-35).

    Related, and its permit is still in force: raises PERMIT_NOT_IN_FORCE. Unrelated, and not declared related
    since: raises RELATED_PARTY_UNDECLARED.
    """
    if contract.related_party:
        permits.require_in_force(contract, day)
    else:
        _refuse_related(contract, day, "合同所填“不存在关联关系”与申报不符，不能签署")


def _refuse_related(contract: Contract, day: date, what: str) -> None:
    if not enterprises.related(contract.enterprise.uscc, contract.provider.uscc, day):
        return
    raise Refused(
        "RELATED_PARTY_UNDECLARED",
        f"{contract.enterprise.organisation.name}与{contract.provider.organisation.name}已申报为关联方，{what}；"
        "关联方之间使用服务券，须先由厅职能处室核准。申报有误的，请由授权签署人重新申报。",
        enterprise=contract.enterprise.uscc,
        provider=contract.provider.uscc,
    )


def _terms_text(contract: Contract, terms: Terms, on_shelf: ProductVersion) -> dict[str, object]:
    product, enterprise, provider = on_shelf, contract.enterprise, contract.provider
    permit = contract.permit
    related = {"related_permit": {"decision_no": permit.decision_no, "year": permit.year}} if permit else {}
    return {
        "enterprise": {"name": enterprise.organisation.name, "uscc": enterprise.organisation.uscc},
        "provider": {"name": provider.organisation.name, "uscc": provider.organisation.uscc},
        "product": {
            "name": product.name,
            "revision": product.number,
            "category": product.category,
            "sub_type": product.sub_type_name,
            "price": f"{product.price:.2f}",
            "price_unit": product.price_unit,
            "deliverables": product.deliverables,
            "indicators": product.indicators,
        },
        "milestones": [
            {"title": step.title, "due_date": step.due_date.isoformat(), "evidence_kinds": kinds_of(step)}
            for step in terms.milestones
        ],
        "no_subcontract": True,
        "refused_voucher_borne_by": "有过错的一方；均无过错的，由企业按合同价款支付",
    } | related


def _write_milestones(contract: Contract, terms: Terms) -> None:
    Milestone.objects.bulk_create(
        [
            Milestone(
                contract=contract, seq=seq, title=step.title, due_date=step.due_date, evidence_kinds=kinds_of(step)
            )
            for seq, step in enumerate(terms.milestones, start=1)
        ]
    )


def kinds_of(step: Step) -> list[str]:
    """The kinds of material agreed on, each once, always in the same order."""
    return [kind for kind in EvidenceKind.values if kind in step.evidence_kinds]


def _facts(contract: Contract) -> dict[str, object]:
    return {
        "number": contract.number,
        "text_sm3": selectors.digest_of(contract),
        "notice": contract.notice.label,
        "amount": f"{contract.amount:.2f}",
        "voucher": f"{contract.voucher:.2f}",
        "deposit": f"{contract.deposit:.2f}",
        "balance": f"{contract.balance:.2f}",
    }
