"""A provider's record: registered openly or by its own people, edited, and who may not (第十三条第（一）项)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.services import Person
from accounts.states import Role
from engines.evidence import selectors as evidence
from providers.models import Provider
from providers.services import registration
from providers.services.registration import Profile
from tests.enterprises.support import refused, yuan
from tests.factories.accounts import make_identity, make_uscc, make_user
from tests.factories.providers import ProviderFactory, signatory_of
from tests.providers.support import barred

pytestmark = pytest.mark.django_db

PASSWORD = "Guangxi-voucher-2026"
PROFILE = Profile(
    region_code="450103",
    address="南宁市青秀区测试路8号",
    founded_on=date(2015, 3, 12),
    legal_representative="王五",
    contact_name="赵六",
    contact_phone="10087654321",
    core_staff=26,
    clients_last_year=48,
    revenue_last_year=yuan(9600000),
)


def register(**changes: Any) -> Provider:
    values: dict[str, Any] = {
        "name": "广西测试服务有限公司",
        "uscc": make_uscc(),
        "profile": PROFILE,
        "people": [Person("wangwu", PASSWORD, "王五", ("PL",), make_identity())],
        **changes,
    }
    return registration.register(**values)


def test_registration_makes_organisation_account_and_record() -> None:
    provider = register()
    assert provider.organisation.kind == "provider"
    assert [record.act for record in evidence.of_subject(provider)] == ["register"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"uscc": "91450199MA6K00014D"}, "USCC_INVALID"),
        ({"people": [Person("zhaoliu", PASSWORD, "赵六", ("PO",), make_identity())]}, "SIGNATORY_MISSING"),
        ({"profile": Profile(**{**PROFILE.__dict__, "parent_name": "母公司"})}, "PARENT_INCOMPLETE"),
    ],
)
def test_registration_refused(changes: dict[str, Any], code: str) -> None:
    with refused(code):
        register(**changes)


def test_own_registration_happens_once() -> None:
    user = make_user(Role.PROVIDER_AGENT)
    registration.register_own(by=user, profile=PROFILE)
    with refused("PROVIDER_EXISTS"):
        registration.register_own(by=user, profile=PROFILE)


def test_only_a_providers_people_register_it() -> None:
    user = make_user(Role.ENTERPRISE_SIGNATORY)
    with refused("NOT_ALLOWED"):
        registration.register_own(by=user, profile=PROFILE)


def test_edit_and_who_may_not() -> None:
    provider = ProviderFactory()
    user, stranger = signatory_of(provider), make_user(Role.PROVIDER_SIGNATORY)
    with refused("NOT_ALLOWED"):
        registration.edit(by=stranger, provider_id=provider.pk, version=1, changes={"core_staff": 99})
    assert registration.edit(by=user, provider_id=provider.pk, version=1, changes={"core_staff": 99}).core_staff == 99
    with refused("NOTHING_TO_CHANGE"):
        registration.edit(by=user, provider_id=provider.pk, version=2, changes={"core_staff": 99})


def test_a_barred_code_does_not_register_again() -> None:
    provider = barred()
    with refused("USCC_BARRED"):
        register(uscc=provider.uscc)


INTRODUCTION = "联系赵六 13900001111，身份证459900198501010010"


def test_a_public_introduction_without_personal_data_is_taken() -> None:
    provider = ProviderFactory()
    changes = {"introduction": "2015年成立，服务企业48家，电气自动化改造见长。"}
    edited = registration.edit(by=signatory_of(provider), provider_id=provider.pk, version=1, changes=changes)
    assert edited.introduction == changes["introduction"]


@pytest.mark.parametrize("field", ["introduction", "name"])
def test_the_public_words_of_a_provider_have_no_personal_data(field: str) -> None:
    provider = ProviderFactory()
    user = signatory_of(provider)
    changes = {field: f"广西服务公司{INTRODUCTION}"}
    with refused("PERSONAL_DATA") as caught:
        registration.edit(by=user, provider_id=provider.pk, version=1, changes=changes)
    assert caught.value.details == {"found": [{"field": field, "kind": "identity"}, {"field": field, "kind": "phone"}]}
    label = {"introduction": "机构简介", "name": "机构名称"}[field]
    assert f"{label}中有电话号码（139…）" in caught.value.message
    provider.refresh_from_db()
    provider.organisation.refresh_from_db()
    assert INTRODUCTION not in provider.introduction + provider.name + provider.organisation.name


def test_nobody_registers_with_personal_data_in_public_words() -> None:
    told = Profile(**{**PROFILE.__dict__, "introduction": INTRODUCTION})
    with refused("PERSONAL_DATA"):
        register(profile=told)
    assert Provider.objects.count() == 0
    user = make_user(Role.PROVIDER_AGENT)
    with refused("PERSONAL_DATA"):
        registration.register_own(by=user, profile=told)
    assert Provider.objects.count() == 0
