"""Looking at what was recorded is an action too: it leaves a trace, with its reason where it is old."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from alerts.playback.openings import Opening
from alerts.playback.window import Window
from cameras.models import Camera
from paca_site.accounts.models import User
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import audit_record, audit_record_now, current_request_id


def history_opened(*, camera: Camera, window: Window, actor: User, view_id: UUID) -> None:
    """Record that a person opened a stretch of history. Audit: `history.opened` (camera, from, to), under `view_id`."""
    reset = current_request_id.set(view_id)
    try:
        _record("history.opened", camera, window, actor, {})
    finally:
        current_request_id.reset(reset)


def history_closed(*, camera: Camera, opening: Opening, actor: User, now: datetime) -> None:
    """Record how long a page of history stood open, once for each opening. Audit: `history.closed` (seconds).

    The server's clock says how long; the browser only says that the page is left.
    """
    subject = f"camera:{camera.pk}"
    if AuditEntry.objects.filter(
        subject=subject, action="history.closed", actor=actor, request_id=opening.view
    ).exists():
        return
    seconds = max(0, round((now - opening.at).total_seconds()))
    reset = current_request_id.set(opening.view)
    try:
        audit_record_now(
            action="history.closed", actor=actor, subject=subject, site_id=camera.site_id,
            details={"cameras": [camera.pk], "seconds": {str(camera.pk): seconds}},
        )  # fmt: skip
    finally:
        current_request_id.reset(reset)


def history_reason_given(*, camera: Camera, window: Window, actor: User, reason: str) -> None:
    """Record why a person needs to see old history. Audit: `history.reason-given` (camera, from, to, reason)."""
    _record("history.reason-given", camera, window, actor, {"reason": reason})


def _record(action: str, camera: Camera, window: Window, actor: User, more: dict[str, str]) -> None:
    times = {"from": window.starts_at.isoformat(), "to": window.ends_at.isoformat()}
    with transaction.atomic():
        audit_record(
            action=action, actor=actor, subject=f"camera:{camera.pk}", site_id=camera.site_id,
            details={"camera": camera.pk, **times, **more},
        )  # fmt: skip
