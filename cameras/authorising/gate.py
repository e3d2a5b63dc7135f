"""What authorisations say to the gate "may this camera run" (cameras/running.py)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import get_language, gettext

from cameras.assessing.models import TrialPeriod
from cameras.assessing.standing import Obstacle
from cameras.authorising.models import AskedSince, Authorisation
from cameras.authorising.standing import grace, grounds, obstacles
from cameras.models import Camera
from cameras.row_state import Remembered, row_state

READ_FROM: Final = (Camera, Authorisation, AskedSince, TrialPeriod)
WORTH_IT: Final = 50
TOLD_BEFORE: Final = timedelta(days=30)
_found: Final = Remembered[dict[int, Obstacle]]()


def _obstacles(cameras: Iterable[Camera], now: datetime) -> dict[int, Obstacle]:
    """The same as `standing.obstacles`; of many cameras remembered while no row and no hour changes."""
    listed = list(cameras)
    if len(listed) < WORTH_IT:
        return obstacles(listed, now)
    hour = now.replace(minute=0, second=0, microsecond=0)  # days begin on one, in nearly every time zone
    key = (tuple(camera.pk for camera in listed), get_language(), grace(), hour, row_state(*READ_FROM))
    return _found.get(key, lambda: obstacles(listed, now))


def reasons_against_running(cameras: Iterable[Camera]) -> dict[int, list[str]]:
    """Return why cameras must not go on, by key: not authorised any more, or never within the grace period."""
    now = timezone.now()
    return {pk: [item.reason] for pk, item in _obstacles(cameras, now).items() if item.stops(now)}


def reasons_against_starting(cameras: Iterable[Camera]) -> dict[int, list[str]]:
    """Return why cameras that are stopped must not be started: the same, without any grace period."""
    return {pk: [item.reason] for pk, item in obstacles(cameras).items()}


def endings(cameras: Iterable[Camera]) -> dict[int, list[str]]:
    """Return what will stop cameras that run, and when, by key, in sentences."""
    now, listed = timezone.now(), list(cameras)
    told: dict[int, list[str]] = {}
    for pk, item in obstacles(listed, now).items():
        if item.until is not None and not item.stops(now):
            sentence = gettext("{reason} Runs until {until:%Y-%m-%d %H:%M} UTC.")
            told[pk] = [sentence.format(reason=item.reason, until=item.until)]
    for pk, ground in grounds(listed, now).items():
        last = ground.ends_on
        if last is not None and last - now.date() <= TOLD_BEFORE:
            told[pk] = [gettext("Its authorisation ends with {day}.").format(day=last)]
        elif ground.current and all(found.is_review_due for found in ground.current):
            until = max(found.review_on for found in ground.current) + grace()
            told[pk] = [gettext("Its authorisation is due for review; it counts until {day}.").format(day=until)]
    return told
