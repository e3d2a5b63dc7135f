"""Looking at what was recorded is an action too: it leaves a trace, with its reason where it is old."""

from django.db import transaction

from alerts.playback.window import Window
from cameras.models import Camera
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record


def history_opened(*, camera: Camera, window: Window, actor: User) -> None:
    """Record that a person opened a stretch of history. Audit: `history.opened` (camera, from, to)."""
    _record("history.opened", camera, window, actor, {})


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
