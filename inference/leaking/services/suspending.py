"""A camera above the leak budget suspends itself; a supervisor lets it run again."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from alerts.system.causes import Cause
from alerts.system.services.telling import Finding, findings_tell
from cameras.leaking.models import LONGEST_REASON, SHORTEST_REASON, Suspension
from cameras.models import Camera
from cameras.services.cameras import stream_restart
from inference.leaking.judging import Record, is_above
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record


def suspension_begin_if_above(*, camera_id: int, record: Record, now: datetime | None = None) -> Suspension | None:
    """Suspend a camera whose record is above the budget, once.

    Side effects: an audit entry, a system alert and its push, and the camera's worker ends its turn within a second.

    Returns:
        The suspension; None if the camera is not above the budget, or is suspended already.
    """
    rate, now = record.per_1000, now or timezone.now()
    if (
        rate is None
        or record.since is None
        or not is_above(record, budget=settings.LEAK_BUDGET, people=settings.LEAK_PEOPLE)
    ):
        return None
    with transaction.atomic():
        camera = Camera.objects.select_for_update(of=("self",)).get(pk=camera_id)
        suspension, is_new = Suspension.objects.get_or_create(
            camera=camera,
            ended_at=None,
            defaults={
                "began_at": now,
                "since": record.since,
                "frames": record.frames,
                "people": record.people,
                "leaks": record.leaks,
                "leak_frames": record.leak_frames,
                "low_per_1000": round(rate.low, 2),
                "budget_per_1000": settings.LEAK_BUDGET,
            },
        )
        if not is_new:
            return None
        findings_tell([Finding(Cause.LEAKS, _subject(camera_id), suspension.sentence, now, camera_id)])
        audit_record(
            action="leak-watch.suspended",
            actor=None,
            subject=f"camera:{camera_id}",
            site_id=camera.site_id,
            details=_counts(suspension),
        )
        transaction.on_commit(lambda: stream_restart(camera_id))
    return suspension


def suspension_lift(*, suspension: Suspension, actor: User, reason: str) -> None:
    """Let a suspended camera run again, as far as nothing else stands against it; counting begins anew.

    Side effects: an audit entry; the system alert ends.

    Raises:
        ValidationError: the reason is too short or too long, or somebody lifted it meanwhile.
    """
    text = reason.strip()
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        raise ValidationError(
            gettext("The reason must have {shortest} to {longest} characters; it has {given}.").format(
                shortest=SHORTEST_REASON, longest=LONGEST_REASON, given=len(text)
            ),
            code="length",
        )
    now = timezone.now()
    with transaction.atomic():
        current = Suspension.objects.current().filter(pk=suspension.pk)
        if current.update(ended_at=now, ended_by=actor, end_reason=text) != 1:
            raise ValidationError(gettext("Somebody has let it run again meanwhile."), code="ended")
        findings_tell([Finding(Cause.LEAKS, _subject(suspension.camera_id), "", now, suspension.camera_id)])
        audit_record(
            action="leak-watch.lifted",
            actor=actor,
            subject=f"camera:{suspension.camera_id}",
            site_id=suspension.camera.site_id,
            details={"suspension": suspension.pk, "reason": text},
        )


def _subject(camera_id: int) -> str:
    return f"camera:{camera_id}"


def _counts(suspension: Suspension) -> dict[str, float]:
    return {
        "suspension": suspension.pk,
        "frames": suspension.frames,
        "people": suspension.people,
        "leaks": suspension.leaks,
        "leak_frames": suspension.leak_frames,
        "low_per_1000": suspension.low_per_1000,
        "budget_per_1000": suspension.budget_per_1000,
    }
