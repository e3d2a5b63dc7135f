"""Under what each camera runs: the authorisations in force, and what stands against it where there is none."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from cameras.assessing.models import TrialPeriod
from cameras.assessing.standing import Obstacle
from cameras.authorising.models import AskedSince, Authorisation
from cameras.event_kinds import KINDS
from cameras.models import Camera
from cameras.stopping.kinds import kinds_stopped


def grace() -> timedelta:
    """Return how long cameras that are older than the question may run without an answer."""
    return timedelta(days=settings.AUTHORISATION_GRACE_DAYS)


@dataclass(slots=True)
class Ground:
    """What one camera runs under.

    Attributes:
        current: authorisations in force today.
        ended_on: the last day of the newest one that is over; None where there was none.
    """

    current: list[Authorisation] = field(default_factory=list)
    ended_on: date | None = None

    @property
    def kinds(self) -> set[str]:
        """The kinds of event that may become alerts; all while none is in force, as then only a grace period runs."""
        return {kind for found in self.current for kind in found.kinds} if self.current else set(KINDS)

    @property
    def ends_on(self) -> date | None:
        """The last day that is covered now."""
        return max((found.ends_on for found in self.current), default=None)


def grounds(cameras: Iterable[Camera], now: datetime | None = None) -> dict[int, Ground]:
    """Return what each camera runs under, by key; two queries, however many.

    One whose day of review has passed by more than the grace period is not in force any more: a justification expires.
    """
    now = now or timezone.now()
    found: dict[int, Ground] = defaultdict(Ground)
    keys = [camera.pk for camera in cameras]
    standing = Authorisation.objects.standing().filter(cameras__in=keys).distinct().select_related("site")
    for authorisation in standing.prefetch_related("cameras"):
        today = now.astimezone(ZoneInfo(authorisation.site.time_zone)).date()
        last = min(authorisation.ends_on, authorisation.review_on + grace())
        for camera in authorisation.cameras.all():
            ground = found[camera.pk]
            if authorisation.starts_on <= today <= last:
                ground.current.append(authorisation)
            elif today > last:
                ground.ended_on = max(ground.ended_on or last, last)
    return found


def obstacles(cameras: Iterable[Camera], now: datetime | None = None) -> dict[int, Obstacle]:
    """Return what stands against each camera, by its key; absent where an authorisation is in force. Four queries."""
    now = now or timezone.now()
    listed = list(cameras)
    known = grounds(listed, now)
    bare = [camera for camera in listed if not known[camera.pk].current]
    if not bare:
        return {}
    since = AskedSince.objects.values_list("at", flat=True).first()
    trials = dict(TrialPeriod.objects.filter(camera__in=bare).values_list("camera", "until"))
    told = {}
    for camera in bare:
        until = trials.get(camera.pk)
        if since is not None and camera.created_at <= since:
            until = max(filter(None, (until, since + grace())))
        ended_on = known[camera.pk].ended_on
        if ended_on is not None:
            reason, until = gettext("Its authorisation ended on {day}.").format(day=ended_on), None
        else:
            reason = gettext("No public authority has authorised it.")
        told[camera.pk] = Obstacle(reason, until)
    return told


def kinds_allowed(camera: Camera) -> set[str]:
    """Return the kinds of event that may become alerts at a camera now: authorised, and stopped by nobody."""
    return grounds([camera])[camera.pk].kinds - kinds_stopped(camera.site_id)
