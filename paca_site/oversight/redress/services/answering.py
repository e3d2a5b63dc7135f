"""Working on a complaint: findings, what it is about, the answer; and its end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.models import Camera
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record
from paca_site.oversight.redress.models import SHORTEST_ANSWER, Complaint, Outcome


def complaint_work_on(
    *, complaint: Complaint, cameras: Sequence[Camera], alert_ids: Sequence[int], note: str, actor: User
) -> None:
    """Write down what was found and which cameras and alerts it is about. Side effects: an audit entry.

    Raises:
        ValidationError: it was answered meanwhile, or the note is too long.
    """
    with transaction.atomic():
        _locked_open(complaint)
        complaint.note, complaint.alert_ids = note, list(alert_ids)
        complaint.full_clean(validate_unique=False)
        complaint.save(update_fields=["note", "alert_ids"])
        complaint.cameras.set(cameras)
        audit_record(
            action="redress.worked-on",
            actor=actor,
            subject=f"complaint:{complaint.pk}",
            site_id=complaint.site_id,
            details={
                "reference": complaint.reference,
                "cameras": [camera.pk for camera in cameras],
                "alerts": list(alert_ids),
            },
        )


def complaint_answer(*, complaint: Complaint, outcome: Outcome, answer: str, actor: User) -> None:
    """Answer a complaint; an answer is given once. Side effects: an audit entry.

    Raises:
        ValidationError: the answer is too short, or somebody answered it meanwhile.
    """
    text = answer.strip()
    if len(text) < SHORTEST_ANSWER:
        raise ValidationError(
            gettext("The answer must have at least {shortest_answer} characters; it has {text}.").format(
                shortest_answer=SHORTEST_ANSWER, text=len(text)
            ),
            code="short",
        )
    with transaction.atomic():
        _locked_open(complaint)
        complaint.outcome, complaint.answer = outcome, text
        complaint.answered_at, complaint.answered_by = timezone.now(), actor
        complaint.full_clean(validate_unique=False)
        complaint.save(update_fields=["outcome", "answer", "answered_at", "answered_by"])
        audit_record(
            action="redress.answered",
            actor=actor,
            subject=f"complaint:{complaint.pk}",
            site_id=complaint.site_id,
            details={
                "reference": complaint.reference,
                "outcome": outcome,
                "days": (complaint.answered_at - complaint.filed_at).days,
                "in_time": complaint.answered_at <= complaint.due_at,
            },
        )


def _locked_open(complaint: Complaint) -> None:
    if not Complaint.objects.select_for_update().open().filter(pk=complaint.pk).exists():
        raise ValidationError(gettext("Somebody has answered this complaint meanwhile."), code="answered")


def complaints_purge(now: datetime) -> int:
    """Delete complaints that were answered longer ago than they may be kept. Returns how many.

    Open ones stay, however old: nobody gets rid of a complaint by waiting. Side effects: one audit entry a batch.
    """
    limit = now - timedelta(days=settings.REDRESS_KEEP_DAYS)
    with transaction.atomic():
        gone = list(Complaint.objects.select_for_update(skip_locked=True).filter(answered_at__lt=limit))
        if not gone:
            return 0
        Complaint.objects.filter(pk__in=[one.pk for one in gone]).delete()
        audit_record(
            action="redress.purged",
            actor=None,
            details={"count": len(gone), "answered_before": limit.isoformat()},
        )
    return len(gone)
