"""The buckets an amount can stand in, which moves are legal, and the kinds of entries."""

from __future__ import annotations

from django.db.models import TextChoices


class Bucket(TextChoices):
    AVAILABLE = "available", "可用"
    RESERVED = "reserved", "预占"
    COMMITTED = "committed", "已承诺"
    DUE = "due", "应付"
    CONSUMED = "consumed", "已核销"
    EXPIRED = "expired", "已作废"
    CARRIED = "carried", "已结转"


# Where issued money comes from and money taken back goes to. Its balance is what was issued, negative:
# over the outside and the buckets the sum is always zero.
OUTSIDE = "outside"

LIVE = frozenset({Bucket.RESERVED, Bucket.COMMITTED, Bucket.DUE})

# What a line may do, held by a trigger. A line that stands in a bucket with no way out is resolved:
# released (available), consumed, expired. To expired also goes what is released after its account closed.
ARCS: dict[str, frozenset[str]] = {
    Bucket.RESERVED: frozenset({Bucket.COMMITTED, Bucket.AVAILABLE, Bucket.EXPIRED}),
    Bucket.COMMITTED: frozenset({Bucket.DUE, Bucket.CONSUMED, Bucket.AVAILABLE, Bucket.EXPIRED}),
    Bucket.DUE: frozenset({Bucket.CONSUMED, Bucket.COMMITTED, Bucket.AVAILABLE, Bucket.EXPIRED}),
    Bucket.AVAILABLE: frozenset(),
    Bucket.CONSUMED: frozenset(),
    Bucket.EXPIRED: frozenset(),
}


class Kind(TextChoices):
    ISSUE = "issue", "下达（或收回）"
    SPREAD = "spread", "分片间调拨"
    HOLD = "hold", "预占"
    COMMIT = "commit", "承诺"
    DUE = "due", "转应付"
    RETURN = "return", "退回已承诺"
    CONSUME = "consume", "核销"
    RELEASE = "release", "释放"
    EXPIRE = "expire", "作废"
    REDUCE = "reduce", "核减"
    CARRY = "carry", "结转转出"
    CARRY_IN = "carry_in", "结转转入"
