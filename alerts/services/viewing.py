"""Looking is an action too: it leaves a trace."""

from uuid import UUID

from alerts.models import Alert
from paca_site.accounts.models import User
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import audit_record_now, current_request_id


def _record(action: str, alert: Alert, actor: User, view_id: UUID | None) -> None:
    reset = current_request_id.set(view_id or current_request_id.get())
    try:
        audit_record_now(
            action=action, actor=actor, subject=f"alert:{alert.pk}", site_id=alert.camera.site_id,
            details={"camera": alert.camera_id},
        )  # fmt: skip
    finally:
        current_request_id.reset(reset)


def alert_viewed(*, alert: Alert, actor: User, view_id: UUID) -> None:
    """Record that a person opened an alert. Audit: `alert.viewed`, under the id of this opening."""
    _record("alert.viewed", alert, actor, view_id)


def clip_viewed(*, alert: Alert, actor: User, view_id: UUID | None) -> None:
    """Record that a person watched the clip: once per opening, every time where no opening is known.

    Players ask for a clip in many pieces and again at each loop. Audit: `alert.clip-viewed`.
    """
    if view_id is None or not _is_recorded(alert, actor, view_id):
        _record("alert.clip-viewed", alert, actor, view_id)


def _is_recorded(alert: Alert, actor: User, view_id: UUID) -> bool:
    return AuditEntry.objects.filter(
        subject=f"alert:{alert.pk}", action="alert.clip-viewed", actor=actor, request_id=view_id
    ).exists()
