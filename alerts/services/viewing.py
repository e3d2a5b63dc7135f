"""Looking is an action too: it leaves a trace."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from alerts.models import Alert, Decision
from alerts.seeded import trail_action
from paca_site.accounts.models import User
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import audit_record_now, current_request_id

POSTER_AGAIN_AFTER = timedelta(hours=12)
"""About a shift: the queue shows the same pictures again and again while a person works through it."""


def _record(action: str, alert: Alert, actor: User, view_id: UUID | None, more: dict[str, int] | None = None) -> None:
    reset = current_request_id.set(view_id or current_request_id.get())
    try:
        audit_record_now(
            action=trail_action(alert, action), actor=actor, subject=f"alert:{alert.pk}", site_id=alert.camera.site_id,
            details={"camera": alert.camera_id, **(more or {})},
        )  # fmt: skip
    finally:
        current_request_id.reset(reset)


def alert_viewed(*, alert: Alert, actor: User, view_id: UUID) -> None:
    """Record that a person opened an alert. Audit: `alert.viewed`, under the id of this opening."""
    _record("alert.viewed", alert, actor, view_id)


def alert_replayed(*, decision: Decision, actor: User, view_id: UUID) -> None:
    """Record that a person replayed a decision. Audit: `alert.replayed`, under the id of this opening."""
    _record("alert.replayed", decision.alert, actor, view_id, {"decision": decision.pk})


def clip_viewed(*, alert: Alert, actor: User, view_id: UUID | None) -> None:
    """Record that a person watched the clip: once per opening, every time where no opening is known.

    Players ask for a clip in many pieces and again at each loop. Audit: `alert.clip-viewed`.
    """
    if view_id is None or not was_clip_viewed(alert, actor, view_id):
        _record("alert.clip-viewed", alert, actor, view_id)


def poster_viewed(*, alert: Alert, actor: User) -> None:
    """Record that a person saw an alert's picture, once per person, alert and 12 h. Audit: `alert.poster-viewed`.

    The queue asks for its pictures with every change; an opening of the alert within that time says as much.
    """
    seen = AuditEntry.objects.filter(
        subject=f"alert:{alert.pk}",
        action__in=[trail_action(alert, action) for action in ("alert.viewed", "alert.poster-viewed")],
        actor=actor,
        at__gt=timezone.now() - POSTER_AGAIN_AFTER,
    )
    if not seen.exists():
        _record("alert.poster-viewed", alert, actor, None)


def was_clip_viewed(alert: Alert, actor: User, view_id: UUID) -> bool:
    """Return whether the clip was fetched in this opening."""
    return AuditEntry.objects.filter(
        subject=f"alert:{alert.pk}", action=trail_action(alert, "alert.clip-viewed"), actor=actor, request_id=view_id
    ).exists()
