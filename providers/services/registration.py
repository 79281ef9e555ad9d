"""A provider's record: who it is and what it can show (第十三条, 第十四条)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from accounts import services as accounts
from accounts.models import Organisation, User
from accounts.services import Person
from accounts.states import OrganisationKind, Role
from credit import services as credit
from engines.evidence import chain
from engines.evidence import services as evidence
from foundation import personal
from foundation.actors import Actor
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work
from providers import policies, selectors
from providers.models import Provider
from registry import uscc as uscc_rules


@dataclass(frozen=True)
class Profile:
    """What a provider tells of itself beside its name and code. Revenue in 元."""

    region_code: str
    address: str
    founded_on: date
    legal_representative: str
    contact_name: str
    contact_phone: str
    core_staff: int
    clients_last_year: int
    revenue_last_year: Decimal
    contact_email: str = ""
    introduction: str = ""
    parent_name: str = ""
    parent_uscc: str = ""
    parent_founded_on: date | None = None


EDITABLE_FIELDS = frozenset(Profile.__dataclass_fields__) | {"name"}
PUBLIC_WORDS = {"name": "机构名称", "introduction": "机构简介"}  # what anybody reads of it, in its own words


def register(*, name: str, uscc: str, profile: Profile, people: Sequence[Person]) -> Provider:
    """Organisation, accounts and the provider's record exist: open registration, no sign-in needed.

    Raises USCC_INVALID, USCC_BARRED, SIGNATORY_MISSING, PARENT_INCOMPLETE, PERSONAL_DATA, and what
    `accounts.services.register_party` raises.
    """
    code = uscc_rules.check(uscc).code
    if not any(Role.PROVIDER_SIGNATORY in person.roles for person in people):
        raise Invalid("SIGNATORY_MISSING", "注册人员中至少须有一名服务商签署人（PL），否则无人可提交申请。")
    with unit_of_work():
        refuse_barred(code)
        organisation = accounts.register_party(
            kind=OrganisationKind.PROVIDER,
            name=name,
            uscc=code,
            city=_city(profile.region_code),
            people=people,
        )
        return _create(organisation, profile, by=accounts.REGISTRATION)


def register_own(*, by: User, profile: Profile) -> Provider:
    """The caller's organisation, which has accounts already, has a provider's record. Raises PROVIDER_EXISTS, PERSONAL_DATA."""
    if not policies.may_register(by):
        raise not_allowed("登记服务机构")
    with unit_of_work():
        if Provider.objects.filter(organisation=by.organisation).exists():
            raise Refused("PROVIDER_EXISTS", f"{by.organisation.name}已登记，请在原记录上修改。")
        refuse_barred(by.organisation.uscc or "")
        accounts.relocate(by=by, organisation_id=by.organisation_id, city=_city(profile.region_code))
        return _create(by.organisation, profile, by=by)


def edit(*, by: User, provider_id: UUID, version: int, changes: Mapping[str, Any]) -> Provider:
    """The named fields are as given; what was submitted with them before keeps its own copy.

    Raises NOTHING_TO_CHANGE, PARENT_INCOMPLETE, PERSONAL_DATA.
    """
    with unit_of_work():
        provider = lock(Provider.objects.all(), provider_id, version=version)
        if not policies.may_edit(by, provider):
            raise not_allowed("修改服务机构资料")
        changed = {
            name: value
            for name, value in changes.items()
            if name in EDITABLE_FIELDS and getattr(provider, name) != value
        }
        if not changed:
            raise Invalid("NOTHING_TO_CHANGE", "没有可修改的内容，请至少给出一个与原值不同的字段。")
        for name, value in changed.items():
            setattr(provider, name, value)
        if "name" in changed:
            accounts.rename(by=by, organisation_id=provider.organisation_id, name=provider.name)
        if "region_code" in changed:
            accounts.relocate(by=by, organisation_id=provider.organisation_id, city=_city(provider.region_code))
        _check_parent(provider)
        _refuse_personal(provider)
        evidence.record(
            provider, act="edit", by=by, facts={"fields": sorted(changed), "content_sm3": content_sm3(provider)}
        )
    return provider


def content_sm3(provider: Provider) -> str:
    """The digest of everything the provider stated."""
    return chain.sm3(chain.canonical({**stated(provider), "uscc": provider.uscc}))


def stated(provider: Provider) -> dict[str, str]:
    """Every field the provider states, as text."""
    return {
        name: "" if getattr(provider, name) is None else str(getattr(provider, name))
        for name in sorted(EDITABLE_FIELDS)
    }


def refuse_barred(uscc: str) -> None:
    """Raises USCC_BARRED (第十六条), or PARTY_RESTRICTED while the credit file keeps the code out (第二十七条)."""
    if selectors.is_barred(uscc):
        raise Refused("USCC_BARRED", f"{uscc}因申报材料不实被终止服务资格，不得重新申报（办法第十六条）。", uscc=uscc)
    credit.refuse_restricted(uscc, "注册、申报或恢复服务资格")


def _create(organisation: Organisation, profile: Profile, *, by: Actor) -> Provider:
    provider = Provider(
        organisation=organisation, name=organisation.name, uscc=organisation.uscc or "", **asdict(profile)
    )
    _check_parent(provider)
    _refuse_personal(provider)
    try:
        evidence.record(provider, act="register", by=by, facts={"content_sm3": content_sm3(provider)})
    except IntegrityError as error:  # two requests at once: the database's word counts
        if "provider_uscc_once" not in str(error) and "organisation_id" not in str(error):
            raise
        raise Refused("PROVIDER_EXISTS", f"{organisation.name}已登记。") from error
    return provider


def _city(region_code: str) -> str:
    return f"{region_code[:4]}00"


def _check_parent(provider: Provider) -> None:
    parts = [bool(provider.parent_name), bool(provider.parent_uscc), provider.parent_founded_on is not None]
    if any(parts) and not all(parts):
        raise Invalid("PARENT_INCOMPLETE", "母公司名称、统一社会信用代码、成立日期须同时填写或同时留空。")
    if provider.parent_uscc:
        provider.parent_uscc = uscc_rules.check(provider.parent_uscc).code


def _refuse_personal(provider: Provider) -> None:
    """Raises PERSONAL_DATA naming each field and kind: the public list carries none (8-50)."""
    personal.refuse(
        {name: getattr(provider, name) for name in PUBLIC_WORDS},
        labels=PUBLIC_WORDS,
        because="机构名称和简介向社会公开展示",
        instead="请删去，联系方式填写在联系人、联系电话和电子邮箱栏，这些栏不公开。",
    )
