"""Putting alerts aside with a reason and an end, and bringing them back."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from alerts.life import DESK_ROLES
from alerts.models import Alert, AlertState
from alerts.seeded import trail_action
from alerts.services.pushing import alert_push
from alerts.shelves import Shelf
from alerts.timers import acknowledge_within
from cameras.models import Camera
from paca_site.accounts.models import Role, User
from paca_site.audit.services import audit_record


def alert_shelve(*, alert: Alert, actor: User, minutes: int, reason: str) -> Shelf:
    """Put one undecided alert aside. Ends the claim on it. Audit: `alert.shelved`; pushes on commit.

    Raises:
        ValidationError: no reason, too long, a colleague has it, or it is decided, escalated or shelved already.
    """
    if not actor.has_role(*DESK_ROLES):
        raise ValidationError(gettext("Only operators and supervisors shelve alerts."))
    _check(minutes, reason, settings.SHELVE_MAX_MIN)
    now = timezone.now()
    until = now + timedelta(minutes=minutes)
    shelf = Shelf(
        camera=alert.camera, alert=alert, starts_at=now, until=until, reason=reason.strip(), by=actor, role=actor.role
    )
    try:
        with transaction.atomic():
            free = Alert.desk.free_for(actor).filter(pk=alert.pk, state=AlertState.NEW, shelf=None)
            shelf.save()
            unclaimed = {"claimed_by": None, "claimed_at": None, "claimed_until": None, "due_at": None}
            if free.update(shelf=shelf, shelved_until=until, **unclaimed) != 1:
                raise ValidationError(
                    gettext("This alert cannot be shelved: a colleague has it, or it is no longer new.")
                )
            transaction.on_commit(lambda: alert_push(alert.pk))
            _record(trail_action(alert, "alert.shelved"), shelf, actor, f"alert:{alert.pk}")
    except IntegrityError as error:
        raise ValidationError(gettext("This alert is shelved already.")) from error
    return shelf


def maintenance_plan(*, camera: Camera, actor: User, starts_at: datetime | None, minutes: int, reason: str) -> Shelf:
    """Plan or begin a maintenance window: what the camera raises in it goes to the shelf. Audit: `maintenance.planned`.

    Args:
        camera: the camera.
        actor: a supervisor.
        starts_at: when it begins; None for now.
        minutes: how long it lasts.
        reason: what is being done.

    Raises:
        ValidationError: not a supervisor, no reason, too long, or in the past.
    """
    if not actor.has_role(Role.SUPERVISOR):
        raise ValidationError(gettext("Only supervisors plan maintenance."))
    _check(minutes, reason, settings.MAINTENANCE_MAX_MIN)
    now = timezone.now()
    begins = starts_at or now
    if begins < now - timedelta(minutes=1) or begins > now + timedelta(days=31):
        raise ValidationError({"starts_at": gettext("Maintenance begins now or within the next 31 days.")})
    until = begins + timedelta(minutes=minutes)
    with transaction.atomic():
        shelf = Shelf.objects.create(
            camera=camera, starts_at=begins, until=until, reason=reason.strip(), by=actor, role=actor.role
        )
        _record("maintenance.planned", shelf, actor, f"camera:{camera.pk}")
    return shelf


def shelf_end(*, shelf: Shelf, actor: User | None, now: datetime | None = None) -> bool:
    """Bring back what is on a shelf and still undecided; False where another was first.

    Audit: `shelf.ended`; pushes each alert as it comes back, and its clock starts anew.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        if Shelf.objects.filter(pk=shelf.pk, ended_at=None).update(ended_at=moment, ended_by=actor) != 1:
            return False
        back = list(Alert.desk.select_for_update(of=("self",)).filter(shelf=shelf).order_by("pk"))
        for alert in back:
            due_at = moment + acknowledge_within(alert.severity) if alert.state == AlertState.NEW else None
            Alert.desk.filter(pk=alert.pk).update(shelf=None, shelved_until=None, due_at=due_at)
            transaction.on_commit(lambda pk=alert.pk: alert_push(pk, is_new=True))  # type: ignore[misc]
        subject = f"alert:{shelf.alert_id}" if shelf.alert_id else f"camera:{shelf.camera_id}"
        _record("shelf.ended", shelf, actor, subject, returned=[alert.pk for alert in back])
    return True


def shelves_end_overdue(*, now: datetime | None = None) -> int:
    """End every shelf whose time is up. Idempotent. Returns how many."""
    moment = now or timezone.now()
    overdue = Shelf.objects.filter(ended_at=None, until__lte=moment).select_related("camera")
    return sum(shelf_end(shelf=shelf, actor=None, now=moment) for shelf in overdue)


def _check(minutes: int, reason: str, most: int) -> None:
    if not reason.strip():
        raise ValidationError({"reason": gettext("Say in a few words why, for whoever comes after you.")})
    if not 1 <= minutes <= most:
        raise ValidationError(
            {
                "minutes": gettext("From 1 minute to {most_hours} hours; got {minutes} minutes.").format(
                    most_hours=most // 60, minutes=minutes
                )
            }
        )


def _record(action: str, shelf: Shelf, actor: User | None, subject: str, **more: list[int]) -> None:
    details = {"shelf": shelf.pk, "starts_at": shelf.starts_at.isoformat(), "until": shelf.until.isoformat()}
    audit_record(action=action, actor=actor, subject=subject, site_id=shelf.camera.site_id, details={**details, **more})
