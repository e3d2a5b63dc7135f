"""The audit trail's pages. Reading the trail is an action too: each view of it is recorded."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role
from paca_site.audit.access import access_entry, last_entry, visible_entries
from paca_site.audit.filters import EntryFilter
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import audit_record_now, audit_verify

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class LastVerification:
    """What the newest `audit.verified` entry says."""

    entry: AuditEntry
    count: int
    head: str
    fault: str


def last_verification() -> LastVerification | None:
    """Return how the trail was when somebody last verified it."""
    entry = last_entry("audit.verified")
    if entry is None:
        return None
    details = json.loads(entry.body)["details"]
    return LastVerification(entry, details["count"], details["head"], details["fault"])


def _without(query: QueryDict, *names: str) -> str:
    kept = query.copy()
    for name in names:
        kept.pop(name, None)
    return kept.urlencode()


@role_required(Role.AUDITOR)
@require_safe
def entry_list(request: HttpRequest) -> HttpResponse:
    """Show the trail, newest first, fifty at a time (`before` is an entry's number). Audit: `audit.viewed`."""
    user = signed_in(request)
    shown = {name: value for name, value in request.GET.items() if value}
    audit_record_now(action="audit.viewed", actor=user, details={"filters": shown})
    filters = EntryFilter(request.GET, queryset=visible_entries(user))
    before = request.GET.get("before", "")
    entries = filters.qs.filter(number__lt=int(before)) if before.isdecimal() else filters.qs
    page = list(entries[: PAGE_SIZE + 1])
    has_more = len(page) > PAGE_SIZE
    context: dict[str, Any] = {
        "filter": filters,
        "entries": page[:PAGE_SIZE],
        "older_query": _without(request.GET, "before") if has_more else None,
        "older_before": page[PAGE_SIZE - 1].number if has_more else None,
        "newest_query": _without(request.GET, "before"),
        "is_newest": not before.isdecimal(),
        "is_narrowed": any(name != "before" for name in shown),
        "last": last_verification(),
    }
    return render(request, "audit/entry_list.html", context)


@role_required(Role.AUDITOR)
@require_safe
def entry_detail(request: HttpRequest, number: int) -> HttpResponse:
    """Show one entry with its exact text and its place in the chain. Audit: `audit.viewed`."""
    user = signed_in(request)
    entry = access_entry(user, number)
    audit_record_now(action="audit.viewed", actor=user, subject=f"audit:{number}")
    body = json.loads(entry.body)
    context = {"entry": entry, "body": body, "details": json.dumps(body["details"], indent=2, ensure_ascii=False)}
    return render(request, "audit/entry_detail.html", context)


@role_required(Role.AUDITOR)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain; the list shows what was found. Audit: `audit.verified` with the result."""
    user = signed_in(request)
    result = audit_verify()
    audit_record_now(
        action="audit.verified", actor=user, details={"count": result.count, "head": result.head, "fault": result.fault}
    )
    return redirect("audit:entry-list")
