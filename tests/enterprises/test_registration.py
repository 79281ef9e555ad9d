"""From nothing to submitted: accounts, draft, commitment, automatic check."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.models import Organisation
from accounts.services import Person
from accounts.states import OrganisationKind, Role
from engines.evidence import selectors as evidence
from enterprises import services
from enterprises.models import Enterprise
from enterprises.services import Profile
from enterprises.states import State
from foundation import clock
from tests.enterprises.support import agent, fresh, refused, signatory
from tests.factories.accounts import make_identity, make_organisation, make_uscc, make_user, officer
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.registry import dishonest

pytestmark = pytest.mark.django_db

PROFILE = Profile(
    industry_code="3670",
    region_code="450203",
    address="柳州市鱼峰区测试路1号",
    registered_on=date(2012, 5, 8),
    legal_representative="张三",
    contact_name="李四",
    contact_phone="10012345678",
    bank_name="测试银行柳州分行",
    bank_account="0000001234567890",
)
PASSWORD = "Guangxi-voucher-2026"


def people(*roles: str) -> list[Person]:
    return [Person(f"person-{role.lower()}", PASSWORD, f"人{role}", (role,), make_identity()) for role in roles]


def register(**changes: Any) -> Enterprise:
    values: dict[str, Any] = {
        "name": "广西测试机械有限公司",
        "uscc": make_uscc(),
        "profile": PROFILE,
        "people": people("EO", "EL"),
        **changes,
    }
    return services.register(**values)


def submit(enterprise: Enterprise, **changes: Any) -> Enterprise:
    values = {"by": signatory(enterprise), "enterprise_id": enterprise.pk, "version": enterprise.version, **changes}
    return services.submit(**values)


def test_open_registration_makes_organisation_accounts_and_draft() -> None:
    uscc = make_uscc()
    enterprise = register(uscc=f" {uscc.lower()} ")
    organisation = Organisation.objects.get(uscc=uscc)
    assert (enterprise.state, enterprise.organisation, enterprise.uscc) == (State.DRAFT, organisation, uscc)
    assert organisation.city == "450200"
    assert {(user.username, *user.roles) for user in organisation.people.all()} == {
        ("person-eo", "EO"),
        ("person-el", "EL"),
    }


def test_a_wrong_code_registers_nothing() -> None:
    with refused("USCC_INVALID"):
        register(uscc="91450199MA6K00014D")


def test_somebody_must_be_able_to_sign() -> None:
    with refused("SIGNATORY_MISSING"):
        register(people=people("EO"))


def test_the_same_code_registers_once() -> None:
    enterprise = register()
    with refused("ORGANISATION_EXISTS"):
        register(uscc=enterprise.uscc, people=[Person("other", PASSWORD, "他人", ("EL",), make_identity())])


def test_a_person_with_an_account_registers_his_own_organisation() -> None:
    user = make_user(Role.ENTERPRISE_AGENT)
    enterprise = services.register_own(by=user, profile=PROFILE)
    assert (enterprise.organisation_id, enterprise.name) == (user.organisation_id, user.organisation.name)


def test_own_registration_happens_once() -> None:
    user = make_user(Role.ENTERPRISE_AGENT)
    services.register_own(by=user, profile=PROFILE)
    with refused("ENTERPRISE_EXISTS"):
        services.register_own(by=user, profile=PROFILE)


@pytest.mark.parametrize("role", [Role.PROVIDER_SIGNATORY, Role.CENTRE_CHECKER, Role.SYSTEM_ADMIN])
def test_only_an_enterprises_people_register_it(role: str) -> None:
    user = make_user(role)
    with refused("NOT_ALLOWED"):
        services.register_own(by=user, profile=PROFILE)


def test_edit_changes_the_named_fields_and_tells_only_their_names() -> None:
    enterprise = EnterpriseFactory()
    edited = services.edit(
        by=agent(enterprise), enterprise_id=enterprise.pk, version=1, changes={"contact_phone": "10099999999"}
    )
    record = evidence.of_subject(edited).last()
    assert record is not None
    assert (edited.contact_phone, record.act, record.facts["fields"]) == ("10099999999", "edit", ["contact_phone"])
    assert "10099999999" not in str(record.facts)


def test_a_new_name_is_the_organisations_too() -> None:
    enterprise = EnterpriseFactory()
    services.edit(by=agent(enterprise), enterprise_id=enterprise.pk, version=1, changes={"name": "广西新名有限公司"})
    organisation = Organisation.objects.get(pk=enterprise.organisation_id)
    assert organisation.name == "广西新名有限公司"
    last = evidence.of_subject(organisation).last()
    assert last is not None
    assert (last.act, last.facts["name"]) == ("rename", "广西新名有限公司")


@pytest.mark.parametrize("changes", [{}, {"contact_phone": "10012345678"}, {"uscc": "x"}, {"state": "active"}])
def test_an_edit_that_changes_nothing_is_refused(changes: dict[str, str]) -> None:
    enterprise = EnterpriseFactory()
    user = agent(enterprise)
    with refused("NOTHING_TO_CHANGE"):
        services.edit(by=user, enterprise_id=enterprise.pk, version=1, changes=changes)


def test_only_its_own_people_edit_it() -> None:
    enterprise, stranger = EnterpriseFactory(), make_user(Role.ENTERPRISE_SIGNATORY)
    with refused("NOT_ALLOWED"):
        services.edit(by=stranger, enterprise_id=enterprise.pk, version=1, changes={"address": "别处"})


def test_nothing_is_edited_once_submitted() -> None:
    enterprise = submit(EnterpriseFactory())
    user = agent(enterprise)
    with refused("WRONG_STATE"):
        services.edit(by=user, enterprise_id=enterprise.pk, version=enterprise.version, changes={"address": "别处"})


def test_whom_to_reach_is_put_right_after_it_was_submitted() -> None:
    enterprise = submit(EnterpriseFactory())
    corrected = services.correct(
        by=agent(enterprise),
        enterprise_id=enterprise.pk,
        version=enterprise.version,
        changes={"contact_phone": "10099999999", "bank_account": "6222000000001"},
    )
    record = evidence.of_subject(corrected).last()
    assert record is not None
    assert (corrected.contact_phone, corrected.bank_account) == ("10099999999", "6222000000001")
    assert (record.act, record.facts["fields"]) == ("correct", ["bank_account", "contact_phone"])
    assert corrected.state == enterprise.state


def test_what_officers_examined_is_not_put_right_by_itself() -> None:
    enterprise = submit(EnterpriseFactory())
    user = agent(enterprise)
    with refused("NOTHING_TO_CHANGE"):
        services.correct(
            by=user,
            enterprise_id=enterprise.pk,
            version=enterprise.version,
            changes={"name": "广西新名有限公司", "region_code": "450203"},
        )


def test_a_draft_is_edited_and_not_put_right() -> None:
    enterprise = EnterpriseFactory()
    user = agent(enterprise)
    with refused("WRONG_STATE"):
        services.correct(by=user, enterprise_id=enterprise.pk, version=1, changes={"contact_phone": "10099999999"})


def test_only_its_own_people_put_it_right() -> None:
    enterprise, stranger = submit(EnterpriseFactory()), make_user(Role.ENTERPRISE_SIGNATORY)
    with refused("NOT_ALLOWED"):
        services.correct(
            by=stranger, enterprise_id=enterprise.pk, version=enterprise.version, changes={"contact_name": "别人"}
        )


def test_submit_signs_the_commitment_and_checks_automatically() -> None:
    enterprise = EnterpriseFactory()
    user = signatory(enterprise)
    services.submit(by=user, enterprise_id=enterprise.pk, version=1)
    row = fresh(enterprise)
    assert (row.state, row.committed_by, row.version) == (State.AUTO_OK, user, 3)
    assert [(check["code"], check["result"]) for check in row.checks] == [
        ("uscc", "ok"),
        ("industry", "ok"),
        ("region", "ok"),
        ("listed", "ok"),
        ("dishonest", "ok"),
    ]
    acts = evidence.of_subject(row).values_list("act", "actor")
    assert list(acts)[1:] == [("submit", user.actor_id), ("auto_check", "system:auto_check")]


def test_what_was_signed_is_kept_as_a_digest() -> None:
    enterprise = EnterpriseFactory()
    submit(enterprise)
    record = evidence.of_subject(enterprise).get(act="submit")
    assert record.facts["content_sm3"] == services.registration.content_sm3(fresh(enterprise))


@pytest.mark.parametrize(
    ("fields", "point"),
    [({"listed": False}, "listed"), ({"region_code": "440103"}, "region")],
)
def test_a_doubt_waits_for_the_officer(fields: dict[str, Any], point: str) -> None:
    row = fresh(submit(EnterpriseFactory(**fields)))
    assert row.state == State.AUTO_DOUBT
    assert [check["code"] for check in row.checks if check["result"] == "warning"] == [point]


def test_every_hard_failure_is_named_and_nothing_submitted() -> None:
    enterprise = EnterpriseFactory(industry_code="0600")
    dishonest(enterprise.uscc)
    user = signatory(enterprise)
    with refused("ENTERPRISE_NOT_ELIGIBLE") as caught:
        services.submit(by=user, enterprise_id=enterprise.pk, version=1)
    assert [check["code"] for check in caught.value.details["failing"]] == ["industry", "dishonest"]


def test_an_old_entry_on_the_dishonest_list_does_not_count() -> None:
    enterprise = EnterpriseFactory()
    dishonest(enterprise.uscc, since="2019-01-01", until="2020-12-31")
    assert submit(enterprise).state == State.AUTO_OK


def test_a_code_that_was_wrong_from_the_start_is_refused_at_submission() -> None:
    organisation = make_organisation(OrganisationKind.ENTERPRISE, uscc="91450199MA6K00014D")
    enterprise = EnterpriseFactory(organisation=organisation, listed=False)
    user = signatory(enterprise)
    with refused("ENTERPRISE_NOT_ELIGIBLE"):
        services.submit(by=user, enterprise_id=enterprise.pk, version=1)


def test_only_the_signatory_submits() -> None:
    enterprise = EnterpriseFactory()
    user = agent(enterprise)
    with refused("NOT_ALLOWED"):
        services.submit(by=user, enterprise_id=enterprise.pk, version=1)


def test_somebody_elses_signatory_does_not_submit() -> None:
    enterprise, stranger = EnterpriseFactory(), make_user(Role.ENTERPRISE_SIGNATORY)
    with refused("NOT_ALLOWED"):
        services.submit(by=stranger, enterprise_id=enterprise.pk, version=1)


def test_a_stale_version_is_refused() -> None:
    enterprise = EnterpriseFactory()
    user = signatory(enterprise)
    services.edit(by=user, enterprise_id=enterprise.pk, version=1, changes={"address": "新址"})
    with refused("VERSION_CONFLICT"):
        services.submit(by=user, enterprise_id=enterprise.pk, version=1)


def test_submitting_twice_is_refused() -> None:
    enterprise = submit(EnterpriseFactory())
    user = signatory(enterprise)
    with refused("WRONG_STATE"):
        services.submit(by=user, enterprise_id=enterprise.pk, version=enterprise.version)


def test_a_returned_registration_is_put_right_and_submitted_again() -> None:
    enterprise = submit(EnterpriseFactory(listed=False))
    services.send_back(
        by=officer(Role.CENTRE_CHECKER), enterprise_id=enterprise.pk, version=enterprise.version, reason="请补充"
    )
    user = signatory(enterprise)
    edited = services.edit(
        by=user, enterprise_id=enterprise.pk, version=fresh(enterprise).version, changes={"address": "新址"}
    )
    row = services.submit(by=user, enterprise_id=enterprise.pk, version=edited.version)
    assert (row.state, row.committed_by, row.checked_by) == (State.AUTO_DOUBT, user, None)
    assert row.committed_at is not None
    assert clock.local_date(row.committed_at) == clock.today()
