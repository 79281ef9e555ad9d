"""With what the registers begin: a title recorded, a roster uploaded; and whom they grade anew."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from enterprises import selectors as enterprises
from enterprises import serializers as bodies
from foundation.errors import TooLarge
from portal.kit.acts import Act, Deck
from portal.kit.forms import BodyForm
from portal.officer import tasks
from portal.officer.cases import Link, Section
from registry import api, policies, reference, roster_file
from registry import services as registry
from registry.models import RosterImport

SHOWN = 50  # enterprises graded anew that the page names; it says how many there are


title_page = tasks.page_of("officer:title")


roster_page = tasks.page_of("officer:roster")


class TitleForm(BodyForm):
    body = api.TitleIn
    labels = {"title_code": "称号", "doc_no": "认定文号"}
    helps = {"certificate_no": "证书编号和认定文号至少填一项。"}


class ReasonForm(BodyForm):
    body = api.RegistryReasonIn
    labels = {"reason": "理由"}


class RemarkForm(BodyForm):
    body = bodies.EnterpriseRemarkIn
    labels = {"reason": "意见"}


class UploadForm(BodyForm):
    """The file itself goes with the form: what is kept is its cleaned lines, not the file."""

    body = api.RosterIn
    only = ("kind", "source_document", "as_of", "file")
    file = forms.FileField(label="名册文件", help_text="CSV，UTF-8或GBK，第一行为表头。")
    labels = {"kind": "名册", "source_document": "来源文件或文号", "as_of": "截止日期", "file": "名册文件"}
    kinds = {"file": forms.FileInput(attrs={"accept": ".csv,text/csv"})}


def _title_choices(by: User, row: Any) -> dict[str, list[tuple[str, str]]]:
    return {"title_code": [(one.code, one.name) for one in reference.title_kinds().values() if not one.derived]}


def _upload(by: User, row: Any, data: dict[str, Any]) -> RosterImport:
    upload = data["file"]
    if upload.size > roster_file.MAX_BYTES:
        raise TooLarge("ROSTER_TOO_LARGE", "名册文件超过5MB，请拆分。", limit=roster_file.MAX_BYTES)
    return registry.upload_roster(
        by=by,
        kind=data["kind"],
        raw=upload.read(),
        file_name=upload.name,
        source_document=data["source_document"],
        as_of=data["as_of"],
    )


BEGIN = Deck(
    name="officer:registry",
    roles=(Role.CENTRE_CHECKER,),
    acts=(
        Act(
            name="record-title",
            label="登记称号",
            tone="main",
            icon="award",
            form=TitleForm,
            intro="登记后由另一人核验；核验后持有企业即时重新划型。",
            article="10",
            choices=_title_choices,
            run=lambda by, row, data: registry.record_title(by=by, uscc_code=data.pop("uscc"), **data),
            goes=title_page,
            done="已登记，等待核验。",
        ),
        Act(
            name="upload-roster",
            label="导入名册",
            icon="upload",
            form=UploadForm,
            intro="导入后由另一人比对差异并复核，复核后才生效。有一行错误，整份不导入。",
            article="6,10",
            run=_upload,
            goes=roster_page,
            done="已导入，等待另一人复核。",
        ),
    ),
)


def begin(by: User) -> list[tuple[Act, str]]:
    return BEGIN.offered(by, None) if policies.may_record_title(by) else []


def graded_anew(usccs: list[str]) -> Section:
    """The enterprises in force that the titles or lists of these codes grade anew: how many, and the first of them."""
    rows = enterprises.active_among(usccs)
    found = list(rows[: SHOWN + 1])
    count = rows.count() if len(found) > SHOWN else len(found)
    links = [Link(one.name, reverse("officer:enterprise", args=[one.pk])) for one in found[:SHOWN]]
    return Section(
        title="生效后重新划型的企业",
        text=f"共{count}家，列出前{SHOWN}家。" if count > SHOWN else "",
        links=links,
        empty="所涉代码中没有已注册的有效企业。",
        article="10",
    )
