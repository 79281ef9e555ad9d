"""The archives of one's contracts: everything about one in a file that proves itself (第二十五条)."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from contracts.models import Contract
from contracts.states import State
from foundation.errors import not_found
from portal.kit.access import PARTIES, Asked, pages_for
from portal.kit.lists import Column, Filter, Listing
from records import selectors, services

MOST_SHOWN = 20  # downloads below the list

LIST = Listing(
    name="archives",
    caption="合同档案",
    columns=(
        Column(
            name="number",
            label="合同编号",
            show="number",
            sort="number",
            link=lambda row: reverse("contract", kwargs={"pk": row.pk}),
            place="title",
        ),
        Column(
            name="product",
            label="服务产品",
            show="product.name",
            second=lambda row: f"{row.enterprise.name}，{row.provider.name}",
            place="wide",
        ),
        Column(name="amount", label="合同金额（元）", show="amount", kind="money"),
        Column(name="state", label="状态", show="get_state_display", kind="chip", place="corner"),
    ),
    filters=(
        Filter(name="state", label="状态", narrow="state", choices=State.choices),
        Filter(name="number", label="合同编号", narrow="number__icontains", kind="text"),
    ),
    acts=lambda row: [("档案", reverse("archive", kwargs={"pk": row.pk}))],
    empty="还没有合同档案。起草第一份合同后，可以随时下载它的全部材料。",
)


@pages_for(*PARTIES)
def archives(request: Asked) -> HttpResponseBase:
    """Every contract whose archive one may take, and who of one's own took one."""
    downloads = selectors.visible_downloads(request.user).order_by("-pk")[:MOST_SHOWN]
    context: dict[str, Any] = {"downloads": downloads}
    return LIST.answer(request, selectors.archived(request.user), "portal/parties/archives.html", context)


@pages_for(*PARTIES)
def archive(request: Asked, pk: str) -> HttpResponseBase:
    """What the file of one contract holds, and the button that has it made."""
    row = _row(request, pk)
    downloads = selectors.visible_downloads(request.user).filter(contract=row).order_by("-pk")[:MOST_SHOWN]
    return render(request, "portal/parties/archive.html", {"contract": row, "downloads": downloads})


@require_POST
@pages_for(*PARTIES)
def download(request: Asked, pk: str) -> HttpResponseBase:
    """The file, made now; that it was taken stands on record with its SM3."""
    made = services.download(by=request.user, contract_id=_row(request, pk).pk)
    answer = FileResponse(made.file, as_attachment=True, filename=made.name, content_type="application/zip")
    answer.headers["X-Archive-SM3"] = made.sm3
    answer.headers["Content-Length"] = str(made.size)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _row(request: Asked, pk: str) -> Contract:
    row = selectors.archived(request.user).filter(pk=pk).first()
    if row is None:
        raise not_found("合同档案")
    return row
