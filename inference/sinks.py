"""Where a stream's output goes on the server: live frames to Valkey, segments, events and health to the database."""

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.utils import timezone

from alerts.system.causes import Cause
from alerts.system.services.telling import Finding, findings_tell
from cameras.live import (
    FILM_WIDTH,
    FULL_WIDTH,
    KEY_FIELD,
    LIVE_FIELD,
    NUMBER_FIELD,
    TILE_WIDTH,
    Rendition,
    live_key,
    watched_key,
)
from cameras.models import Segment
from inference.core.events import AnomalyEvent
from inference.core.frames import MaskedFrame, require_masked
from inference.core.health import PipelineHealth
from inference.core.masking.withhold import DOWN
from inference.core.pipeline import Pipeline
from inference.core.publishing.film import FilmEncoder
from inference.core.publishing.jpeg import encode_jpeg, pack_live
from inference.core.recording.segments import Segment as RecordedSegment
from inference.judging import LineJudge
from inference.leases import Lease
from inference.models import StreamStatus
from inference.services.events import event_deliver, report_deliver
from inference.spool import report_of, spool_write
from inference.writer import StreamWriter
from paca_site.metrics.measures import stage_timed

logger = logging.getLogger(__name__)

LIVE_KEPT = {Rendition.FULL: 30, Rendition.TILE: 30, Rendition.FILM: 90}
"""Frames in a stream at most; of a film at least those since its last key, also at 25 a second."""
LIVE_LIFE_S = 10
WATCH_CHECK_S = 0.4


class LivePublisher:
    """Publishes masked frames in the forms that are watched. They live in capped streams that die by themselves."""

    def __init__(self, camera_id: int) -> None:
        self._camera_id = camera_id
        # short time-outs: a Valkey that hangs must not slow the camera
        self._valkey = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
        self._watched: frozenset[Rendition] = frozenset()
        self._film: FilmEncoder | None = None
        self._film_number = 0
        self._closed = threading.Event()
        self._watch = threading.Thread(target=self._look, name=f"watch-{camera_id}", daemon=True)
        self._watch.start()

    def write(self, frame: MaskedFrame) -> None:
        """Publish one frame in each form that somebody watches.

        Raises:
            redis.RedisError: Valkey does not answer; the line goes on without live view.
            RecordingError: the film cannot be encoded; the same.
        """
        require_masked(frame)
        watched = self._watched
        if Rendition.FILM not in watched:
            self._film = None
        if not watched:
            return
        with stage_timed("publish"), self._valkey.pipeline(transaction=False) as pipe:
            for rendition in watched:
                key = live_key(self._camera_id, rendition)
                pipe.xadd(key, self._made(frame, rendition), maxlen=LIVE_KEPT[rendition], approximate=False)
                pipe.expire(key, LIVE_LIFE_S)
            try:
                pipe.execute()
            except redis.RedisError:
                self._film = None  # a frame may be missing: the next begins anew
                raise

    def _made(self, frame: MaskedFrame, rendition: Rendition) -> dict[Any, Any]:
        if rendition != Rendition.FILM:
            width = TILE_WIDTH if rendition == Rendition.TILE else FULL_WIDTH
            return {LIVE_FIELD: pack_live(frame, encode_jpeg(frame, width=width, is_stamped=True))}
        self._film = self._film or FilmEncoder(FILM_WIDTH)
        made = self._film.encode(frame)
        self._film_number += 1
        meta = {"film": "key" if made.is_key else "delta", "codec": made.codec}
        fields: dict[Any, Any] = {LIVE_FIELD: pack_live(frame, made.data, meta), NUMBER_FIELD: self._film_number}
        return fields | ({KEY_FIELD: 1} if made.is_key else {})

    def close(self) -> None:
        """Stop looking whether somebody watches."""
        self._closed.set()

    def _look(self) -> None:
        keys = [watched_key(self._camera_id, rendition) for rendition in Rendition]
        while not self._closed.wait(WATCH_CHECK_S):
            try:
                found: Any = self._valkey.mget(keys)
            except redis.RedisError:
                self._watched = frozenset()  # nobody can be watching: frames travel through Valkey
            else:
                self._watched = frozenset(one for one, is_set in zip(Rendition, found, strict=True) if is_set)


def segment_writer(camera_id: int, writer: StreamWriter) -> Callable[[RecordedSegment], None]:
    """Return the recorder's callback: a row when a segment opens, its end when it closes."""

    def on_segment(segment: RecordedSegment) -> None:
        path = Path(segment.path).relative_to(settings.FOOTAGE_DIR).as_posix()
        values = {
            "camera_id": camera_id,
            "started_at": segment.started_at,
            "ended_at": segment.ended_at,
            "frame_count": segment.frames,
            "size_bytes": segment.bytes,
            "width": segment.width,
            "height": segment.height,
            "masker": segment.masker_fingerprint[:64],
        }
        if segment.ended_at is not None and segment.frames == 0:
            writer.put(lambda: Segment.objects.filter(path=path).delete())
        else:
            writer.put(lambda: Segment.objects.update_or_create(path=path, defaults=values))

    return on_segment


class EventSpool:
    """Takes events: on disk at once, in the database as soon as it answers."""

    def __init__(self, lease: Lease, writer: StreamWriter) -> None:
        self._camera_id = lease.camera_id
        self._writer = writer

    def raise_event(self, event: AnomalyEvent) -> None:
        """Spool an event and queue its delivery; where the disk refuses, it goes to the database without a file."""
        camera_id, report = self._camera_id, report_of(event)
        try:
            path = spool_write(camera_id, report)
        except OSError:
            logger.exception("camera %s: event %s cannot be spooled", camera_id, report.event_id)
            self._writer.put(lambda: report_deliver(camera_id, report))
        else:
            self._writer.put(lambda: event_deliver(path))


def _status(health: PipelineHealth, fault: str) -> tuple[StreamStatus, str]:
    reason = "; ".join([*health.reasons, fault] if fault else health.reasons)[:200]
    if health.state.startswith("lost"):
        return StreamStatus.LOST, reason
    if health.masking.startswith("down"):
        return StreamStatus.MASKING_DOWN, reason
    if health.state == "live":
        return StreamStatus.LIVE, reason
    return StreamStatus.CONNECTING, reason


class HealthReporter(threading.Thread):
    """Writes a stream's health once a second; `fault` and `vault_fault` are what was wrong from the start.

    What begins or ends to be wrong is told at once: the row of health keeps only the newest.
    """

    def __init__(self, pipeline: Pipeline, writer: StreamWriter, fault: str, vault_fault: str = "") -> None:
        super().__init__(name="health", daemon=True)
        self._pipeline, self._writer, self._fault = pipeline, writer, fault
        self._judge, self._wrong = LineJudge(fault, vault_fault), frozenset[str]()
        self._stopped = threading.Event()

    def run(self) -> None:
        """Report until stopped."""
        while not self._stopped.wait(1.0):
            self._report(self._pipeline.health)

    def stop(self) -> None:
        """Report a last time and end."""
        self._stopped.set()
        self._report(self._pipeline.health)

    def _report(self, health: PipelineHealth) -> None:
        status, reason = _status(health, self._fault)
        faults = self._judge.judge(health)
        self._tell(faults)
        self._writer.put_health(
            {
                "status": status,
                "reason": reason,
                "fps_in": round(health.fps_in, 2),
                "fps_out": round(health.fps_out, 2),
                "mask_ms": round(health.mask_ms, 2),
                "detect_ms": round(health.detect_ms, 2),
                "lag_ms": round(health.lag_p95_ms, 1),
                "frames_masked": health.masked,
                "frames_withheld": health.withheld,
                "withheld_by_reason": {why.removeprefix(DOWN): n for why, n in health.withheld_by_reason.items()},
                "faults": faults,
                "frames_dropped": health.dropped,
                "reconnects": health.reconnects,
                "last_frame_at": health.last_frame_at,
                "updated_at": timezone.now(),
            }
        )

    def _tell(self, faults: Mapping[str, str]) -> None:
        """Queue what has changed, with its moment; the beat looks at the row and finds the rest."""
        wrong = frozenset(cause for cause, why in faults.items() if why)
        right = frozenset(cause for cause, why in faults.items() if not why)
        changed = (wrong - self._wrong) | (self._wrong & right)
        self._wrong = (self._wrong | wrong) - right
        if changed:
            camera_id, at = self._writer.lease.camera_id, timezone.now()
            findings = [
                Finding(Cause(cause), f"camera:{camera_id}", faults[cause], at, camera_id) for cause in sorted(changed)
            ]
            self._writer.put(lambda: findings_tell(findings))
