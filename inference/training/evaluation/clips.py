"""Clips in which people are known: human tracks (`NAME.mp4` and `NAME.csv`), or single frames labelled by hand.

Tracks have the columns `frame,id,x,y,w,h,considered`: frames from 0, pixels. Hand labels are the JSON files that
`label_frames.py` describes; all labelled frames of one video make one clip.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np

from inference.core.errors import CoreError
from inference.core.frames import RawFrame
from inference.training.evaluation.label_frames import Box, read_labels

CONTEXT_S = 1.0
"""A clip labelled in single frames is read so much further than its last label: look-ahead needs what comes after."""


@dataclass(frozen=True, slots=True)
class Person:
    """One labelled person in one frame; `box` is xyxy in pixels."""

    id: int
    box: Box


@dataclass(frozen=True, slots=True)
class Clip:
    """A video and who is in it.

    Attributes:
        video: the file.
        people: by frame number; frames that are not named were not labelled.
        ignore: by frame number, places (xyxy pixels) where nobody can tell.
        is_tracked: every frame is labelled and ids last: runs of frames can be counted.
        frames: so many frames are read; None reads all.
    """

    video: Path
    people: dict[int, list[Person]] = field(repr=False)
    ignore: dict[int, list[Box]] = field(default_factory=dict, repr=False)
    is_tracked: bool = True
    frames: int | None = None


def frames(path: Path, limit: int | None = None) -> Iterator[RawFrame]:
    """Yield the first `limit` frames of a video, with times counted from its frame rate."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with av.open(str(path)) as container:
        rate = _rate(container)
        for index, frame in enumerate(container.decode(video=0)):
            if limit is not None and index >= limit:
                return
            image = np.ascontiguousarray(frame.to_ndarray(format="rgb24"), np.uint8)
            yield RawFrame(image, index, index / rate, start + timedelta(seconds=index / rate))


def frame_rate(path: Path) -> float:
    """Return the frames per second that `frames` counts with."""
    with av.open(str(path)) as container:
        return _rate(container)


def _rate(container: av.container.InputContainer) -> float:
    return float(container.streams.video[0].average_rate or 25)


def people(path: Path) -> dict[int, list[Person]]:
    """Read human tracks: people by frame."""
    found: dict[int, list[Person]] = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            x, y, w, h = (float(row[name]) for name in "xywh")
            if row["considered"] == "1":
                found[int(row["frame"])].append(Person(int(row["id"]), (x, y, x + w, y + h)))
    return found


def tracked_clips(folder: Path, limit: int | None = None) -> list[Clip]:
    """Return the clips of a folder that have human tracks, the first `limit` frames of each.

    Raises:
        CoreError: there is none.
    """
    videos = sorted(path for path in folder.glob("*.mp4") if path.with_suffix(".csv").exists())
    if not videos:
        raise CoreError(f"{folder} has no NAME.mp4 with a NAME.csv beside it.")
    return [Clip(video, people(video.with_suffix(".csv")), frames=limit) for video in videos]


def labelled_clips(labels: Path, data: Path) -> list[Clip]:
    """Return the clips of which single frames were labelled by hand.

    Args:
        labels: folder of label files.
        data: folder that their video paths start from.

    Raises:
        CoreError: there is none, a file is no label file, or its video is missing.
    """
    files = sorted(labels.glob("*.json"))
    if not files:
        raise CoreError(f"{labels} holds no label file (.json).")
    by_video = defaultdict(list)
    for file in files:
        one = read_labels(file)
        by_video[one.video].append(one)
    clips = []
    for video, found in sorted(by_video.items()):
        if not (data / video).is_file():
            raise CoreError(f"{data / video}: labelled, but not there.")
        context = round(CONTEXT_S * frame_rate(data / video))
        clips.append(
            Clip(
                video=data / video,
                people={one.frame: _numbered([box for box, _ in one.people]) for one in found},
                ignore={one.frame: list(one.ignore) for one in found},
                is_tracked=False,
                frames=max(one.frame for one in found) + 1 + context,
            )
        )
    return clips


def _numbered(boxes: Sequence[Box]) -> list[Person]:
    return [Person(index, box) for index, box in enumerate(boxes)]
