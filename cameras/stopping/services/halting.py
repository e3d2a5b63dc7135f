"""Stopping and letting run again. The row is the truth; the worker is told at once and the dispatcher heeds the row."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.models import Camera
from cameras.services.cameras import stream_restart
from cameras.stopping.models import SHORTEST_REASON, Halt
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record


def halt_place(*, halt: Halt, actor: User) -> Halt:
    """Stop a camera, a site, or a kind of event at a site.

    Side effects: an audit entry; the workers of the cameras concerned end their turns within a second, events that run
    are closed as at the end of any turn, and no turn is begun while the halt stands.

    Raises:
        ValidationError: the reason is too short, the camera is of another site, or it is stopped already.
    """
    halt.began_by, halt.began_at = actor, timezone.now()
    halt.full_clean(validate_unique=False, validate_constraints=False)
    if halt.camera and halt.camera.site_id != halt.site_id:
        raise ValidationError(gettext("That camera stands at another site."), code="elsewhere")
    try:
        with transaction.atomic():
            halt.save()
            audit_record(
                action="halt.placed",
                actor=actor,
                subject=f"halt:{halt.pk}",
                site_id=halt.site_id,
                details={"camera": halt.camera_id, "kind": halt.kind, "reason": halt.reason},
            )
            transaction.on_commit(lambda: _tell_workers(halt))
    except IntegrityError as error:
        raise ValidationError(gettext("Somebody has stopped this already."), code="stopped") from error
    return halt


def halt_end(*, halt: Halt, actor: User, reason: str) -> None:
    """Let run again what was stopped, as far as nothing else stands against it. Side effects: an audit entry.

    Raises:
        ValidationError: the reason is too short or too long, or somebody ended it meanwhile.
    """
    text = reason.strip()
    if not SHORTEST_REASON <= len(text) <= 300:
        raise ValidationError(
            gettext("The reason must have {shortest_reason} to 300 characters; it has {text}.").format(
                shortest_reason=SHORTEST_REASON, text=len(text)
            ),
            code="length",
        )
    with transaction.atomic():
        changed = Halt.objects.current().filter(pk=halt.pk)
        if changed.update(ended_at=timezone.now(), ended_by=actor, end_reason=text) != 1:
            raise ValidationError(gettext("Somebody has let it run again meanwhile."), code="ended")
        audit_record(
            action="halt.ended",
            actor=actor,
            subject=f"halt:{halt.pk}",
            site_id=halt.site_id,
            details={"camera": halt.camera_id, "kind": halt.kind, "reason": text},
        )


def _tell_workers(halt: Halt) -> None:
    """Tell those who run the cameras; where that fails, the dispatcher tells them within a second."""
    if halt.kind:
        return  # asked at each event
    if halt.camera_id is not None:
        stream_restart(halt.camera_id)
        return
    for pk in Camera.objects.filter(site=halt.site_id, is_enabled=True).values_list("pk", flat=True):
        stream_restart(pk)
