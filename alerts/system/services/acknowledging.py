"""A person takes note of a system alert."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from alerts.system.models import SystemAlert
from alerts.system.services.pushing import system_alert_push
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record

NOTE_LENGTH = 500


class AlreadyAcknowledged(Exception):  # noqa: N818 - it says what happened, no error of the programme
    """A colleague was first."""


def system_alert_acknowledge(*, alert: SystemAlert, actor: User, note: str = "") -> None:
    """Note that a person knows of an alert; it ends by itself when its cause is gone. Who may see it may do this.

    Side effects: audit `system-alert.acknowledged`; pushes.

    Raises:
        AlreadyAcknowledged: somebody did before; nothing is changed.
        ValidationError: the note is too long.
    """
    if len(note) > NOTE_LENGTH:
        raise ValidationError(
            gettext("A note has at most {note_length} characters; this one has {note}.").format(
                note_length=NOTE_LENGTH, note=len(note)
            )
        )
    with transaction.atomic():
        waiting = SystemAlert.objects.filter(pk=alert.pk, acknowledged_at=None)
        if waiting.update(acknowledged_by=actor, acknowledged_at=timezone.now(), note=note) != 1:
            raise AlreadyAcknowledged
        transaction.on_commit(lambda: system_alert_push(alert.pk))
        audit_record(
            action="system-alert.acknowledged",
            actor=actor,
            subject=f"system-alert:{alert.pk}",
            site_id=alert.camera.site_id if alert.camera else None,
            details={"cause": alert.cause, "about": alert.subject, "has_note": bool(note)},
        )
