"""What a masker sees in a file: class maps and people, made by the real masking stage, kept as masks only."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.decode.source import SourceConfig, open_source
from inference.core.errors import DetectionError
from inference.core.frames import PERSON, MaskedFrame, RawFrame
from inference.core.masking.base import Segmenter
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.training.evaluation.footage import pictures_of

FPS = 12.5
CHANGED = 12
"""Grey levels."""
PATIENT = StageConfig(deadline_ms=60_000.0, hang_s=120.0)
"""Files can wait: no frame is withheld because the machine is busy, or results would depend on its load."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All masked frames of one file, without their pictures.

    Attributes:
        class_maps: `uint8 (T, h, w)`.
        times: `float64 (T,)` stream seconds.
        people: `int64 (T,)` people seen.
        is_withheld: `bool (T,)`.
        masker: fingerprint.
    """

    class_maps: npt.NDArray[np.uint8] = field(repr=False)
    times: npt.NDArray[np.float64] = field(repr=False)
    people: npt.NDArray[np.int64] = field(repr=False)
    is_withheld: npt.NDArray[np.bool_] = field(repr=False)
    masker: str


def see(
    path: Path,
    cache: Path | None = None,
    fps: float = FPS,
    network: Segmenter | None = None,
    picture_fps: float | None = None,
) -> Seen:
    """Run the real masking stage over a file; read the result from `cache` if it was made with the same masker before.

    Args:
        path: a video file, or a folder of numbered pictures.
        cache: folder for class maps (no pictures); None keeps nothing.
        fps: frames per second looked at.
        network: in place of the masker's own.
        picture_fps: pictures per second of a folder; a video says it itself.

    Raises:
        DecodeError, MaskingError, WeightsError: the file or the masker cannot be used.
    """
    stage = MaskingStage(create_masker("paca-seg", network=network), PATIENT)
    with stage:
        key = hashlib.sha256(f"{path.resolve()};{_state(path)};{fps};{stage.fingerprint}".encode())
        kept = None if cache is None else cache / f"{path.stem}-{key.hexdigest()[:16]}.npz"
        if kept is not None and kept.is_file():
            return _read(kept)
        seen = _collect(list(_masked(_raw(path, fps, picture_fps), stage)), stage.fingerprint)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part.npz")
        np.savez_compressed(
            part,
            class_maps=seen.class_maps,
            times=seen.times,
            people=seen.people,
            is_withheld=seen.is_withheld,
            masker=np.array(seen.masker),
        )
        part.replace(kept)
    return seen


def see_change(path: Path, fps: float = FPS) -> Seen:
    """See a file without a masker: whatever changes in the raw picture stands for people. A baseline, kept nowhere.

    It says what masking takes from detection or gives to it. A cell of 160 columns has changed if its grey differs by
    more than `CHANGED` from that of about 0.2 s before.
    """
    greys: list[tuple[float, npt.NDArray[np.int16]]] = []
    maps, times = [], []
    with open_source(SourceConfig(str(path), target_fps=fps)) as source:
        for raw in source:
            size = (160, max(1, round(160 * raw.image.shape[0] / raw.image.shape[1])))
            small = cv2.resize(cv2.cvtColor(raw.image, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
            greys.append((raw.pts_s, cv2.GaussianBlur(small, (3, 3), 0).astype(np.int16)))
            before = next(grey for time_s, grey in greys if time_s >= raw.pts_s - 0.21)
            maps.append((np.abs(greys[-1][1] - before) > CHANGED).astype(np.uint8) * PERSON)
            greys = [known for known in greys if known[0] > raw.pts_s - 0.3]
            times.append(raw.pts_s)
    people = np.array([int(seen.any()) for seen in maps], np.int64)
    return Seen(np.array(maps, np.uint8), np.array(times, np.float64), people, np.zeros(len(maps), np.bool_), "none")


def _state(path: Path) -> str:
    """Give what tells one state of a file or folder from another."""
    if path.is_dir():
        stats = [picture.stat() for picture in pictures_of(path)]
        return f"{len(stats)};{sum(stat.st_size for stat in stats)};{max((s.st_mtime_ns for s in stats), default=0)}"
    stat = path.stat()
    return f"{stat.st_size};{stat.st_mtime_ns}"


def _raw(path: Path, fps: float, picture_fps: float | None) -> Iterator[RawFrame]:
    """Read a video, or a folder of pictures, at `fps` or less."""
    if not path.is_dir():
        with open_source(SourceConfig(str(path), target_fps=fps)) as source:
            yield from source
        return
    if picture_fps is None:
        raise DetectionError(f"{path} is a folder of pictures: `picture_fps` must be given.")
    start, next_s, number = datetime(2026, 1, 1, tzinfo=UTC), 0.0, 0
    for index, picture in enumerate(pictures_of(path)):
        time_s = index / picture_fps
        if time_s < next_s - 1e-6:
            continue
        next_s = max(time_s, next_s) + 1.0 / fps if fps < picture_fps else time_s
        image = cv2.imread(str(picture), cv2.IMREAD_COLOR)
        if image is None:
            raise DetectionError(f"{picture} cannot be read as a picture.")
        rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
        yield RawFrame(rgb, number, time_s, start + timedelta(seconds=time_s))
        number += 1


def _masked(
    frames: Iterator[RawFrame], stage: MaskingStage
) -> Iterator[tuple[npt.NDArray[np.uint8], float, int, bool]]:
    for raw in frames:
        yield from (_reduce(frame) for frame in stage.push(raw))
    yield from (_reduce(frame) for frame in stage.flush())


def _reduce(frame: MaskedFrame) -> tuple[npt.NDArray[np.uint8], float, int, bool]:
    people = int(((frame.tracks.classes == PERSON) & ~frame.tracks.is_held).sum())
    return frame.class_map, frame.pts_s, people, bool(frame.withheld)


def _collect(rows: list[tuple[npt.NDArray[np.uint8], float, int, bool]], masker: str) -> Seen:
    shown = [row[0].shape for row in rows if not row[3]]
    shape = shown[0] if shown else (90, 160)
    maps = [row[0] if row[0].shape == shape else np.zeros(shape, np.uint8) for row in rows]
    return Seen(
        class_maps=np.array(maps, np.uint8).reshape(-1, *shape),
        times=np.array([row[1] for row in rows], np.float64),
        people=np.array([row[2] for row in rows], np.int64),
        # A frame of another size is a change of picture: as good as withheld for who looks at motion.
        is_withheld=np.array([row[3] or row[0].shape != shape for row in rows], np.bool_),
        masker=masker,
    )


def _read(path: Path) -> Seen:
    with np.load(path, allow_pickle=False) as kept:
        return Seen(kept["class_maps"], kept["times"], kept["people"], kept["is_withheld"], str(kept["masker"]))
