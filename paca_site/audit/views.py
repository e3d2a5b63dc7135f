"""The audit trail's pages. Reading the trail is an action too: each view of it is recorded."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from paca_site.accounts.access import role_required, signed_in, site_ids
from paca_site.accounts.local_time import zone_of
from paca_site.accounts.models import Role
from paca_site.accounts.proof import ask_for_proof, has_fresh_proof
from paca_site.audit.access import access_entry, visible_entries
from paca_site.audit.exporting import export_stream
from paca_site.audit.filters import EntryFilter
from paca_site.audit.forms import ExportForm
from paca_site.audit.services import audit_record_now
from paca_site.audit.signing import public_fingerprint
from paca_site.audit.verification import last_verification, trail_verify_recorded

PAGE_SIZE = 50


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
    zone = zone_of(user)
    filters = EntryFilter(request.GET, queryset=visible_entries(user), zone=zone)
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
        "zone": zone,
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
    context = {
        "entry": entry,
        "body": body,
        "details": json.dumps(body["details"], indent=2, ensure_ascii=False),
        "zone": zone_of(user),
    }
    return render(request, "audit/entry_detail.html", context)


@role_required(Role.AUDITOR)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain; the list shows what was found. Audit: `audit.verified` with the result."""
    trail_verify_recorded(actor=signed_in(request))
    return redirect("audit:entry-list")


@role_required(Role.AUDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def entry_export(request: HttpRequest) -> HttpResponseBase:
    """Ask for a reason, then give the trail as a file for the offline verifier. Audit: `audit.exported`.

    Only to who has just proved again who they are: what has left cannot be called back.
    """
    user = signed_in(request)
    if not has_fresh_proof(request, user):
        return ask_for_proof(user, reverse("audit:entry-export"))
    form = ExportForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        key = public_fingerprint(settings.CHECKPOINT_KEY)
        return render(request, "audit/entry_export.html", {"form": form, "key": key}, status=status)
    recorded = audit_record_now(action="audit.exported", actor=user, details={"reason": form.cleaned_data["reason"]})
    lines = export_stream(settings.CHECKPOINT_FILE, frozenset(site_ids(user)), recorded.number)
    response = StreamingHttpResponse(lines, content_type="application/x-ndjson")
    response["Content-Disposition"] = f'attachment; filename="paca-audit-{recorded.number}.jsonl"'
    response["Cache-Control"] = "no-store"
    return response
