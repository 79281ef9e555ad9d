"""What enterprises of the sample look for: two demands on the board, one of them answered."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from accounts.models import User
from demands.models import Demand
from demands.services import checking, posting, responding
from demands.services.posting import Wish
from demands.services.responding import Quote
from enterprises.models import Enterprise
from providers.models import Product

WISHES = (
    Wish(
        title="冲压车间设备上云与数据采集",
        content="二十台冲压设备要接入云平台，实时采集停机、产量和能耗数据，形成看板，并培训两名班组长使用。",
        contact_name="示例联系人",
        contact_phone="10000000002",
        categories=("digitalisation",),
        fee_low=Decimal("30000.00"),
        fee_high=Decimal("70000.00"),
    ),
    Wish(
        title="想知道数字化改造从哪里做起",
        content="食品加工三条产线，信息系统各自独立，希望请专家到现场评估现状，给出分步骤的数字化转型路线图和投入测算。",
        contact_name="示例联系人",
        contact_phone="10000000003",
        fee_high=Decimal("15000.00"),
    ),
)


def post(by: User, enterprise: Enterprise, wish: Wish, *, checker: User, publisher: User) -> Demand:
    """On the board, as two officers found it fit."""
    row = posting.create(by=by, enterprise_id=enterprise.pk, wish=wish)
    row = posting.submit(by=by, demand_id=row.pk, version=row.version)
    row = checking.check(by=checker, demand_id=row.pk, version=row.version)
    return checking.publish(by=publisher, demand_id=row.pk, version=row.version)


def answer(by: User, demand: Demand, shelf: Sequence[Product]) -> None:
    """The provider's product of the demand's category is offered at its price."""
    product = next(one for one in shelf if one.category in demand.categories)
    version = product.versions.get()
    quote = Quote(price=version.price, days=60, proposal="现场调研后一周内出方案，分两批接入。", product_id=product.pk)
    responding.respond(by=by, provider_id=product.provider_id, demand_id=demand.pk, quote=quote)
