"""Making an alert's masked clip out of the recorded segments."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from alerts.models import Alert, ClipState
from alerts.services.pushing import alert_push
from cameras.archive.bucket import ArchiveError
from cameras.archive.services import segment_fetch
from cameras.footage import footage_path
from cameras.models import Segment
from inference.core.errors import RecordingError
from inference.core.recording.clip import ClipInfo, Poster, cut_clip
from inference.core.recording.segments import Segment as RecordedSegment

logger = logging.getLogger(__name__)
LONGEST_CLIP = timedelta(seconds=90)
LONGEST_EVENT = timedelta(hours=6)
"""Of one that went on for longer the clip, which has its first 90 s only, is complete or lost since long."""
SLACK = timedelta(seconds=2)
"""A camera gives at least one frame a second."""
CLIP_LOCK = 0x434C4950
"""“CLIP”: the first half of the advisory lock on an alert's clip."""
GIVE_UP_AFTER = timedelta(minutes=5)
CUT_AGAIN_FOR = timedelta(minutes=3)
"""How long after an event's end a clip without its post-roll is asked for again; then it was not recorded."""


def clip_window(alert: Alert) -> tuple[datetime, datetime]:
    """Return from when to when the clip should run: the event with pre- and post-roll, at most `LONGEST_CLIP`."""
    start_at = alert.started_at - timedelta(seconds=settings.CLIP_PRE_ROLL_S)
    end_at = (alert.ended_at or timezone.now()) + timedelta(seconds=settings.CLIP_POST_ROLL_S)
    return start_at, min(end_at, start_at + LONGEST_CLIP)


def recorded_segments(camera_id: int, start_at: datetime, end_at: datetime) -> list[RecordedSegment]:
    """Return a camera's segments that overlap the window, as the core knows them.

    Raises:
        RecordingError: one is in the archive, which does not answer.
    """
    near = Segment.objects.filter(
        camera_id=camera_id, started_at__lt=end_at, started_at__gt=start_at - timedelta(seconds=60)
    ).order_by("started_at")
    rows = [row for row in near if row.ended_at is None or row.ended_at > start_at]
    for row in rows:
        try:
            segment_fetch(row)  # an event of a box that was offline for a day
        except ArchiveError as error:
            raise RecordingError(str(error)) from error
    return [
        RecordedSegment(
            path=footage_path(row.path),
            started_at=row.started_at,
            ended_at=row.ended_at,
            frames=row.frame_count,
            bytes=row.size_bytes,
            width=row.width,
            height=row.height,
            masker_fingerprint=row.masker,
        )
        for row in rows
    ]


@contextmanager
def _only_cut(alert_id: int) -> Iterator[bool]:
    """Give whether no other worker cuts this clip now.

    Held by the connection, not by a transaction or the row: cutting takes seconds, and people decide meanwhile. A
    worker that dies lets go with its connection.
    """
    keys = [CLIP_LOCK, alert_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        row = cursor.fetchone()
    is_ours = bool(row and row[0])
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)


def clip_make(alert_id: int) -> ClipInfo | None:
    """Cut (or cut anew) the clip and poster of an alert; idempotent. Pushes the row when something changed.

    Where another worker cuts the same clip, nothing is done: `clips_missing` asks again if its end is missing then.

    Returns:
        What was cut, or None if there is nothing to cut, nothing may be kept or another worker is at it.
    """
    with _only_cut(alert_id) as is_ours:
        if is_ours:
            return _cut(alert_id)
    logger.info("alert %s: its clip is being cut by another worker", alert_id)
    return None


def _cut(alert_id: int) -> ClipInfo | None:
    alert = Alert.objects.select_related("camera").filter(pk=alert_id).first()
    if alert is None or alert.clip_state not in {ClipState.PENDING, ClipState.READY}:
        return None
    start_at, end_at = clip_window(alert)
    name = f"{alert.event_id}"
    clip, poster = f"clips/{alert.camera_id}/{name}.mp4", f"clips/{alert.camera_id}/{name}.jpg"
    out = footage_path(clip)
    out.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        info = cut_clip(
            recorded_segments(alert.camera_id, start_at, end_at),
            start_at,
            end_at,
            out,
            Poster(footage_path(poster), alert.peak_at),
        )
    except RecordingError as error:
        _no_clip(alert, error)
        return None
    stored = Alert.objects.filter(pk=alert.pk, clip_state__in=[ClipState.PENDING, ClipState.READY]).update(
        clip_state=ClipState.READY,
        clip_path=clip,
        poster_path=poster if footage_path(poster).exists() else "",
        clip_started_at=info.started_at,
        clip_duration_s=info.duration_s,
    )
    if not stored:  # purged or deleted meanwhile: nothing may stay behind
        for path in (clip, poster):
            Path(footage_path(path)).unlink(missing_ok=True)
        return None
    alert_push(alert.pk)
    return info


def clips_missing(now: datetime | None = None) -> list[int]:
    """Return alerts whose clip should be there and is not, or ends before its post-roll as its worker was killed."""
    now = now or timezone.now()
    waiting = Alert.objects.filter(
        clip_state=ClipState.PENDING, raised_at__gt=now - timedelta(hours=1), raised_at__lt=now - timedelta(seconds=15)
    )
    settled = now - timedelta(seconds=settings.CLIP_POST_ROLL_S + 10.0)
    cut = Alert.objects.filter(
        clip_state=ClipState.READY,
        clip_started_at__isnull=False,
        ended_at__isnull=False,
        reported_at__range=(settled - CUT_AGAIN_FOR, settled),
        raised_at__gt=settled - LONGEST_EVENT,  # else every alert that ever was is looked through
    )
    missing = list(waiting.values_list("pk", flat=True)[:50])
    return missing + [alert.pk for alert in cut[:200] if _is_short(alert)][:50]


def _is_short(alert: Alert) -> bool:
    if alert.clip_started_at is None or alert.clip_duration_s is None:
        return True
    _, end_at = clip_window(alert)
    return alert.clip_started_at + timedelta(seconds=alert.clip_duration_s) < end_at - SLACK


def _no_clip(alert: Alert, error: RecordingError) -> None:
    """Keep waiting for a recording for a while, then say that there is none."""
    if alert.clip_state == ClipState.PENDING and timezone.now() - alert.raised_at > GIVE_UP_AFTER:
        Alert.objects.filter(pk=alert.pk, clip_state=ClipState.PENDING).update(clip_state=ClipState.MISSING)
        alert_push(alert.pk)
    logger.warning("alert %s: no clip yet: %s", alert.pk, error)
