"""What each threshold would have called, hour by hour: from the running detector to the database."""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.utils import timezone

from inference.core.detection.model import load_model
from inference.core.errors import WeightsError
from inference.core.sensitivity import (
    THRESHOLDS,
    HourTally,
    TalliedDetector,
    load_found,
    weights_identity,
)
from inference.core.weights import load_manifest
from inference.models import DetectorRelease, ScoreHour
from inference.writer import StreamWriter

logger = logging.getLogger(__name__)

EVERY_S: Final = 60.0
"""So much is lost of the counts at most when a worker is killed."""
KEPT_FOR: Final = timedelta(days=36)
"""Five whole weeks, which drift is judged by (docs/detection.md), and a day to do so."""


def release_of(folder: Path) -> DetectorRelease:
    """Return what the weights in a folder say of themselves, not stored.

    A damaged table of what is found is logged and counts as none: alerts go on without it.

    Raises:
        WeightsError: the weights are damaged.
    """
    manifest, found = load_manifest(folder.name, folder.parent), None
    try:
        found = load_found(folder.name, folder.parent)
    except WeightsError:
        logger.exception("the table of what %s finds cannot be used; cameras show false alerts only", folder.name)
    return DetectorRelease(
        weights=weights_identity(manifest),
        name=manifest.name,
        default_percent=round(load_model(folder).threshold * 100, 1),
        thresholds=[round(threshold * 100) for threshold in THRESHOLDS],
        found=list(found.found) if found else [],
        found_events=found.events if found else 0,
    )


def score_hours_add(*, camera_id: int, release: DetectorRelease, tallies: Sequence[HourTally]) -> None:
    """Add what was counted to the camera's hours. Runs inside the stream's fenced transaction: one writer a camera."""
    known = {
        "name": release.name,
        "default_percent": release.default_percent,
        "thresholds": release.thresholds,
        "found": release.found,
        "found_events": release.found_events,
    }
    stored = DetectorRelease.objects.filter(pk=release.pk)
    if not stored.filter(**known).exists():
        DetectorRelease.objects.update_or_create(weights=release.pk, defaults=known)
    for tally in tallies:
        row, _ = ScoreHour.objects.get_or_create(
            camera_id=camera_id,
            release_id=release.pk,
            hour=tally.hour,
            defaults={"events": [0] * len(tally.events)},
        )
        row.observed_s += tally.observed_s
        row.events = [before + now for before, now in zip(row.events, tally.events, strict=True)]
        row.save(update_fields=["observed_s", "events"])


def score_hours_purge(*, now: datetime | None = None) -> int:
    """Delete hours older than `KEPT_FOR`. They are counts without footage; no audit. Returns how many."""
    count, _ = ScoreHour.objects.filter(hour__lt=(now or timezone.now()) - KEPT_FOR).delete()
    return count


class ScoreReporter(threading.Thread):
    """Hands a detector's counts to the stream's writer once a minute and at the end."""

    def __init__(self, detector: TalliedDetector, release: DetectorRelease, writer: StreamWriter) -> None:
        super().__init__(name=f"scores-{writer.lease.camera_id}", daemon=True)
        self._detector, self._release, self._writer = detector, release, writer
        self._stopped = threading.Event()

    def run(self) -> None:
        """Report until stopped."""
        while not self._stopped.wait(EVERY_S):
            self._report()

    def stop(self) -> None:
        """Report a last time and end."""
        self._stopped.set()
        self._report()

    def _report(self) -> None:
        tallies = self._detector.tally.take()
        if tallies:
            camera_id, release = self._writer.lease.camera_id, self._release
            self._writer.put(lambda: score_hours_add(camera_id=camera_id, release=release, tallies=tallies))
