"""A person's e-mail address: given by himself, good once he has shown that he reads its mail."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core import signing

from accounts.models import Organisation, User
from engines.evidence import services as evidence
from engines.notifications.models import Delivery
from engines.notifications.services import sending
from engines.notifications.states import Content
from foundation import clock
from foundation.errors import Invalid, Refused, not_allowed
from foundation.locking import lock, unit_of_work

TOKEN_VALID = timedelta(days=1)
MOST_A_DAY = 5  # verification mails: nobody's mailbox is filled through us
_SALT = "accounts.email"


def set_email(*, by: User, user_id: UUID, email: str) -> User:
    """The address stands on the account, unverified, and a mail with a token is on its way to it; "" takes it off.

    Only for oneself: whoever could set another's could read his mail. Raises EMAIL_TOO_OFTEN.
    """
    if by.pk != user_id:
        raise not_allowed("登记他人的邮箱")
    with unit_of_work():
        user = lock(User.objects.all(), user_id)
        organisation = lock(Organisation.objects.all(), user.organisation_id)
        if email:
            _require_not_too_often(user)
        user.email, user.email_verified_at = email, None
        user.save(update_fields=["email", "email_verified_at"])
        facts = {"username": user.username, "email": masked_email(email)}
        evidence.record(organisation, act="set_email", by=by, facts=facts)
        if email:
            sending.verify_address(organisation_id=user.organisation_id, person_id=user.pk)
    return user


def verify_email(*, by: User, user_id: UUID, token: str) -> User:
    """The address is verified: notices go there. Raises TOKEN_INVALID for a token that is old, or of another address or person."""
    if by.pk != user_id:
        raise not_allowed("验证他人的邮箱")
    with unit_of_work():
        user = lock(User.objects.all(), user_id)
        organisation = lock(Organisation.objects.all(), user.organisation_id)
        if not user.email or not _fits(token, user):
            raise Invalid(
                "TOKEN_INVALID", "验证码无效或已过期（24小时内有效，只对最近登记的邮箱有效），请重新登记邮箱获取。"
            )
        if user.email_verified_at is None:
            user.email_verified_at = clock.now()
            user.save(update_fields=["email_verified_at"])
            evidence.record(organisation, act="verify_email", by=by, facts={"username": user.username})
    return user


def token_of(user: User) -> str:
    """What only who reads the mail of the address now on the account can know."""
    return signing.dumps({"user": str(user.pk), "email": user.email}, salt=_SALT)


def masked_email(email: str) -> str:
    """a***@example.com (DOMAIN 10.12)."""
    name, at, host = email.partition("@")
    return f"{name[:1]}***@{host}" if at else ""


def _fits(token: str, user: User) -> bool:
    try:
        said = signing.loads(token, salt=_SALT, max_age=TOKEN_VALID)
    except signing.BadSignature:
        return False
    return bool(said == {"user": str(user.pk), "email": user.email})


def _require_not_too_often(user: User) -> None:
    since = clock.now() - timedelta(days=1)
    recent = Delivery.objects.filter(person_id=user.pk, content=Content.VERIFICATION, created_at__gt=since).count()
    if recent >= MOST_A_DAY:
        raise Refused("EMAIL_TOO_OFTEN", f"24小时内最多登记{MOST_A_DAY}次邮箱，请稍后再试。", limit=MOST_A_DAY)
