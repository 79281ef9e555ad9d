"""Files in a form: chosen or dropped, sent with the form or before it, and kept when the form comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts import selectors
from engines.files import services
from engines.files.models import StoredFile
from engines.files.sniff import KINDS
from engines.files.uploads import limit_of
from foundation.errors import DomainError, Invalid, not_found
from portal.kit.access import ANYONE, Asked, bare, pages_for

if TYPE_CHECKING:
    from accounts.models import User

_NEW = "-new"
MIB = 1024 * 1024
TAKEN = {
    "invoice": ("ofd", "pdf", "xml"),
    "letter": ("jpg", "ofd", "pdf", "png"),
}  # by purpose, where not all that is kept will do
SHOWN = frozenset({"image/jpeg", "image/png"})  # what a browser may show; all else is only saved


class FilesWidget(forms.Widget):
    """The files so far, each with its id, and a place to choose or drop more."""

    template_name = "portal/kit/widgets/files.html"
    needs_multipart_form = True
    field: FilesField

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[list[str], list[Any]]:
        return data.getlist(name), files.getlist(name + _NEW)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        if not self.field.kept:  # what the form begins with, by id, or what a form that nobody judged yet was sent with
            self.field.kept = self.field.known(value[0] if isinstance(value, tuple) else value or [])
        context["kept"] = self.field.kept
        context["new"] = name + _NEW
        context["many"], context["purpose"] = self.field.many, self.field.purpose
        context["limit"] = settings.FILE_MAX_BYTES // MIB
        most = limit_of(self.field.purpose)
        context["bytes"] = max(most, settings.FILE_MAX_BYTES)
        context["whole"], context["most"] = (
            settings.FILE_MAX_BYTES,
            most // MIB if most > settings.FILE_MAX_BYTES else 0,
        )
        taken = sorted(TAKEN.get(self.field.purpose, KINDS))
        context["accept"] = ",".join(f".{extension}" for extension in taken)
        context["kinds"] = "、".join(extension.upper() for extension in taken)
        return context


class FilesField(forms.Field):
    """Ids of stored files the person may read. Uploads that come with the form are stored on the way."""

    widget = FilesWidget
    by: User | None = None

    def __init__(self, *, purpose: str, most: int = 20, many: bool = True, **kwargs: Any) -> None:
        self.purpose, self.most, self.many = purpose, most, many
        self.kept: list[StoredFile] = []
        super().__init__(required=False, **kwargs)
        self.widget.field = self

    def __deepcopy__(self, memo: Any) -> FilesField:
        copy: FilesField = super().__deepcopy__(memo)
        copy.widget.field = copy
        copy.kept = []
        return copy

    def known(self, ids: list[str]) -> list[StoredFile]:
        """Those of the ids that are files the person may read."""
        if self.by is None:
            return []
        return list(selectors.visible_files(self.by).filter(pk__in=[one for one in ids if _is_id(one)]))

    def clean(self, value: Any) -> Any:
        """Ids as text: a list, or one of them (None) when `many` is false. Raises ValidationError in the engine's words."""
        ids, uploads = value or ([], [])
        if self.by is None:
            return None
        self.kept = self.known(ids)
        wrong = []
        for one in uploads:
            try:
                self.kept.append(store(one, by=self.by, purpose=self.purpose))
            except DomainError as error:
                wrong.append(f"“{one.name}”：{error.message}")
        if wrong:
            raise forms.ValidationError(wrong)
        if len(self.kept) > self.most:
            raise forms.ValidationError(f"最多{self.most}个文件，现有{len(self.kept)}个，请移除多余的。")
        found = [str(one.pk) for one in self.kept]
        if self.many:
            return found or None
        return found[0] if found else None


def store(upload: Any, *, by: User, purpose: str) -> StoredFile:
    """The file is kept for the person's organisation. Raises as engines.files.services.store does."""
    return services.store(upload=upload, by=by, organisation_id=by.organisation_id, purpose=purpose)


PURPOSES = frozenset({"evidence", "receipt", "invoice", "material", "letter", "other"})


@require_POST
@pages_for(*ANYONE)
def upload(request: HttpRequest) -> HttpResponseBase:
    """One file for a form that is still being filled: answers with its line, which carries the id."""
    asked: Asked = request  # type: ignore[assignment]
    sent = request.FILES.get("file")
    purpose = request.POST.get("purpose", "other")
    if sent is None or purpose not in PURPOSES:
        raise Invalid("FILE_EMPTY", "没有收到文件内容，请重新选择。")
    try:
        stored = store(sent, by=asked.user, purpose=purpose)
    except DomainError as error:
        return render(request, "portal/kit/files.html#refused", {"error": error}, status=error.status)
    context = {"file": stored, "name": request.POST.get("name", "files")[:80]}
    return render(request, "portal/kit/files.html#kept", context, status=201)


@bare
@pages_for(*ANYONE)
def download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A file that the person may read; `?show` shows a picture in the browser. 404 for what others may read."""
    asked: Asked = request  # type: ignore[assignment]
    row = selectors.visible_files(asked.user).filter(pk=pk).first()
    if row is None or not row.path.is_file():
        raise not_found("文件")
    shown = "show" in request.GET and row.content_type in SHOWN
    answer = handed_over(row, shown=shown)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def handed_over(row: StoredFile, *, shown: bool = False) -> FileResponse:
    """The file itself, as an attachment unless it is shown; who may read it was asked before."""
    answer = FileResponse(
        row.path.open("rb"), as_attachment=not shown, filename=row.name, content_type=row.content_type
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Content-Encoding"] = "identity"  # pictures and films do not get smaller, and keep their length
    return answer


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
