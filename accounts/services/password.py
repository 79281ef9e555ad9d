"""A person's password: changed by himself alone, with the one that held so far."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from knox.models import AuthToken

from accounts.models import Organisation, User
from engines.evidence import services as evidence
from foundation.errors import Invalid, not_allowed
from foundation.locking import lock, unit_of_work
from foundation.names import sentence


def change(*, by: User, user_id: UUID, current_password: str, password: str, token: AuthToken | None = None) -> User:
    """The person signs in with the new password from now on; every other session and token of his is over.

    `token` is the one the call came with, which stays; the session it came with stays when its view renews it
    (`update_session_auth_hash`). Only for oneself. Raises PASSWORD_WRONG, PASSWORD_SAME or PASSWORD_WEAK.
    """
    if by.pk != user_id:
        raise not_allowed("修改他人的密码")
    with unit_of_work():
        user = lock(User.objects.all(), user_id)
        organisation = lock(Organisation.objects.all(), user.organisation_id)
        if not user.check_password(current_password):
            raise Invalid("PASSWORD_WRONG", "原密码不正确，密码没有修改。", field="current_password")
        if user.check_password(password):
            raise Invalid("PASSWORD_SAME", "新密码与原密码相同，请另设一个。", field="password")
        give(user, password, named="新密码")
        user.save(update_fields=["password"])
        others = AuthToken.objects.filter(user=user)
        ended, _ = (others.exclude(pk=token.pk) if token is not None else others).delete()
        evidence.record(organisation, act="change_password", by=by, facts={"username": user.username, "tokens": ended})
    return user


def give(user: User, password: str, *, named: str) -> None:
    """The password stands on the account, not yet saved. Raises PASSWORD_WEAK, which calls it `named`."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        said = sentence("；".join(one.rstrip("。") for one in error.messages))
        raise Invalid("PASSWORD_WEAK", f"{named}不符合要求：{said}", username=user.username, field="password") from None
    user.set_password(password)
