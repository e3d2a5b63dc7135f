"""Who is who from frame to frame: boxes joined into tracks, with a constant velocity that fades when nobody is seen.

Source: the usual tracking-by-detection scheme of SORT (Bewley et al., ICIP 2016, doi 10.1109/ICIP.2016.7533003) with
an exponentially smoothed velocity in place of its Kalman filter: at 5 frames a second and with silhouettes that
merge, the filter's noise model would be a guess as well. Who is paired with whom is the least sum of costs (Jonker and
Volgenant, Computing 38, 1987, doi 10.1007/BF02278710) by the library `lap`: SciPy is a fifth of a camera box's disk.
"""

from dataclasses import dataclass, field
from math import exp
from typing import Final

import lap
import numpy as np
import numpy.typing as npt

from inference.core.errors import MaskingError
from inference.core.masking.cover import NOTHING, Stamp
from inference.core.masking.memory import ShapeMemory

Boxes = npt.NDArray[np.float32]
"""`float32 (N, 4)` xyxy in cells, half-open."""

MAX_TRACKS: Final = 512
"""More objects than this are covered all the same, but the smallest are not followed."""

SMOOTH_S: Final = 0.4
"""A velocity is the mean over about so long, at any frame rate."""

FASTEST: Final = 4.0
"""Heights per second; a centre that moves faster has jumped, nobody runs like that."""

JUMP: Final = 1.5
"""A box that became so much larger or smaller at once was merged, split or half missed: its centre says nothing."""

FADE_S: Final = 1.0
"""A person who is not seen goes on, more and more slowly; in all at most one second's way."""

REACH: Final = 0.8
"""Centres closer than this share of the mean height may be one object, even without overlap (running, 5 fps)."""

MIN_OVERLAP: Final = 0.05
FORBIDDEN: Final = 1e4
"""Far above every real cost, and below 1e6, which the solver takes for infinite: sums beside it would be wrong."""


@dataclass(slots=True)
class Track:
    """One followed object. Lengths in cells, speeds in cells per second.

    Attributes:
        id: stable and never used again within one tracker.
        class_id: `PERSON`, `SCREEN` or `VEHICLE`.
        box: `float32 (4,)` xyxy where it was last seen.
        velocity: `float32 (2,)`.
        seen_at_s: stream time of the last sighting.
        born_at_s: stream time of the first.
        hits: how often it was seen.
        stamp: its shape there; `NOTHING` until the follower has cut it out, in the same look.
        peak: the highest probability (0-1) with which it was ever seen.
        memory: its shapes before.
    """

    id: int
    class_id: int
    box: Boxes = field(repr=False)
    velocity: Boxes = field(repr=False)
    seen_at_s: float
    born_at_s: float
    hits: int = 1
    stamp: Stamp = NOTHING
    peak: float = 0.0
    memory: ShapeMemory = field(default_factory=ShapeMemory, repr=False)

    @property
    def centre(self) -> Boxes:
        """`float32 (2,)`, where it was last seen."""
        return (self.box[:2] + self.box[2:]) * np.float32(0.5)

    def way(self, seconds: float) -> Boxes:
        """Return the expected displacement `float32 (2,)` after (or, negative, before) the last sighting."""
        faded = FADE_S * (1.0 - exp(-seconds / FADE_S)) if seconds > 0 else seconds
        return self.velocity * np.float32(faded)

    def shift(self, seconds: float) -> None:
        """Take everything as seen so much later: stream time has another zero now."""
        self.seen_at_s += seconds
        self.born_at_s += seconds
        self.memory.shift(seconds)


class Tracker:
    """Gives each box of each frame its track."""

    def __init__(self, first_id: int = 1) -> None:
        """Start with nobody; the first track gets the number `first_id`."""
        self.tracks: list[Track] = []
        self.next_id = first_id

    def boxes_at(self, pts_s: float) -> Boxes:
        """Return the expected box of each track, `float32 (N, 4)`, at stream time `pts_s`; there must be a track."""
        ways = np.stack([track.way(pts_s - track.seen_at_s) for track in self.tracks])
        return np.stack([track.box for track in self.tracks]) + np.tile(ways, 2)

    def update(self, boxes: Boxes, classes: npt.NDArray[np.uint8], pts_s: float) -> list[Track | None]:
        """Return the track of each box, in the boxes' order; None for those beyond `MAX_TRACKS`.

        Args:
            boxes: `float32 (N, 4)` xyxy in cells.
            classes: `uint8 (N,)`.
            pts_s: stream time.
        """
        found: list[Track | None] = [None] * len(boxes)
        for box_at, track_at in self._pairs(boxes, classes, pts_s):
            track = self.tracks[track_at]
            self._see(track, boxes[box_at], pts_s)
            found[box_at] = track
        room = MAX_TRACKS - len(self.tracks)
        new = [at for at, track in enumerate(found) if track is None]
        if len(new) > room:
            areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
            new = sorted(new, key=lambda at: -float(areas[at]))[: max(0, room)]
        for at in new:
            track = Track(self.next_id, int(classes[at]), boxes[at].copy(), np.zeros(2, np.float32), pts_s, pts_s)
            self.next_id += 1
            self.tracks.append(track)
            found[at] = track
        return found

    def _see(self, track: Track, box: Boxes, pts_s: float) -> None:
        seconds = pts_s - track.seen_at_s
        if seconds > 0 and 1 / JUMP < _area(box) / max(_area(track.box), 1e-6) < JUMP:
            measured = ((box[:2] + box[2:]) * np.float32(0.5) - track.centre) / np.float32(seconds)
            limit = FASTEST * float(box[3] - box[1])
            gain = max(1.0 - exp(-seconds / SMOOTH_S), 1.0 / track.hits)
            track.velocity = track.velocity + np.float32(gain) * (np.clip(measured, -limit, limit) - track.velocity)
        track.box = box.copy()
        track.seen_at_s = pts_s
        track.hits += 1

    def _pairs(self, boxes: Boxes, classes: npt.NDArray[np.uint8], pts_s: float) -> list[tuple[int, int]]:
        if not len(boxes) or not self.tracks:
            return []
        cost = _cost(boxes, self.boxes_at(pts_s))
        kinds = np.array([track.class_id for track in self.tracks], np.uint8)
        cost[classes[:, None] != kinds[None]] = FORBIDDEN
        return assigned(cost)


def assigned(cost: npt.NDArray[np.float32]) -> list[tuple[int, int]]:
    """Return which row goes with which column so that the sum of costs is least; pairs that are forbidden are left out.

    Args:
        cost: `float32 (N, M)`, `FORBIDDEN` at most.

    Raises:
        MaskingError: a cost is no number.
    """
    if not np.isfinite(cost).all():  # the solver would not end
        raise MaskingError("People cannot be followed: a distance between boxes is no number.")
    columns, _ = lap.lapjv(cost.astype(np.float64), extend_cost=True, return_cost=False)
    pairs = [(row, int(column)) for row, column in enumerate(columns) if column >= 0]
    return [(row, column) for row, column in pairs if cost[row, column] < FORBIDDEN]


def _area(box: Boxes) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))


def _cost(boxes: Boxes, expected: Boxes) -> npt.NDArray[np.float32]:
    """Return `float32 (N, M)`: little where boxes overlap, lie close and are alike; `FORBIDDEN` where too far apart."""
    a, b = boxes[:, None], expected[None]
    sides = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0, None)
    shared = sides[..., 0] * sides[..., 1]
    size_a, size_b = a[..., 2:] - a[..., :2], b[..., 2:] - b[..., :2]
    whole = size_a[..., 0] * size_a[..., 1] + size_b[..., 0] * size_b[..., 1] - shared
    overlap = shared / np.maximum(whole, 1e-6)
    apart = np.linalg.norm((a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) * np.float32(0.5), axis=-1)
    height = np.maximum((size_a[..., 1] + size_b[..., 1]) * np.float32(0.5), 1e-6)
    unlike = np.abs(np.log(np.maximum(size_a[..., 1], 1e-3) / np.maximum(size_b[..., 1], 1e-3)))
    cost = (1.0 - overlap) + 0.5 * apart / height + 0.3 * unlike
    cost[(overlap < MIN_OVERLAP) & (apart > REACH * height)] = FORBIDDEN
    return np.asarray(cost, np.float32)
