"""The server's end of a hybrid camera: its box has masked; here it is shown, recorded and examined."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

from django.conf import settings
from django.utils import timezone

from cameras.footage import footage_path
from cameras.models import Camera, Modality
from inference.core.pipeline import FrameReader, FrameSink, Masking, Pipeline
from inference.core.recording.segments import RecorderConfig, SegmentRecorder
from inference.core.sensitivity import TalliedDetector
from inference.leases import Lease
from inference.measuring import measured_line
from inference.models import StreamStatus
from inference.receiving.reading import BoxReader, MaskedAlready
from inference.services.scores import ScoreReporter, release_of
from inference.sinks import EventSpool, HealthReporter, LivePublisher, segment_writer
from inference.writer import StreamWriter

WITHOUT_BOX_S: Final = 3.0
OVERTIME_S: Final = 180.0
Detecting = tuple[TalliedDetector | None, Path | None, str]
"""A detector, the folder of its weights, and why there is none."""


def is_of_box(camera: Camera) -> bool:
    """Tell whether a box opens the camera, so that a worker must not."""
    return camera.modality == Modality.HYBRID and hasattr(camera, "placement")


def box_masker(camera: Camera) -> str:
    """Return the fingerprint by which the camera's box says that it masks; empty before it has said so."""
    return str(camera.placement.health.get("masker", ""))[:64]


def box_line_run(
    camera: Camera, lease: Lease, writer: StreamWriter, stop: threading.Event, detecting: Detecting
) -> None:
    """Run the line of a hybrid camera on the frames that its box sends, until the turn is over."""
    masker = box_masker(camera)
    if not masker:
        reason = "Its box has not said yet by what it masks."
        writer.put_health({"status": StreamStatus.CONNECTING, "reason": reason, "updated_at": timezone.now()})
        ends_s = time.monotonic() + WITHOUT_BOX_S
        while not stop.is_set() and time.monotonic() < ends_s:
            time.sleep(0.1)
        return
    detector, weights, fault = detecting
    sinks: list[FrameSink] = [LivePublisher(camera.pk)]
    if camera.keeps_footage and camera.retention.masked_hours > 0:
        folder = footage_path(f"segments/{camera.pk}")
        config = RecorderConfig(folder=folder, masker_fingerprint=masker, fps=camera.frames_per_second)
        sinks.append(SegmentRecorder(config, segment_writer(camera.pk, writer)))
    # the frames are masked when they come: a reader of masked frames, and no masker at all
    reader, masking = cast("FrameReader", BoxReader(camera.pk)), cast("Masking", MaskedAlready())
    pipeline = Pipeline(reader, *measured_line(masking, detector, sinks), EventSpool(lease, writer))
    reporters: list[HealthReporter | ScoreReporter] = [HealthReporter(pipeline, writer, fault)]
    if detector is not None and weights is not None:
        reporters.append(ScoreReporter(detector, release_of(weights), writer))
    _run(pipeline, reporters, stop)


def _run(pipeline: Pipeline, reporters: Sequence[HealthReporter | ScoreReporter], stop: threading.Event) -> None:
    for reporter in reporters:
        reporter.start()
    try:
        pipeline.run(stop, deadline_s=settings.STREAM_TURN_S, overtime_s=OVERTIME_S)
    finally:
        for reporter in reporters:
            reporter.stop()
