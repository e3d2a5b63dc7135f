"""Events on their way to the database: written to disk first, deleted when stored. No event is lost with a process.

A spooled event holds numbers and words only (law 1): no pixels.
"""

import glob
import json
import logging
import os
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from alerts.services.raising import EventReport
from inference.core.events import AnomalyEvent

logger = logging.getLogger(__name__)
TIMES = ("started_at", "peak_at", "ended_at")


def report_of(event: AnomalyEvent) -> EventReport:
    """Translate the core's event into what the alerts app stores."""
    return EventReport(
        event_id=event.event_id,
        kind=event.kind,
        sentence=event.sentence,
        facts=dict(event.facts),
        confidence=event.confidence,
        score=event.score,
        threshold=event.threshold,
        started_at=event.started_at,
        peak_at=event.peak_at,
        ended_at=event.ended_at,
        region=[list(point) for point in event.region],
        regions=[[sample.offset_s, [list(point) for point in sample.polygon]] for sample in event.regions],
        scores=[[sample.offset_s, sample.score] for sample in event.scores],
        masker=event.masker,
        detector=event.detector,
    )


def spool_write(camera_id: int, report: EventReport) -> Path:
    """Write an event down durably, each state under a name of its own, and then delete the states it replaces.

    No file ever changes what it holds: whoever has read one may delete it without losing a newer state.

    Raises:
        OSError: the disk refuses.
    """
    folder = Path(settings.SPOOL_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    values: dict[str, Any] = {name: getattr(report, name) for name in EventReport.__dataclass_fields__}
    values |= {name: values[name].isoformat() if values[name] else None for name in TIMES}
    event = f"{camera_id}-{report.event_id}"
    path = folder / f"{event}-{time.time_ns():020d}.json"
    part = folder / f".{uuid.uuid4().hex}.part"
    with part.open("w") as file:
        json.dump({"camera": camera_id, "report": values}, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    for older in folder.glob(f"{glob.escape(event)}-*.json"):
        if older.name < path.name:
            older.unlink(missing_ok=True)
    return path


def spool_parse(text: bytes) -> tuple[int, EventReport]:
    """Read a spooled event: its camera and what was reported.

    Raises:
        ValueError: the text is not one.
    """
    content = json.loads(text)
    values = content["report"]
    values |= {name: datetime.fromisoformat(values[name]) if values[name] else None for name in TIMES}
    return int(content["camera"]), EventReport(**values)


def spool_waiting() -> Iterator[Path]:
    """Spooled events, oldest first."""
    folder = Path(settings.SPOOL_DIR)
    if folder.is_dir():
        yield from sorted(folder.glob("*.json"), key=lambda path: path.stem.rpartition("-")[2])
