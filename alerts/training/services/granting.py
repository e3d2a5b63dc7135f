"""Certificates that people give: a supervisor of the site grants one, or withdraws one."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from alerts.training.access import may_grant
from alerts.training.course import NAME
from paca_site.accounts.models import User
from paca_site.accounts.training.models import SHORTEST_REASON, Certificate, Source, today
from paca_site.audit.services import audit_record

LONGEST: Final = timedelta(days=3 * 365)


def certificate_grant(*, certificate: Certificate, actor: User) -> Certificate:
    """Store a certificate of a course that a person took elsewhere. Audit: `training.granted`.

    Args:
        certificate: unsaved, with person, course, day and last day.
        actor: a supervisor of a site of that person, and not that person.

    Raises:
        ValidationError: the actor may not, or the days do not fit.
    """
    if not may_grant(actor, certificate.person):
        raise ValidationError(
            gettext("A certificate is granted by a supervisor of the person's site, and never to oneself.")
        )
    day = today()
    errors = {}
    if not certificate.course.strip():
        errors["course"] = gettext("Name the course.")
    if certificate.taken_on > day:
        errors["taken_on"] = gettext(
            "A course that is still to come proves nothing: today is {day}, got {given}."
        ).format(day=day, given=certificate.taken_on)
    longest = certificate.taken_on + LONGEST
    if not day <= certificate.ends_on <= longest:
        errors["ends_on"] = gettext(
            "The last day is today ({day}) at the earliest and three years after the course ({longest}) at the latest; "
            "got {given}."
        ).format(day=day, longest=longest, given=certificate.ends_on)
    if errors:
        raise ValidationError(errors)
    certificate.source, certificate.granted_by = Source.GRANTED, actor
    certificate.full_clean()
    with transaction.atomic():
        certificate.save()
        _record("training.granted", certificate, actor)
    return certificate


def certificate_withdraw(*, certificate: Certificate, actor: User, reason: str) -> None:
    """Withdraw a certificate: the person decides nothing from now on, unless another one counts.

    Audit: `training.withdrawn`. Of two who do it at once, one does; the other is told.

    Raises:
        ValidationError: no reason, the actor may not, or it is withdrawn already.
    """
    if not may_grant(actor, certificate.person):
        raise ValidationError(
            gettext("A certificate is withdrawn by a supervisor of the person's site, and never by oneself.")
        )
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= 300:
        raise ValidationError(
            gettext("Say why, in {shortest} to 300 characters; got {given}.").format(
                shortest=SHORTEST_REASON, given=len(reason)
            )
        )
    with transaction.atomic():
        standing = Certificate.objects.filter(pk=certificate.pk, withdrawn_at=None)
        if standing.update(withdrawn_at=timezone.now(), withdrawn_by=actor, withdraw_reason=reason) != 1:
            raise ValidationError(gettext("It is withdrawn already."))
        _record("training.withdrawn", certificate, actor, reason=reason)


def demo_certify(*, person: User) -> Certificate:
    """Give a person of the demo a certificate that says of itself that it is none. Audit: `training.granted`.

    Raises:
        ValueError: this installation is no demo: nobody real is certified but by the course or a person.
    """
    if not settings.DEMO:
        raise ValueError("Only people of a demo are certified by the program; PACA_DEMO is 0.")
    day = today()
    with transaction.atomic():
        certificate = Certificate.objects.create(
            person=person,
            course=NAME,
            taken_on=day,
            ends_on=day + timedelta(days=settings.TRAINING_DAYS),
            source=Source.DEMO,
        )
        _record("training.granted", certificate, None)
    return certificate


def _record(action: str, certificate: Certificate, actor: User | None, **more: str) -> None:
    audit_record(
        action=action,
        actor=actor,
        subject=f"user:{certificate.person_id}",
        details={
            "certificate": certificate.pk,
            "course": certificate.course,
            "taken_on": f"{certificate.taken_on}",
            "ends_on": f"{certificate.ends_on}",
            "source": certificate.source,
            **more,
        },
    )
