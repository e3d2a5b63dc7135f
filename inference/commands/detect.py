"""`detect IN`: mask a video file or a stream, then say when something unusual happens in it, where and how surely."""

import argparse
import sys
import time
from datetime import datetime, timedelta
from typing import Any

from inference.commands.options import add_input, check_report_path, offline_stage, positive, report
from inference.commands.reading import Input
from inference.core.detection.base import Detector
from inference.core.detection.registry import DETECTORS, create_detector
from inference.core.events import AnomalyEvent
from inference.core.frames import MaskedFrame


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_input(parser)
    names = sorted(DETECTORS)
    parser.add_argument("--detector", choices=names, default=names[0], help="default: %(default)s")
    parser.add_argument("--fps", type=positive, default=5.0, help="frames per second looked at; default: %(default)s")


def run(options: argparse.Namespace) -> int:
    """Mask, score, and list the events with start, end, score, region and text."""
    check_report_path(options.json)
    source = Input(options.input, target_fps=options.fps)
    detector = create_detector(options.detector)
    work = _Work(detector)
    started_s = time.monotonic()
    with offline_stage(options) as stage:
        masker = stage.fingerprint
        for frame in source.masked(stage, "detecting", options.seconds):
            work.take(frame)
    work.keep(detector.finish())
    events = [work.row(event) for event in work.events.values()]
    for row in events:
        sys.stdout.write(
            f"{row['start_s']:8.1f} s - {row['end_s']:8.1f} s  {row['confidence']:3.0f} %  {row['text']}\n"
        )
    summary = {
        "input": source.shown,
        "masker": masker,
        "detector": detector.fingerprint,
        "frames": work.frames,
        "withheld": work.withheld,
        "duration_s": work.last_s,
        "highest_score": work.highest,
        "event_count": len(events),
        "spent_s": time.monotonic() - started_s,
        "events": events,
    }
    report(summary, options.json)
    return 0


class _Work:
    """Runs the detector and remembers the last word on each event."""

    def __init__(self, detector: Detector) -> None:
        self.events: dict[str, AnomalyEvent] = {}
        self.first: datetime | None = None
        self.frames = self.withheld = 0
        self.last_s = self.highest = 0.0
        self._last_at: datetime | None = None
        self._detector = detector

    def take(self, frame: MaskedFrame) -> None:
        if self.first is None:
            self.first = frame.captured_at - timedelta(seconds=frame.pts_s)
        self.frames += 1
        self.withheld += bool(frame.withheld)
        self.last_s, self._last_at = frame.pts_s, frame.captured_at
        detection = self._detector.update(frame)
        self.highest = max(self.highest, detection.score)
        self.keep(detection.events)

    def keep(self, events: tuple[AnomalyEvent, ...]) -> None:
        for event in events:
            self.events[event.event_id] = event

    def row(self, event: AnomalyEvent) -> dict[str, Any]:
        return {
            "start_s": self._seconds(event.started_at),
            "end_s": self._seconds(event.ended_at or self._last_at or event.peak_at),
            "peak_s": self._seconds(event.peak_at),
            "kind": event.kind,
            "score": event.score,
            "confidence": event.confidence,
            "region": [list(corner) for corner in event.region],
            "text": event.sentence,
            "facts": dict(event.facts),
        }

    def _seconds(self, at: datetime) -> float:
        return (at - self.first).total_seconds() if self.first is not None else 0.0
