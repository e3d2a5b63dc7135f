"""The last months of a site, newest first; finished ones are kept for some hours, as they no longer change."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db.models import Q

from alerts.models import Alert
from alerts.shifts import Shift
from cameras.models import Site
from paca_site.accounts.access import site_ids
from paca_site.audit.models import AuditEntry
from paca_site.oversight.benefit.balance import Balance, Taken, balance_of
from paca_site.oversight.benefit.models import CameraDay
from paca_site.oversight.deciding.records import DECIDED_WITHIN, alert_records
from paca_site.oversight.fairness.forms import last_months, month_after
from paca_site.oversight.watching.numbering import first_number_at

LIVE: Final = "camera.watched"
KEPT_FOR_S: Final = 6 * 3600


def balances(site: Site, now: datetime) -> list[Balance]:
    """Return the months of a site in which anything was going on, newest first."""
    found = (_month(site, start, now) for start in last_months(now))
    return [balance for balance in found if not balance.is_empty]


def _month(site: Site, start: datetime, now: datetime) -> Balance:
    end = month_after(start)
    if now < end + DECIDED_WITHIN:
        return _balance(site, start, end, now)
    key = f"benefit-{site.pk}-{start:%Y-%m}"
    found: Balance | None = cache.get(key)
    if found is None:
        found = _balance(site, start, end, now)
        cache.set(key, found, KEPT_FOR_S)
    return found


def _balance(site: Site, start: datetime, end: datetime, now: datetime) -> Balance:
    records = alert_records([site.pk], start, end)
    kept = Alert.objects.filter(pk__in=[record.alert for record in records]).values_list("started_at", "raised_at")
    opened = AuditEntry.objects.filter(
        action=LIVE, number__gte=first_number_at(start), number__lt=first_number_at(end), site_id=site.pk
    )
    return balance_of(
        start,
        records,
        event_to_alert_s=[(raised_at - started_at).total_seconds() for started_at, raised_at in kept],
        operator_hours=operator_hours(site, start, min(end, now)),
        live_openings=opened.count(),
        taken=taken_of(site, start, end),
    )


def operator_hours(site: Site, start: datetime, end: datetime) -> float:
    """Return the hours of shifts at a site from `start` to `end`; of a shift with several sites, its part.

    A shift's sites are written down at its end; one that runs counts for those of its person now.
    """
    within = Q(ended_at=None) | Q(ended_at__gt=start)
    hours = 0.0
    for shift in Shift.objects.filter(within, started_at__lt=end).select_related("person").prefetch_related("sites"):
        sites = site_ids(shift.person) if shift.ended_at is None else [one.pk for one in shift.sites.all()]
        if site.pk in sites:
            lasted = min(shift.ended_at or end, end) - max(shift.started_at, start)
            hours += max(timedelta(), lasted).total_seconds() / 3600.0 / len(sites)
    return hours


def taken_of(site: Site, start: datetime, end: datetime) -> Taken:
    """Return what the cameras of a site took from `start` to `end` (UTC midnights)."""
    days = list(CameraDay.objects.filter(site=site, day__gte=start.date(), day__lt=end.date()))
    if not days:
        return Taken()
    sampled = [day for day in days if day.samples]
    kept: dict[object, int] = defaultdict(int)
    for day in days:
        kept[day.day] += day.kept_bytes
    return Taken(
        observed_s=sum(day.observed_s for day in days),
        sampled_s=sum(day.observed_s for day in sampled),
        work_s=sum(day.work_s for day in sampled),
        kept_bytes=max(kept.values()),
    )
