"""People and organisations for tests: Alice owns, Bob is a colleague, Charlie a stranger."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

from rest_framework.test import APIClient

from accounts import identity
from accounts.models import Membership, Organisation, User
from accounts.states import ROLES_OF, OrganisationKind, Role
from engines.evidence import services as evidence
from foundation import clock
from foundation.actors import SystemActor
from sample import codes

TESTER = SystemActor("tests")
_numbers = itertools.count(1)

KIND_OF = {role: kind for kind, roles in ROLES_OF.items() for role in roles}


def make_uscc(number: int | None = None, city: str = "4501") -> str:
    """A valid 统一社会信用代码 that no other test of this process has, unless a number is given."""
    return codes.make_uscc(next(_numbers) if number is None else number, city)


def make_identity(number: int | None = None) -> str:
    """A valid 公民身份号码 that no other test of this process has, unless a number is given."""
    return codes.make_identity(next(_numbers) if number is None else number)


def make_organisation(kind: str = OrganisationKind.ENTERPRISE, **fields: Any) -> Organisation:
    """A party gets a USCC, an office none."""
    number = next(_numbers)
    party = kind in (OrganisationKind.ENTERPRISE, OrganisationKind.PROVIDER)
    values: dict[str, Any] = {
        "kind": kind,
        "name": f"广西测试{OrganisationKind(kind).label}{number}有限公司"
        if party
        else f"{OrganisationKind(kind).label}",
        "uscc": make_uscc(number) if party else None,
        "city": "450100" if party or kind == OrganisationKind.CITY else "",
    }
    organisation = Organisation(**{**values, **fields})
    evidence.record(organisation, act="register", by=TESTER)
    return organisation


def make_user(*roles: str, organisation: Organisation | None = None, **fields: Any) -> User:
    """A person with the roles, in an organisation that may have them."""
    number = next(_numbers)
    kind = KIND_OF[roles[0]] if roles else OrganisationKind.ENTERPRISE
    user = User(
        **{
            "username": f"user{number}",
            "name": f"张{number}",
            "organisation": organisation or make_organisation(kind),
            "identity": identity.digest(make_identity(number)),
            "created_at": clock.now(),
            "password": _hash(),
            **fields,
        }
    )
    user.save(force_insert=True)
    for role in roles:
        Membership.objects.create(user=user, role=role, since=clock.now())
    return user


def officer(role: str) -> User:
    """An officer with that one role."""
    return make_user(role)


def both_sides(organisation: Organisation) -> tuple[User, User]:
    """Agent and signatory of a party: two people."""
    if organisation.kind == OrganisationKind.ENTERPRISE:
        roles = (Role.ENTERPRISE_AGENT, Role.ENTERPRISE_SIGNATORY)
    else:
        roles = (Role.PROVIDER_AGENT, Role.PROVIDER_SIGNATORY)
    return make_user(roles[0], organisation=organisation), make_user(roles[1], organisation=organisation)


class Caller(APIClient):
    """An API client that signs in as a user and gives every moving POST its own Idempotency-Key."""

    def __init__(self, user: User | None = None) -> None:
        super().__init__()
        if user is not None:
            self.force_authenticate(user)

    def act(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> Any:
        """POST a moving act under /api/v1/."""
        return self.post(
            f"/api/v1/{path}", body or {}, format="json", headers={"Idempotency-Key": key or f"key-{next(_numbers)}"}
        )


PASSWORD = "Guangxi-voucher-2026"


@cache
def _hash() -> str:
    user = User()
    user.set_password(PASSWORD)
    return str(user.password)
