"""Covering through time: who was seen stays covered, in this frame and in the frames after it.

For each frame: threshold with hysteresis, shapes, tracks; then the cover is the union of
- every shape seen, grown by a share of its size;
- for every track: its shapes of the last moments, moved along, and the whole of who is seen in part (`memory.py`);
- for every track not seen: its last shape at the place expected and half-way there, grown more with every moment.
"""

from dataclasses import dataclass, field
from math import ceil
from typing import Final

import cv2
import numpy as np

from inference.core.frames import VEHICLE, Tracks
from inference.core.masking.base import CellMap, Probabilities
from inference.core.masking.cover import Cover, Stamp
from inference.core.masking.paca_seg_config import PacaSegConfig
from inference.core.masking.segments import (
    CLASSES,
    FINER,
    Segment,
    certain,
    class_map,
    finer,
    seen_cells,
    segment,
)
from inference.core.masking.tracking import Boxes, Track, Tracker

SURE_HITS: Final = 3
SURE_S: Final = 0.4
"""Seen this often and for so long, an object is held for the whole `hold_s`; before, for a quarter: a flicker is not a
person, and three frames out of 25 a second are no more than one out of five."""

UNCERTAINTY_PER_S: Final = 0.3
"""How far somebody may be off the expected place, in body widths per second ..."""

MOST_UNCERTAINTY: Final = 0.5
"""... up to this: more would cover the place rather than the person."""

DRIFT: Final = 0.1
"""A shape of a moment ago grows by this share of its thickness, for limbs that go their own way ..."""

MOST_DRIFT: Final = FINER
"""... up to so many fine cells: big people would cover the scene around them."""

SURE_PEAK: Final = 0.4
"""What the network never saw with so high a probability is covered where it is seen, and bridged like a flicker: bushes
and bags that it takes for people now and then would fill the picture with what is only remembered."""

EXIT_S: Final = 0.4
"""Who vanishes in an exit, or was never seen surely, is held for so long: a missed frame is bridged, nothing more."""

GONE: Final = 0.1
"""A share of a box; with less than this inside the frame, the object has left."""

AT_BORDER: Final = FINER
"""Fine cells: who was last seen so near the border may be leaving; who was further in may have stopped before it."""

LOOKS: Final = 2.1
"""Whoever is missed is held through two looks at least, however far these lie apart (at one frame a second, the hold of
a new track would be over before the next frame) ..."""

MOST_GAP_S: Final = 5.0
"""... unless they lie further apart than this: then the picture is no video any more."""

PLATE_SHARE: Final = 0.5
"""Plates sit in the lower part of a vehicle's box; smaller is not possible without knowing the view."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One object, seen in one frame: what had to be covered, and when."""

    track: Track
    stamp: Stamp
    at_s: float


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of one frame, in fine cells.

    Attributes:
        class_map: `uint8 (h, w)`, what was certain, on the network's own grid.
        cover: what has to be covered.
        sightings: by track id, those seen in this frame.
        tracks: for detection; boxes in fine cells.
    """

    class_map: CellMap = field(repr=False)
    cover: Cover = field(repr=False)
    sightings: dict[int, Sighting] = field(repr=False)
    tracks: Tracks


class Follower:
    """Follows everything that has to be covered in one stream."""

    def __init__(self, config: PacaSegConfig, first_id: int = 1) -> None:
        """Start with nobody; the first track gets the number `first_id`."""
        self._config = config
        self._tracker = Tracker(first_id)
        self._looked_at_s: float | None = None
        self._gaps_s = (0.0, 0.0)

    @property
    def next_id(self) -> int:
        """A number that no track has had."""
        return self._tracker.next_id

    def number_from(self, first_id: int) -> None:
        """Give numbers from `first_id` on, if others were given meanwhile."""
        self._tracker.next_id = max(self._tracker.next_id, first_id)

    def resume(self, config: PacaSegConfig, pts_s: float) -> None:
        """Go on with `config` in a stream that begins anew: its frame at `pts_s` counts as the next look.

        The time in between counts for nothing: nobody was shown in it, and whoever was held may still stand there.
        """
        if config.vehicles != self._config.vehicles:  # what was covered of them is not what has to be covered now
            self._tracker.tracks = [track for track in self._tracker.tracks if track.class_id != VEHICLE]
        self._config = config
        if self._looked_at_s is None:
            return
        seconds = pts_s - max(self._gaps_s) - self._looked_at_s
        self._looked_at_s += seconds
        for track in self._tracker.tracks:
            track.shift(seconds)

    def look(self, maps: Probabilities, pts_s: float) -> Sight:
        """Take `float32 (3, h, w)` probabilities of the next frame; say what to cover.

        Args:
            maps: checked probabilities.
            pts_s: stream time, never earlier than that of the last call.
        """
        maps = finer(maps)
        shape = maps.shape[1], maps.shape[2]
        self._note_the_time(pts_s)
        self._forget_the_gone(shape, pts_s)
        seen = seen_cells(maps, self._priors(shape, pts_s), self._config.thresholds)
        segments = [segment(cells, class_id) for cells, class_id in zip(seen, CLASSES, strict=True)]
        boxes = np.concatenate([one.boxes for one in segments])
        classes = np.repeat(np.array(CLASSES, np.uint8), [len(one.boxes) for one in segments])
        found = self._tracker.update(boxes, classes, pts_s)
        cover = Cover(shape)
        self._cover_segments(cover, segments)
        sightings = self._remember(segments, found, maps, pts_s)
        for track in self._tracker.tracks:
            if track.id not in sightings:
                self._cover_held(cover, track, pts_s)
            self._cover_before(cover, track, pts_s)
        return Sight(class_map(certain(maps, seen)), cover, sightings, self._tracks(sightings, pts_s))

    def growth(self, thickness: float, seconds: float = 0.0) -> float:
        """Return by how many fine cells a shape `thickness` wide grows, `seconds` away from its sighting."""
        doubt = min(MOST_UNCERTAINTY, UNCERTAINTY_PER_S * abs(seconds))
        least = FINER if seconds else 0  # what is only expected is a cell off at least
        return max(least, self._config.dilation * thickness) + doubt * thickness

    def _note_the_time(self, pts_s: float) -> None:
        """Learn how far looks lie apart: the larger of the last two gaps, as one frame may come early."""
        gap = 0.0 if self._looked_at_s is None else min(MOST_GAP_S, pts_s - self._looked_at_s)
        self._gaps_s, self._looked_at_s = (self._gaps_s[1], gap), pts_s

    def _hold_s(self, track: Track, shape: tuple[int, int]) -> float:
        most = self._config.hold_s
        bridge = LOOKS * max(self._gaps_s) if most else 0.0
        if track.peak < SURE_PEAK or self._is_in_exit(track, shape):
            return max(min(EXIT_S, most), bridge)
        is_sure = track.hits >= SURE_HITS and track.seen_at_s - track.born_at_s >= SURE_S - 1e-6
        return max(most * (1.0 if is_sure else 0.25), bridge)

    def _forget_the_gone(self, shape: tuple[int, int], pts_s: float) -> None:
        """Drop tracks that have left the frame or have not been seen for long."""
        self._tracker.tracks = [
            track
            for track in self._tracker.tracks
            if pts_s - track.seen_at_s <= self._hold_s(track, shape) + 1e-6 and not _has_left(track, shape, pts_s)
        ]

    def _is_in_exit(self, track: Track, shape: tuple[int, int]) -> bool:
        """Tell whether the feet were in an exit when the track was last seen."""
        feet = float(track.centre[0]) / shape[1], (float(track.box[3]) - 0.5) / shape[0]
        exits = (np.array(polygon, np.float32) for polygon in self._config.exits)
        return any(cv2.pointPolygonTest(corners, feet, False) >= 0 for corners in exits)

    def _priors(self, shape: tuple[int, int], pts_s: float) -> list[CellMap]:
        """Return for each class where its tracks are expected, `uint8 (h, w)`."""
        covers = {class_id: Cover(shape) for class_id in CLASSES}
        for track in self._tracker.tracks:
            if track.class_id != VEHICLE:  # a vehicle's stamp is only its lower part
                self._put(covers[track.class_id], track, pts_s, growth=FINER)
        return [cover.cells() for cover in covers.values()]

    def _cover_segments(self, cover: Cover, segments: list[Segment]) -> None:
        """Cover every shape seen, followed or not: shapes of like size are drawn at once."""
        for one in segments:
            if not len(one.boxes):
                continue
            if one.class_id == VEHICLE and self._config.vehicles != "whole":
                for index in range(len(one.boxes) if self._config.vehicles == "plates" else 0):
                    stamp = self._stamp(one, index)
                    cover.put(stamp, 0, 0, self.growth(stamp.thickness))
                continue
            growths = np.array([0, *(ceil(self.growth(float(wide))) for wide in one.thickness)], np.uint8)
            wanted, is_shape = growths[one.labels], one.labels > 0
            for growth in np.unique(growths[1:]):
                cover.add(((wanted == growth) & is_shape).astype(np.uint8), float(growth))

    def _stamp(self, one: Segment, index: int) -> Stamp:
        """Return what has to be covered of an object."""
        if one.class_id != VEHICLE or self._config.vehicles == "whole":
            return one.stamp(index)
        left, top, right, bottom = (int(value) for value in one.boxes[index])
        start = bottom - max(1, ceil((bottom - top) * PLATE_SHARE))
        fill = np.uint8(self._config.vehicles == "plates")
        return Stamp(np.full((bottom - start, right - left), fill, np.uint8), left, start, float(bottom - start))

    def _remember(
        self, segments: list[Segment], found: list[Track | None], maps: Probabilities, pts_s: float
    ) -> dict[int, Sighting]:
        """Store the shape of each track seen."""
        sightings: dict[int, Sighting] = {}
        places = [(one, index) for one in segments for index in range(len(one.boxes))]
        for (one, index), track in zip(places, found, strict=True):
            if track is None:
                continue
            stamp = self._stamp(one, index)
            sightings[track.id] = Sighting(track, stamp, pts_s)
            track.stamp = stamp
            left, top, right, bottom = (int(value) for value in one.boxes[index])
            track.peak = max(track.peak, float(maps[CLASSES.index(one.class_id), top:bottom, left:right].max()))
            if track.peak >= SURE_PEAK:
                track.memory.see(stamp, pts_s)
        return sightings

    def _cover_held(self, cover: Cover, track: Track, pts_s: float) -> None:
        self._put(cover, track, pts_s, self.growth(track.stamp.thickness, pts_s - track.seen_at_s))

    def _cover_before(self, cover: Cover, track: Track, pts_s: float) -> None:
        """Cover what was seen of somebody a moment ago, where it must be now."""
        limit = self._config.hold_s
        for one in track.memory.before(track.stamp, pts_s):
            if pts_s - one.at_s <= limit + 1e-6:
                shift = track.way(pts_s - one.at_s)
                thickness = one.stamp.thickness
                growth = max(min(MOST_DRIFT, DRIFT * thickness), self._config.dilation * thickness)
                cover.put(one.stamp, float(shift[0]), float(shift[1]), growth)

    def _put(self, cover: Cover, track: Track, pts_s: float, growth: float) -> None:
        """Put the last whole shape down where it is expected, and half-way there (the person may have slowed down)."""
        shift = track.way(pts_s - track.seen_at_s)
        cover.put(track.stamp, float(shift[0]), float(shift[1]), growth)
        if float(np.abs(shift).max()) >= 2.0 * FINER:
            cover.put(track.stamp, float(shift[0]) / 2, float(shift[1]) / 2, growth)

    def _tracks(self, sightings: dict[int, Sighting], pts_s: float) -> Tracks:
        tracks = self._tracker.tracks
        if not tracks:
            return Tracks.none()
        return Tracks(
            ids=np.array([track.id for track in tracks], np.int64),
            boxes=self._tracker.boxes_at(pts_s),
            classes=np.array([track.class_id for track in tracks], np.uint8),
            is_held=np.array([track.id not in sightings for track in tracks], np.bool_),
        )


def _has_left(track: Track, shape: tuple[int, int], pts_s: float) -> bool:
    """Tell whether a track was at the border that it moved to, and is outside now even if it slowed down to half."""
    limit = np.array([shape[1], shape[0]], np.float32)
    at_start = (track.box[:2] <= AT_BORDER) & (track.velocity < 0)
    at_end = (track.box[2:] >= limit - AT_BORDER) & (track.velocity > 0)
    if not (at_start | at_end).any():
        return False
    way = track.way(pts_s - track.seen_at_s)
    return all(_share_inside(track.box + np.tile(way * np.float32(part), 2), limit) <= GONE for part in (0.5, 1.0))


def _share_inside(box: Boxes, limit: Boxes) -> float:
    """Return how much (0-1) of `box` lies between the origin and `limit`."""
    inside = np.clip(np.minimum(box[2:], limit) - np.maximum(box[:2], 0), 0, None).prod()
    return float(inside / (box[2:] - box[:2]).prod())
