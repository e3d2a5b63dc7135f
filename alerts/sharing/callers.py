"""Which cameras call most, and which of them call for little: what process industry names bad actors and chattering.

Source: ANSI/ISA-18.2 (few alarms make most of the load; chattering: three or more within a minute) and EEMUA 191, ed. 3
(a flood begins at ten alarms within ten minutes).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q
from django.utils import timezone

from alerts.models import Alert, AlertState
from cameras.models import Camera, Site

DAYS: Final = 7
MOST_SHOWN: Final = 10
LEAST_ALERTS: Final = 10
"""Fewer in the week say nothing about a camera."""
LEAST_DECIDED: Final = 10
MOST_SHARE: Final = 0.2
LEAST_CONFIRMED: Final = 0.1
CHATTER, CHATTER_WITHIN = 3, timedelta(minutes=1)
PEAK_WITHIN: Final = timedelta(minutes=10)
FLOOD: Final = 10


@dataclass(frozen=True, slots=True)
class Caller:
    """One camera's week.

    Attributes:
        share: of all alerts of its site, 0 to 1.
        confirmed, decided: alerts.
        chatters: how often three alerts came within a minute.
    """

    camera: Camera
    alerts: int
    share: float
    confirmed: int
    decided: int
    chatters: int

    @property
    def a_day(self) -> float:
        """Alerts a day."""
        return self.alerts / DAYS

    @property
    def confirmed_percent(self) -> float | None:
        """Of those decided; None where there are too few to say."""
        return 100 * self.confirmed / self.decided if self.decided >= LEAST_DECIDED else None

    @property
    def calls_for_little(self) -> bool:
        """Whether it makes much of the site's load and hardly anything of it was confirmed."""
        confirmed = self.confirmed_percent
        return (
            self.alerts >= LEAST_ALERTS
            and self.share >= MOST_SHARE
            and confirmed is not None
            and confirmed <= 100 * LEAST_CONFIRMED
        )


@dataclass(frozen=True, slots=True)
class SiteCallers:
    """A site's week: its cameras that call most, and the most alerts within ten minutes of the last 24 hours."""

    site: Site
    alerts: int
    callers: tuple[Caller, ...]
    peak: int

    @property
    def is_flooded(self) -> bool:
        """Whether the peak was a flood for one person."""
        return self.peak >= FLOOD


def site_callers(sites: Sequence[Site], now: datetime | None = None) -> list[SiteCallers]:
    """Return each site's week; as many queries for many sites and cameras as for one. Test alerts do not count."""
    now = now or timezone.now()
    week = Alert.objects.filter(raised_at__gt=now - timedelta(days=DAYS), is_seeded=False)
    counted: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    cameras = {camera.pk: camera for camera in Camera.objects.filter(site__in=sites)}
    found = week.filter(camera__in=list(cameras)).order_by().values_list("camera")
    for pk, alerts, confirmed, dismissed in found.annotate(
        Count("pk"),
        confirmed=Count("pk", filter=Q(state=AlertState.CONFIRMED)),
        dismissed=Count("pk", filter=Q(state=AlertState.DISMISSED)),
    ):
        counted[cameras[pk].site_id].append((alerts, pk, confirmed, confirmed + dismissed))
    shown = {site: sorted(rows, key=lambda row: (-row[0], row[1]))[:MOST_SHOWN] for site, rows in counted.items()}
    keys = [pk for rows in shown.values() for _, pk, _, _ in rows]
    times: dict[int, list[datetime]] = defaultdict(list)
    for pk, at in week.filter(camera__in=keys).order_by("raised_at").values_list("camera", "raised_at"):
        times[pk].append(at)
    of_day: dict[int, list[datetime]] = defaultdict(list)
    last_day = week.filter(camera__in=list(cameras), raised_at__gt=now - timedelta(days=1)).order_by("raised_at")
    for pk, at in last_day.values_list("camera", "raised_at"):
        of_day[cameras[pk].site_id].append(at)
    results = []
    for site in sites:
        total = sum(alerts for alerts, _, _, _ in counted[site.pk])
        callers = tuple(
            Caller(cameras[pk], alerts, alerts / total, confirmed, decided, chatters_in(times[pk]))
            for alerts, pk, confirmed, decided in shown.get(site.pk, [])
        )
        results.append(SiteCallers(site, total, callers, most_within(of_day[site.pk], PEAK_WITHIN)))
    return results


def chatters_in(times: Sequence[datetime]) -> int:
    """Return how often three alerts came within a minute, each alert counted once; `times` rise."""
    count, start = 0, 0
    while start + CHATTER <= len(times):
        if times[start + CHATTER - 1] - times[start] <= CHATTER_WITHIN:
            count += 1
            start += CHATTER
        else:
            start += 1
    return count


def most_within(times: Sequence[datetime], span: timedelta) -> int:
    """Return the most moments within a span; `times` rise."""
    most, start = 0, 0
    for end, at in enumerate(times):
        while at - times[start] >= span:
            start += 1
        most = max(most, end - start + 1)
    return most
