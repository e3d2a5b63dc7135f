"""Running one camera for one turn: claim the lease, build the line, write what comes out, give the lease back."""

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
from django.conf import settings
from django.db import close_old_connections
from django.db.models import QuerySet
from django.utils import timezone

from alerts.system.causes import Cause
from cameras.boxes.running import run_by_workers
from cameras.footage import footage_path
from cameras.models import Camera
from cameras.running import reasons_against
from inference.core.decode.reader import Reader
from inference.core.decode.source import SourceConfig
from inference.core.detection.registry import create_detector
from inference.core.errors import CoreError
from inference.core.masking.base import Masker
from inference.core.masking.leak_watch import CameraWatch
from inference.core.masking.network import NetworkConfig, shared_network
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from inference.core.pipeline import FrameSink, Pipeline
from inference.core.recording.segments import RecorderConfig, SegmentRecorder
from inference.core.sensitivity import TalliedDetector
from inference.leaking.watching import LeakReporter, camera_watch
from inference.leases import Lease, LeaseKeeper, lease_claim, lease_release
from inference.measuring import measured_line
from inference.models import StreamStatus
from inference.releasing.models import Kind
from inference.releasing.running import active_weights, fingerprint_note
from inference.services.between_turns import memory_leave, memory_take
from inference.services.box_streams import box_line_run, box_masker, is_of_box
from inference.services.demo import STILL_MADE, is_still_made, opened_address
from inference.services.scores import ScoreReporter, release_of
from inference.services.segments import segments_repair
from inference.services.vaulting import vault_of, vault_repair
from inference.sinks import EventSpool, HealthReporter, LivePublisher, segment_writer
from inference.worker import leaving, shutting_down, turn_counted, worker_name
from inference.writer import StreamWriter

logger = logging.getLogger(__name__)
cv2.setNumThreads(1)

DETECTOR = "paca-detect"
MAX_WIDTH = 1280
OVERTIME_S = 180.0
"""A turn is put off so long at most while an event runs: the next turn would raise the same incident anew."""
WITHOUT_MASKER_S = 5.0
"""A turn that can mask nothing ends after this, so that trying again does not spin."""


def source_of(camera: Camera) -> SourceConfig:
    """Return what to open for a camera; files (demo cameras among them) are looped at real speed."""
    return SourceConfig(
        address=opened_address(camera.address),
        target_fps=camera.frames_per_second,
        max_width=MAX_WIDTH,
        loop=True,
        realtime=True,
    )


@dataclass(slots=True)
class Line:
    """What reads, masks and searches one camera, built and not yet running."""

    camera: Camera
    masker: Masker
    folder: Path
    detector: TalliedDetector | None
    weights: Path | None
    fault: str
    reader: Reader


def line_build(camera: Camera) -> Line:
    """Build a camera's line.

    Raises:
        CoreError: there is no masker, so no line.
    """
    if is_of_box(camera):
        raise CoreError(f"Camera {camera.pk} is opened by its box, and by nobody else.")
    folder = active_weights(camera.site_id, Kind.MASKER)
    masker = create_masker("paca-seg", network=shared_network(NetworkConfig(folder=folder)), **camera.masking)
    fingerprint_note(masker.fingerprint, folder)
    return Line(camera, masker, folder, *_detector(camera, masker.fingerprint), Reader(source_of(camera)))


def stream_run(camera_id: int) -> str:
    """Run one camera until its turn is over, its lease is lost, or somebody changed it.

    Side effects: segments and their rows, live frames, alerts through the spool, health rows; all fenced.

    Returns:
        Why the turn ended, in a word.
    """
    if not _enabled(camera_id).exists():
        return "not enabled"
    lease = lease_claim(camera_id=camera_id, owner=worker_name())
    if lease is None:
        return "held by another"
    return turn_run(lease)


def turn_run(lease: Lease, line: Line | None = None) -> str:
    """Run the camera of a lease that this worker holds; gives the lease back, whatever happens.

    Args:
        lease: the right to run it.
        line: its line, where one was built before; not used if the camera was changed since.

    Returns:
        Why the turn ended, in a word.
    """
    ended = threading.Event()
    keeper = LeaseKeeper(lease, ended)
    writer = StreamWriter(lease, ended)
    keeper.start()
    writer.start()
    try:
        with turn_counted():
            camera = _enabled(lease.camera_id).first()  # as it is now: a change after the claim ends the turn
            if camera is None:
                return "not enabled"
            if reasons_against([camera]):  # since the turn was queued
                return "not allowed"
            if line is not None and line.camera.version != camera.version:
                return "changed meanwhile"
            segments_repair(lease.camera_id)
            vault_repair(lease.camera_id)
            if is_of_box(camera):  # nobody but its box opens it
                stop, detecting = _Either(ended, shutting_down), _detector(camera, box_masker(camera))
                box_line_run(camera, lease, writer, stop, detecting)
            else:
                _run_line(camera, lease, writer, ended, line, keeper)
    finally:
        writer.finish()
        keeper.stop()
        keeper.join(2)
        lease_release(lease)
        close_old_connections()
    return "turn over"


def _enabled(camera_id: int) -> QuerySet[Camera]:
    return run_by_workers(
        Camera.objects.select_related("site", "retention", "placement__line").filter(pk=camera_id, is_enabled=True)
    )


def _run_line(
    camera: Camera,
    lease: Lease,
    writer: StreamWriter,
    ended: threading.Event,
    line: Line | None = None,
    keeper: LeaseKeeper | None = None,
) -> None:
    if is_still_made(camera.address):
        values = {"status": StreamStatus.CONNECTING, "reason": STILL_MADE, "updated_at": timezone.now()}
        writer.put_health(values)
        _rest(_Either(ended, shutting_down), WITHOUT_MASKER_S)
        return
    try:
        line = line or line_build(camera)
    except CoreError as error:
        logger.exception("camera %s: no masker, so no picture at all", camera.pk)
        values = {"status": StreamStatus.MASKING_DOWN, "reason": str(error)[:200], "updated_at": timezone.now()}
        writer.put_health({**values, "faults": {Cause.MASKING_DOWN: str(error) or type(error).__name__}})
        _rest(_Either(ended, shutting_down), WITHOUT_MASKER_S)
        return
    masker, detector, fault = line.masker, line.detector, line.fault
    sinks: list[FrameSink] = [LivePublisher(camera.pk)]
    if camera.keeps_footage and camera.retention.masked_hours > 0:
        folder = footage_path(f"segments/{camera.pk}")
        config = RecorderConfig(folder=folder, masker_fingerprint=masker.fingerprint, fps=camera.frames_per_second)
        sinks.append(SegmentRecorder(config, segment_writer(camera.pk, writer)))
    is_live = "://" in opened_address(camera.address)  # a file begins anew with every turn
    if is_live:  # last of all: what fails before leaves the memory where it is
        memory, version = memory_take(camera.pk)
        # Somebody who saved the camera's page has said that the zones are right for the view as it is now.
        masker.take_over(memory, with_view=version == camera.version)
    watch = camera_watch(line.folder)
    with MaskingStage(masker, watch=watch) as masking:
        parts = measured_line(masking, detector, sinks)
        vault, vault_fault = vault_of(camera, writer)
        pipeline = Pipeline(line.reader, *parts, EventSpool(lease, writer), vault=vault)
        if keeper is not None:  # a handover in the middle would raise the same incident anew
            keeper.must_stay = lambda: pipeline.has_running_event and not leaving.is_set()
        reporters = _reporters(line, HealthReporter(pipeline, writer, fault, vault_fault), watch, writer)
        for reporter in reporters:
            reporter.start()
        try:
            pipeline.run(_Either(ended, shutting_down), deadline_s=settings.STREAM_TURN_S, overtime_s=OVERTIME_S)
        finally:
            for reporter in reporters:
                reporter.stop()
            if is_live:
                memory_leave(camera.pk, camera.version, masking.hand_over())


Reporter = HealthReporter | ScoreReporter | LeakReporter


def _reporters(line: Line, health: HealthReporter, watch: CameraWatch | None, writer: StreamWriter) -> list[Reporter]:
    """Return what tells the database of a line while it runs."""
    reporters: list[Reporter] = [health]
    if line.detector is not None and line.weights is not None:
        reporters.append(ScoreReporter(line.detector, release_of(line.weights), writer))
    if watch is not None:
        reporters.append(LeakReporter(watch, writer))
    return reporters


def _detector(camera: Camera, masker: str) -> tuple[TalliedDetector | None, Path | None, str]:
    """Return the camera's detector and the folder of its weights, or why there is none: masking goes on without it."""
    try:
        weights = active_weights(camera.site_id, Kind.DETECTOR)
        percent = camera.threshold_percent
        threshold = None if percent is None else percent / 100
        options = {"threshold": threshold, "masker": masker, "language": settings.LANGUAGE_CODE}
        detector = TalliedDetector(create_detector(DETECTOR, weights=weights, **options))
        fingerprint_note(detector.fingerprint, weights)
        return detector, weights, ""
    except CoreError as error:
        logger.exception("camera %s: no detector", camera.pk)
        return None, None, f"Detector down: {error}"


def _rest(stop: threading.Event, seconds: float) -> None:
    ends_s = time.monotonic() + seconds
    while not stop.is_set() and time.monotonic() < ends_s:
        time.sleep(0.1)


class _Either(threading.Event):
    """Set when any of several events is set."""

    def __init__(self, *events: threading.Event) -> None:
        super().__init__()
        self._events = events

    def is_set(self) -> bool:
        return super().is_set() or any(event.is_set() for event in self._events)
