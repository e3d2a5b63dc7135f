"""Taking the stills of a walk out of the masked recordings, by a worker. Killed anywhere, it begins anew.

Files come first and rows last, in one transaction with the state; files that no row names go with the next purge.
"""

import logging
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cameras.commissioning.models import Run, RunState, Still
from cameras.commissioning.troubles import trouble_in_english
from cameras.footage import delete_files, footage_path
from cameras.holds import purge_lock
from cameras.models import Segment
from inference.commissioning.services.walking import run_fail, run_record
from inference.services.clips import recorded_segments

logger = logging.getLogger(__name__)
SETTLED_AFTER: Final = timedelta(seconds=30)
"""After the end of the walk its last recording is closed and its row written."""
CLAIMED_FOR: Final = timedelta(minutes=10)
"""The task has 5 minutes; after this a worker that took it is dead."""
FEWEST: Final = 10


class SamplingError(Exception):
    """The walk cannot be labelled: a key of `TROUBLES`, with its facts."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(trouble_in_english(code, facts))
        self.code, self.facts = code, facts


def walks_sample(now: datetime | None = None) -> int:
    """Take the stills of walks that ended; returns of how many."""
    now = now or timezone.now()
    waiting = Run.objects.filter(state=RunState.SAMPLING, ended_at__lt=now - SETTLED_AFTER)
    free = waiting.filter(Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIMED_FOR))
    count = 0
    for run in free.select_related("camera"):
        if free.filter(pk=run.pk).update(claimed_at=now) == 1:
            count += stills_take(run)
    return count


def stills_take(run: Run) -> bool:
    """Take the stills of one walk. Audit: `commissioning.stills-taken`, `commissioning.failed`.

    Returns:
        Whether it can be labelled now.
    """
    stills: list[Still] = []
    try:
        masker = _only_masker(run)
        stills = _written(run)
        _store(run, stills, masker)
    except SamplingError as error:
        delete_files(still.path for still in stills)
        logger.warning("commissioning %s: no stills: %s", run.pk, error)
        try:
            run_fail(run=run, code=error.code, **error.facts)
        except ValidationError:
            logger.info("commissioning %s: it waits for no stills any more", run.pk)
        return False
    return True


def _window(run: Run) -> tuple[datetime, datetime]:
    if run.ended_at is None:
        raise SamplingError("unended")
    return run.began_at, run.ended_at


def _only_masker(run: Run) -> str:
    """Return the fingerprint under which all of the walk was masked."""
    start_at, end_at = _window(run)
    near = Segment.objects.filter(
        camera=run.camera_id, started_at__lt=end_at, started_at__gt=start_at - timedelta(seconds=60)
    )
    maskers = sorted({row.masker for row in near if row.ended_at is None or row.ended_at > start_at})
    if not maskers:
        raise SamplingError("unrecorded")
    if len(maskers) > 1:
        raise SamplingError("masker", maskers=", ".join(maskers))
    return maskers[0]


def _written(run: Run) -> list[Still]:
    from inference.core.errors import RecordingError
    from inference.core.recording.stills import recorded_stills  # decodes: only where tasks run

    start_at, end_at = _window(run)
    try:
        segments = recorded_segments(run.camera_id, start_at, end_at)
    except RecordingError as error:
        raise SamplingError("unreadable", error=str(error)) from error
    stills: list[Still] = []
    try:
        for number, (captured_at, jpeg) in enumerate(
            recorded_stills(segments, start_at, end_at, run.interval_s), start=1
        ):
            relative = f"commissioning/{run.camera_id}/{uuid4().hex}.jpg"
            path = footage_path(relative)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            stills.append(Still(run=run, number=number, captured_at=captured_at, path=relative))
            path.write_bytes(jpeg)
    except OSError as error:
        delete_files(still.path for still in stills)
        raise SamplingError("disk", error=error.strerror or "") from error
    return stills


def _store(run: Run, stills: list[Still], masker: str) -> None:
    if len(stills) < FEWEST:
        raise SamplingError("few", stills=len(stills), fewest=FEWEST)
    with transaction.atomic():
        purge_lock(run.camera_id)  # a change of modality to edge deletes under it, and then finds them or stops us
        run.camera.refresh_from_db(fields=["modality"])
        if not run.camera.keeps_footage:
            raise SamplingError("edge")
        taken = Run.objects.filter(pk=run.pk, state=RunState.SAMPLING).update(state=RunState.LABELLING, masker=masker)
        if not taken:
            raise SamplingError("gone")
        Still.objects.bulk_create(stills)
        run_record(run, "commissioning.stills-taken", None, {"stills": len(stills), "masker": masker})
