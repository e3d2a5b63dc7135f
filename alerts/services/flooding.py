"""Noticing that a site raises more alerts than its operators can judge, and that it is over.

A flood starts above 10 alerts in 10 minutes for each operator and ends below 5. It changes how the queue looks, never
what is in it. Source: ANSI/ISA-18.2-2016, alarm flood.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from alerts.incidents import Flood
from alerts.models import Alert, Decision
from alerts.services.pushing import desk_push
from paca_site.audit.services import audit_record

WINDOW = timedelta(minutes=10)


def floods_check(*, now: datetime | None = None) -> None:
    """Start and end floods. Idempotent. Audit: `flood.started`, `flood.ended`; tells the sites' screens on commit."""
    moment = now or timezone.now()
    recent = Alert.objects.filter(raised_at__gt=moment - WINDOW, raised_at__lte=moment, shelf=None)
    counts = dict(recent.values_list("camera__site").annotate(count=Count("pk")))
    running = {flood.site_id: flood for flood in Flood.objects.filter(ended_at=None)}
    for site_id, count in counts.items():
        if site_id not in running and count > settings.FLOOD_ALERTS:
            operators = _people_at_work(site_id, moment)
            if count > settings.FLOOD_ALERTS * operators:
                _start(site_id, count, operators, moment)
    for site_id, flood in running.items():
        if counts.get(site_id, 0) * 2 < settings.FLOOD_ALERTS * flood.operators:
            _end(flood, moment)


def _people_at_work(site_id: int, now: datetime) -> int:
    """Return how many people decided or hold alerts of a site, at least 1."""
    at_site = Alert.objects.filter(camera__site=site_id)
    decided = Decision.objects.filter(alert__camera__site=site_id, at__gt=now - WINDOW).values_list("by", flat=True)
    holding = at_site.filter(claimed_until__gt=now).values_list("claimed_by", flat=True)
    return max(1, len({*decided, *holding}))


def _start(site_id: int, count: int, operators: int, now: datetime) -> None:
    try:
        with transaction.atomic():
            flood = Flood.objects.create(site_id=site_id, started_at=now, alerts=count, operators=operators)
            transaction.on_commit(lambda: desk_push(site_id, "flood.started"))
            details = {"alerts": count, "operators": operators, "window_s": WINDOW.total_seconds()}
            audit_record(
                action="flood.started", actor=None, subject=f"flood:{flood.pk}", site_id=site_id, details=details
            )
    except IntegrityError:
        return  # another run was first


def _end(flood: Flood, now: datetime) -> None:
    with transaction.atomic():
        if Flood.objects.filter(pk=flood.pk, ended_at=None).update(ended_at=now) != 1:
            return
        transaction.on_commit(lambda: desk_push(flood.site_id, "flood.ended"))
        audit_record(
            action="flood.ended",
            actor=None,
            subject=f"flood:{flood.pk}",
            site_id=flood.site_id,
            details={"lasted_s": round((now - flood.started_at).total_seconds())},
        )
