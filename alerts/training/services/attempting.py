"""Marking a filled-in sheet: the attempt is kept, and one that passes makes a certificate."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from alerts.training.course import NAME, VERSION
from alerts.training.questions import PASS_MARK
from alerts.training.sheet import Sheet
from paca_site.accounts.local_time import zone_of
from paca_site.accounts.models import User
from paca_site.accounts.training.models import Attempt, Certificate, Source, today
from paca_site.accounts.training.standing import NEEDS_CERTIFICATE
from paca_site.audit.services import audit_record

AGAIN_AFTER: Final = timedelta(minutes=5)
"""Between an attempt that failed and the next: long enough to read, too long to try all answers."""
log = logging.getLogger(__name__)


def last_attempt(person: User) -> Attempt | None:
    """Return the newest attempt of a person."""
    return Attempt.objects.filter(person=person).order_by("-at").first()


def waits_until(last: Attempt | None) -> datetime | None:
    """Return when the next attempt may be made, where the last one failed a short time ago."""
    if last is None or last.is_passed or timezone.now() - last.at >= AGAIN_AFTER:
        return None
    return last.at + AGAIN_AFTER


def attempt_mark(*, sheet: Sheet, actor: User, given: Mapping[str, int]) -> Attempt:
    """Mark a sheet. Audit: `training.attempted`, and `training.earned` where it passes.

    A sheet that comes twice, as of two clicks, is marked once: the second answer is the first attempt.

    Args:
        sheet: what was asked.
        actor: who answered.
        given: the place of each chosen answer, by the question's name.

    Raises:
        ValidationError: a question without an answer, an attempt that failed minutes ago, or a role that decides none.
    """
    if not actor.has_role(*NEEDS_CERTIFICATE):
        raise ValidationError(gettext("Only operators and supervisors decide alerts."))
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # one attempt of a person at a time
        if (known := Attempt.objects.filter(nonce=sheet.nonce).first()) is not None:
            return known
        open_ = [asked for asked in sheet.asked if asked.question.name not in given]
        if open_:
            raise ValidationError(
                gettext("Answer every question: {count} of {all} have no answer yet.").format(
                    count=len(open_), all=len(sheet.asked)
                )
            )
        if (until := waits_until(last_attempt(actor))) is not None:
            raise ValidationError(
                gettext("The next attempt can be made from {time} on. Read the pages again until then.").format(
                    time=f"{until.astimezone(ZoneInfo(zone_of(actor))):%H:%M:%S %z}"
                )
            )
        wrong = sheet.wrong(given)
        right = len(sheet.asked) - len(wrong)
        attempt = Attempt.objects.create(
            person=actor,
            nonce=sheet.nonce,
            version=VERSION,
            asked=[asked.question.name for asked in sheet.asked],
            wrong=wrong,
            right=right,
            is_passed=right >= PASS_MARK,
        )
        certificate = _earned(attempt) if attempt.is_passed else None
        audit_record(
            action="training.attempted",
            actor=actor,
            subject=f"user:{actor.pk}",
            details={
                "attempt": attempt.pk,
                "course": NAME,
                "version": VERSION,
                "right": right,
                "asked": attempt.count,
                "pass_mark": PASS_MARK,
                "passed": attempt.is_passed,
                "wrong": wrong,
            },
        )
        if certificate is not None:
            audit_record(
                action="training.earned",
                actor=actor,
                subject=f"user:{actor.pk}",
                details={
                    "certificate": certificate.pk,
                    "attempt": attempt.pk,
                    "course": NAME,
                    "ends_on": f"{certificate.ends_on}",
                },
            )
    log.info("training: attempt %s, %s of %s right, passed %s", attempt.pk, right, attempt.count, attempt.is_passed)
    return attempt


def _earned(attempt: Attempt) -> Certificate:
    day = today()
    return Certificate.objects.create(
        person=attempt.person,
        course=NAME,
        taken_on=day,
        ends_on=day + timedelta(days=settings.TRAINING_DAYS),
        source=Source.COURSE,
        attempt=attempt,
    )
