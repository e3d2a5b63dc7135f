"""What assessments say to the gate "may this camera run" (cameras/running.py)."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext

from cameras.assessing.remembering import obstacles_remembered
from cameras.assessing.standing import obstacles
from cameras.models import Camera


def reasons_against_running(cameras: Iterable[Camera]) -> dict[int, list[str]]:
    """Return why cameras must not go on, by key: what is assessed no more and whose grace period is over.

    The number of queries does not depend on the number of cameras.
    """
    now = timezone.now()
    known = obstacles_remembered(list(cameras), now)
    found = {pk: [item.reason for item in items if item.stops(now)] for pk, items in known.items()}
    return {pk: reasons for pk, reasons in found.items() if reasons}


def reasons_against_starting(cameras: Iterable[Camera]) -> dict[int, list[str]]:
    """Return why cameras that are stopped must not be started: the same, without any grace period."""
    return {pk: [item.reason for item in items] for pk, items in obstacles(cameras).items()}


def graces(cameras: Iterable[Camera]) -> dict[int, list[str]]:
    """Return what will stop cameras that run, and when, by key, in sentences."""
    now = timezone.now()
    told: dict[int, list[str]] = {}
    for pk, items in obstacles(cameras, now).items():
        ending = [item for item in items if item.until is not None and not item.stops(now)]
        sentences = [
            gettext("{reason} Runs until {until:%Y-%m-%d %H:%M} UTC.").format(reason=item.reason, until=item.until)
            for item in ending
        ]
        if sentences:
            told[pk] = sentences
    return told
