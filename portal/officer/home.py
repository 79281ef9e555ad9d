"""Where the work of a day begins: what waits for the person, and what there is to read."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.states import Role
from portal.kit.access import OFFICES, Asked, bare, pages_for
from portal.officer import overview, tasks

MOST_PAGES = 500  # further back nobody pages; filters narrow the list
DUTIES = {
    Role.SYSTEM_ADMIN: "系统管理员在“组织”中开通账号，在“人员账号”中停用和启用账号。",
    Role.SECURITY_ADMIN: "安全管理员在“人员账号”中授予和终止角色。",
    Role.AUDITOR: "审计管理员查看全部账号的变动和审计日志。",
}  # of those to whom no case comes
_CHOSEN = "officer_kind"  # in the session: which kind of work the person looks through


@pages_for(*OFFICES)
def home(request: Asked) -> HttpResponseBase:
    """The list of what waits, by kind and by what is late; for who decides nothing, what he may read."""
    by = request.user
    code = request.GET.get("kind", "")
    late, soon, week = (request.GET.get(name) == "1" for name in ("late", "soon", "week"))
    chosen = tasks.kind(by, code) if code else None
    page = request.GET.get("page", "1")
    at = int(page) if page.isascii() and page.isdigit() and 0 < int(page) <= MOST_PAGES else 1
    if request.session.get(_CHOSEN, "") != (chosen.code if chosen else ""):
        request.session[_CHOSEN] = chosen.code if chosen else ""
    found = tasks.inbox(by, code=chosen.code if chosen else "", late=late, soon=soon, week=week, page=at)
    span = "late=1" if late else "soon=1" if soon else "week=1" if week else ""
    context = {
        "inbox": found,
        "works": bool(tasks.kinds_of(by)),
        "duties": "".join(said for role, said in DUTIES.items() if by.has(role)),
        "chosen": chosen,
        "late": late,
        "soon": soon,
        "week": week,
        "overview": SimpleLazyObject(lambda: overview.of(by)),
        "days": tasks.SOON,
        "span": span,
        "most": tasks.AT_ONCE,
        "unknown": bool(code) and chosen is None,
        "query": "&".join([*([f"kind={chosen.code}"] if chosen else []), *([span] if span else [])]),
    }
    htmx = getattr(request, "htmx", None)
    template = "portal/officer/home.html#tasks" if htmx and htmx.target == "tasks" else "portal/officer/home.html"
    return render(request, template, context)


@bare
@pages_for(*OFFICES)
def onward(request: Asked) -> HttpResponseBase:
    """To the person's next case after `?after=`: of the kind he looks through, while there is one; else to the list."""
    found = tasks.following(request.user, request.session.get(_CHOSEN, ""), request.GET.get("after", ""))
    if found is None:
        messages.info(request, "没有下一件：等您办理的事项都在下面。")
        return HttpResponseRedirect(reverse("officer:home"))
    return HttpResponseRedirect(found.url)
