"""The enterprises served last year: one by one, or as they come out of a spreadsheet (第十三条第（四）项)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.models import User
from accreditation import selectors
from accreditation.models import Application
from accreditation.serializers import bodies
from accreditation.services import filing
from foundation.api.fields import Versioned
from portal.kit.acts import Act
from portal.kit.forms import BodyForm, Text
from portal.provider.accreditation.rows import may_edit_provider


class _OneClient(Versioned, bodies.ClientIn):
    """One more enterprise served last year."""


class ClientForm(BodyForm):
    body = _OneClient
    only = ("version", "name", "uscc", "served_on", "of_parent", "file")
    labels = {
        "name": "企业名称",
        "uscc": "统一社会信用代码",
        "served_on": "合同签订或验收日期",
        "of_parent": "是母公司的合同",
        "file": "合同",
    }
    uploads = {"file": "material"}


class _ManyClients(bodies.ClientsIn):
    """Several, proven by one file."""


class ManyClientsForm(BodyForm):
    """Lines as they come out of a spreadsheet, and the file in which all of their contracts are."""

    body = _ManyClients
    only = ("version", "lines")
    lines = Text(
        label="企业清单",
        help_text="一行一家：企业名称、统一社会信用代码、日期（例如 2025-06-30），用逗号、空格或制表符隔开，可从表格粘贴。",
        widget=forms.Textarea(attrs={"rows": 10}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places: list[int] = []  # of which line each client is
        file = ClientForm(by=self.by).fields["file"]
        file.label = "合同（全部企业的合同合为一份文件）"
        self.fields["file"] = file
        self.fields["lines"].widget.is_required = True

    def clean(self) -> dict[str, Any]:
        for name in ("lines", "file"):
            if not self.cleaned_data.get(name) and name not in self._errors:
                self.add_error(name, f"请{'填写' if name == 'lines' else '选择'}“{self.fields[name].label}”。")
        return super().clean()

    def clean_lines(self) -> list[list[str]]:
        found, self.places = [], []
        for number, line in enumerate((self.cleaned_data["lines"] or "").splitlines(), start=1):
            parts = line.replace("，", ",").replace("\t", ",").replace("、", ",").replace(" ", ",").split(",")
            parts = [part.strip() for part in parts if part.strip()]
            if not parts:
                continue
            if len(parts) != 3:
                raise forms.ValidationError(f"第{number}行须有企业名称、代码、日期三项，现有{len(parts)}项。")
            found.append(parts)
            self.places.append(number)
        return found

    def payload(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        clients = [
            {"name": name, "uscc": code, "served_on": day, "file": cleaned["file"]}
            for name, code, day in cleaned["lines"]
        ]
        return {"version": cleaned["version"], "clients": clients}

    def take(self, errors: Mapping[str, Any]) -> None:
        """The line to which each sentence belongs is named."""
        said = errors.get("clients")
        if isinstance(said, dict):
            for place, wrong in said.items():
                for sentence in [one for parts in wrong.values() for one in parts]:
                    self.add_error("lines", f"第{self.places[int(place)]}行：{sentence}")
            errors = {name: one for name, one in errors.items() if name != "clients"}
        super().take(errors)


class UnlistForm(BodyForm):
    """One of the listed, by its code."""

    body = Versioned
    uscc = forms.ChoiceField(label="移出哪一家", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uscc"].widget.is_required = True
        self.fields["uscc"].choices = (kwargs.get("choices") or {}).get("uscc", ())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("uscc") and "uscc" not in self._errors:
            self.add_error("uscc", "请选择“移出哪一家”。")
        self.validated["uscc"] = cleaned.get("uscc", "")
        return cleaned


def _has_clients(by: User, row: Application) -> bool:
    return may_edit_provider(by, row) and selectors.clients(row).count() > 1


def _clients(row: Application) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "uscc": one.uscc,
            "served_on": one.served_on,
            "of_parent": one.of_parent,
            "file": one.file_id,
        }
        for one in selectors.clients(row)
    ]


def _add_client(by: User, row: Application, data: dict[str, Any]) -> Application:
    version = data.pop("version")
    clients = [*_clients(row), data]
    return filing.list_clients(by=by, application_id=row.pk, version=version, clients=clients)


def _add_clients(by: User, row: Application, data: dict[str, Any]) -> Application:
    clients = [*_clients(row), *data["clients"]]
    return filing.list_clients(by=by, application_id=row.pk, version=data["version"], clients=clients)


def _unlist(by: User, row: Application, data: dict[str, Any]) -> Application:
    clients = [one for one in _clients(row) if one["uscc"] != data["uscc"]]
    return filing.list_clients(by=by, application_id=row.pk, version=data["version"], clients=clients)


CLIENT_ACTS = (
    Act(
        name="client",
        label="添加服务企业",
        icon="plus",
        article="13,14",
        form=ClientForm,
        may=may_edit_provider,
        run=_add_client,
        done="已列入清单。",
    ),
    Act(
        name="clients",
        label="成批添加服务企业",
        icon="list",
        article="13,14",
        form=ManyClientsForm,
        may=may_edit_provider,
        run=_add_clients,
        done="已列入清单。",
    ),
    Act(
        name="unlist",
        label="移出服务企业",
        form=UnlistForm,
        may=_has_clients,
        choices=lambda by, row: {"uscc": [(one.uscc, f"{one.name}（{one.uscc}）") for one in selectors.clients(row)]},
        run=_unlist,
        done="已移出清单。",
    ),
)
