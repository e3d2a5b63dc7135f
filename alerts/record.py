"""What is known from earlier alerts like one: how often they were confirmed, and what came last at the camera.

"Like" is the same kind with a confidence in the same band, at this camera; where few were decided here, those of its
site and of all cameras count too, the less the more is known here (`shrinkage.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, inf

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from alerts.models import Alert, AlertState, Decision, Verdict
from alerts.services.raising import HIGH_CONFIDENCE, MEDIUM_CONFIDENCE
from alerts.shrinkage import Share, Tally, confirmed_share

RECORD_FOR = timedelta(days=90)
NEWEST = 2000
"""Older ones are not counted: the page stays as fast, and the newest say most."""
DECIDED = (AlertState.CONFIRMED, AlertState.DISMISSED)
BANDS = ((0.0, MEDIUM_CONFIDENCE), (MEDIUM_CONFIDENCE, HIGH_CONFIDENCE), (HIGH_CONFIDENCE, inf))


@dataclass(frozen=True, slots=True)
class LocalRecord:
    """How often alerts like one were confirmed.

    Attributes:
        share: the estimate for this camera.
        here: decided alerts like it at this camera.
        elsewhere: decided alerts like it at all other cameras.
        band: lowest and highest confidence that counts as like it, %; the upper end is not in it.
    """

    share: Share
    here: Tally
    elsewhere: Tally
    band: tuple[float, float]

    @property
    def is_enough(self) -> bool:
        """Whether there are enough to say something."""
        return self.share.is_enough

    @property
    def of_hundred(self) -> int:
        """Of 100 alerts like it, so many were confirmed."""
        return round(self.share.mean * 100)

    @property
    def plus_minus(self) -> int:
        """So many more or fewer, with 90 % certainty; never rounded down."""
        return ceil((self.share.high - self.share.low) * 50)

    @property
    def low_percent(self) -> float:
        """Lower end of the 90 % interval, 0 to 100."""
        return self.share.low * 100.0

    @property
    def range_percent(self) -> float:
        """Width of the 90 % interval, 0 to 100."""
        return (self.share.high - self.share.low) * 100.0

    @property
    def band_words(self) -> str:
        """The band in words."""
        low, high = self.band
        if high == inf:
            return gettext("from {low:.0f} %").format(low=low)
        return (
            gettext("below {high:.0f} %").format(high=high)
            if low == 0.0
            else gettext("{low:.0f} to {high:.0f} %").format(low=low, high=high)
        )


def confidence_band(confidence: float) -> tuple[float, float]:
    """Return the band that a confidence, 0-100 %, lies in: lower end in it, upper end not."""
    return next(band for band in BANDS if confidence < band[1])


def local_record(alert: Alert, before: datetime | None = None) -> LocalRecord:
    """Estimate how often alerts like this one are confirmed at its camera; two queries, whatever there is to count.

    Args:
        alert: the alert, whose kind and confidence say what is like it.
        before: a moment in the past: only what was raised and decided by then counts. None: now.
    """
    band = confidence_band(alert.confidence)
    like = Alert.objects.filter(
        kind=alert.kind,
        confidence__gte=band[0],
        confidence__lt=min(band[1], 101.0),
        state__in=DECIDED,
        raised_at__gte=(before or timezone.now()) - RECORD_FOR,
    ).exclude(pk=alert.pk)
    if before is not None:
        ends = Decision.objects.filter(verdict__in=(Verdict.CONFIRM, Verdict.DISMISS), revoked_by=None, at__lt=before)
        like = like.filter(Exists(ends.filter(alert=OuterRef("pk"))), raised_at__lt=before)
    rows = _by_camera(like.filter(camera=alert.camera_id))
    here = _sum(Tally(decided, confirmed) for _, decided, confirmed in rows)
    others = _by_camera(like.exclude(camera=alert.camera_id))
    site = [Tally(decided, confirmed) for at, decided, confirmed in others if at == alert.camera.site_id]
    elsewhere = [Tally(decided, confirmed) for at, decided, confirmed in others if at != alert.camera.site_id]
    return LocalRecord(confirmed_share(here, site, elsewhere), here, _sum([*site, *elsewhere]), band)


def _by_camera(like: QuerySet[Alert]) -> list[tuple[int, int, int]]:
    """Return (site, decided, confirmed) of each camera among the newest."""
    newest = like.order_by("-raised_at").values("pk")[:NEWEST]
    counted = Alert.objects.filter(pk__in=newest).order_by().values("camera", "camera__site")
    return list(
        counted.annotate(decided=Count("pk"), confirmed=Count("pk", filter=Q(state=AlertState.CONFIRMED))).values_list(
            "camera__site", "decided", "confirmed"
        )
    )


def _sum(tallies: Iterable[Tally]) -> Tally:
    found = list(tallies)
    return Tally(sum(tally.decided for tally in found), sum(tally.confirmed for tally in found))


def last_alerts(alert: Alert, count: int = 5, before: datetime | None = None) -> list[Alert]:
    """Return the camera's alerts before this one, newest first, with their decisions: all, or those before a moment."""
    decisions = Decision.objects.select_related("by").order_by("-at")
    if before is not None:
        decisions = decisions.filter(at__lt=before)
    return list(
        Alert.desk.on_desk()
        .filter(camera=alert.camera_id, raised_at__lte=alert.raised_at)
        .exclude(pk=alert.pk)
        .order_by("-raised_at", "-pk")
        .prefetch_related(Prefetch("decisions", decisions))[:count]
    )
