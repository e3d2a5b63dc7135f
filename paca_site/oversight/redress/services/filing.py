"""A complaint comes in, and is looked up by the person who filed it."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from paca_site.audit.services import audit_record, audit_record_now
from paca_site.oversight.redress.access import find_own
from paca_site.oversight.redress.codes import hash_of, new_reference, new_secret
from paca_site.oversight.redress.models import Complaint
from paca_site.oversight.redress.sealing import seal


class Receipt(NamedTuple):
    """What the person who filed it is told; the secret is told once and kept nowhere."""

    complaint: Complaint
    secret: str


def complaint_file(*, complaint: Complaint, contact: str, form_token: UUID) -> Receipt | None:
    """Keep a complaint. Returns None where this form was already taken: it was sent twice.

    Side effects: one audit entry, which tells kind and place and nothing of the person.

    Raises:
        ValidationError: a field is missing or too long.
    """
    secret = new_secret()
    complaint.form_token = form_token
    complaint.reference = new_reference()
    complaint.secret_sha256 = hash_of(secret)
    complaint.sealed_contact = seal(contact.strip())
    complaint.filed_at = timezone.now()
    complaint.due_at = complaint.filed_at + timedelta(days=settings.REDRESS_DAYS)
    complaint.full_clean(exclude=["form_token", "reference"])
    try:
        with transaction.atomic():
            complaint.save()
            audit_record(
                action="redress.filed",
                actor=None,
                subject=f"complaint:{complaint.pk}",
                site_id=complaint.site_id,
                details={"reference": complaint.reference, "kind": complaint.kind},
            )
    except IntegrityError:
        if Complaint.objects.filter(form_token=form_token).exists():
            return None
        raise
    return Receipt(complaint, secret)


def complaint_look_up(*, reference: str, secret: str) -> Complaint | None:
    """Give the complaint to the person who filed it; None if the pair is wrong.

    Side effects: one audit entry where it was right.
    """
    complaint = find_own(reference, secret)
    if complaint is not None:
        audit_record_now(
            action="redress.looked-up",
            actor=None,
            subject=f"complaint:{complaint.pk}",
            site_id=complaint.site_id,
            details={"reference": complaint.reference, "is_answered": not complaint.is_open},
        )
    return complaint
