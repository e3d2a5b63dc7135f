"""Noticing that a signed assessment does not hold any more: the grace period counts from here."""

import logging

from django.db import transaction
from django.utils import timezone

from cameras.assessing.models import StaleSince
from cameras.assessing.standing import Standing, standings
from cameras.models import Site
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)


def changes_note() -> int:
    """Write down each change that was not seen before. Audit: `assessment.stale`, one entry an assessment.

    Idempotent: two at once note each change once. Returns how many changes were new.
    """
    sites = list(Site.objects.values_list("pk", flat=True))
    return sum(_note(standing) for standing in standings(sites, required_only=False) if standing.changes)


def _note(standing: Standing) -> int:
    assessment = standing.signed
    if assessment is None:
        return 0
    new = []
    with transaction.atomic():
        for change in standing.changes:
            if (change.aspect, change.key) in standing.seen:
                continue
            _, is_new = StaleSince.objects.get_or_create(
                assessment=assessment, aspect=change.aspect, key=change.key, defaults={"seen_at": timezone.now()}
            )
            if is_new:
                new.append({"aspect": change.aspect, "of": change.key, "change": change.change})
        if new:
            logger.warning("assessment %s of site %s is stale: %s", assessment.pk, assessment.site_id, new)
            audit_record(
                action="assessment.stale",
                actor=None,
                subject=f"assessment:{assessment.pk}",
                site_id=assessment.site_id,
                details={"questionnaire": assessment.slug, "number": assessment.number, "changes": new},
            )
    return len(new)
