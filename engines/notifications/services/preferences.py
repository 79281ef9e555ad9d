"""What a person or an organisation wants by mail."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from engines.notifications import topics
from engines.notifications.models import Preference
from foundation import clock
from foundation.errors import Invalid
from foundation.locking import unit_of_work


def choose(*, owner_id: UUID, email: Mapping[str, str | None]) -> None:
    """For each group named the owner's mails go so from now on; None takes the choice back. Raises GROUP_UNKNOWN.

    What was told before goes as it was to go then.
    """
    known = topics.groups()
    unknown = sorted(set(email) - set(known))
    if unknown:
        raise Invalid(
            "GROUP_UNKNOWN",
            f"没有主题类别“{unknown[0][:40]}”；可用：{'、'.join(known)}。",
            unknown=[one[:40] for one in unknown[:20]],
            known=sorted(known),
        )
    at = clock.now()
    with unit_of_work():
        for group, mode in email.items():
            if mode is None:
                Preference.objects.filter(owner_id=owner_id, group=group).delete()
            else:
                Preference.objects.update_or_create(
                    owner_id=owner_id, group=group, defaults={"email": mode, "updated_at": at}
                )
