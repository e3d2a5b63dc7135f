"""From moments to what can be said about them: facts, the kind of event, and where it is."""

from collections import deque
from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.detection.features import FEATURE_NAMES, Moment
from inference.core.detection.tracklets import FAST_SPEED
from inference.core.events import EventKind, Polygon

FACT_WINDOW_S = 2.0
VEHICLE_SPEED = 0.8
"""Body heights per second (about walking pace) from which a vehicle beside people is worth saying."""
REGION_MARGIN = 0.015
INVOLVED_SHARE = 0.5
WHOLE_PICTURE: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


_MEASURED = (
    "speed_top",
    "direction_spread",
    "heading_spread",
    "limb_top",
    "pair_energy",
    "outward",
    "lying",
    "density",
)
_COLUMNS = [FEATURE_NAMES.index(name) for name in _MEASURED]


class FactWindow:
    """The facts of the last `FACT_WINDOW_S`: what the sentence is made of."""

    def __init__(self) -> None:
        self._moments: deque[Moment] = deque()

    def reset(self) -> None:
        """Forget the moments."""
        self._moments.clear()

    def update(self, moment: Moment, people: int) -> dict[str, float]:
        """Take a moment, give the facts.

        Args:
            moment: what was measured.
            people: people the masker follows now; 0 if it follows nobody.

        Returns:
            `people` (count), `fast_people` (count), `speed` (bh/s), `direction_spread` (0-1), `limb_energy` (bh/s),
            `pair_energy` (bh/s), `outward` (bh/s), `lying` (0-1), `down_s` (s), `density` (0-1) and
            `vehicle_speed` (bh/s).
        """
        self._moments.append(moment)
        while moment.time_s - self._moments[0].time_s > FACT_WINDOW_S:
            self._moments.popleft()
        measured = np.stack([known.values for known in self._moments])[:, _COLUMNS]
        place = round(0.75 * (len(measured) - 1))
        typical = dict(zip(_MEASURED, np.sort(measured, axis=0)[place].tolist(), strict=True))
        silhouettes = sorted(len(known.blobs) for known in self._moments)
        fast = sorted(int(np.count_nonzero(known.speeds > FAST_SPEED)) for known in self._moments)
        vehicles = sorted(known.vehicle_near for known in self._moments)
        return {
            "people": max(float(people), float(silhouettes[len(silhouettes) // 2])),
            "fast_people": float(fast[place]),
            "speed": typical["speed_top"],
            "direction_spread": max(typical["direction_spread"], typical["heading_spread"]),
            "limb_energy": typical["limb_top"],
            "pair_energy": typical["pair_energy"],
            "outward": typical["outward"],
            "lying": typical["lying"],
            "down_s": float(moment.down_s.max(initial=0.0)),
            "density": typical["density"],
            "vehicle_speed": vehicles[len(vehicles) // 2],
        }


def choose_kind(heads: Mapping[str, float], facts: Mapping[str, float]) -> EventKind:
    """Give the kind: what the strongest head stands for, unless a vehicle moves among people.

    Args:
        heads: score (0-1) of each head: `agitation`, `dispersal`, `fall`.
        facts: as `FactWindow` gives them.
    """
    if facts["vehicle_speed"] > VEHICLE_SPEED and facts["people"] >= 1:
        return "vehicle-among-people"
    strongest = max(heads, key=lambda name: heads[name])
    if strongest == "fall" and facts["lying"] > 0.2:
        return "person-on-ground"
    if strongest == "dispersal" and facts["fast_people"] >= 3:
        return "dispersal"
    return "unusual-movement"


def find_region(moment: Moment, kind: EventKind) -> Polygon:
    """Give the convex hull of the silhouettes that make the event, corners 0-1 of width and height.

    A silhouette is involved if it has at least half of the strongest one's share in what the kind stands for: speed,
    limb energy, or evidence of lying.
    """
    height, width = moment.grid_shape
    boxes = moment.blobs.boxes[_involved(moment, kind)]
    if kind == "vehicle-among-people" and moment.vehicle_box is not None:
        boxes = np.vstack([boxes, np.asarray(moment.vehicle_box, np.float32)[None]])
    if not len(boxes):
        return WHOLE_PICTURE
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2) / np.array([width, height], np.float32)
    hull = cv2.convexHull(corners.astype(np.float32)).reshape(-1, 2)
    centre = hull.mean(axis=0)
    grown = np.clip(hull + np.sign(hull - centre) * REGION_MARGIN, 0.0, 1.0)
    return tuple((round(float(x), 4), round(float(y), 4)) for x, y in grown)


def _involved(moment: Moment, kind: EventKind) -> npt.NDArray[np.intp]:
    """Indexes of the silhouettes that make the event."""
    if kind == "person-on-ground":
        strength = moment.lying
    elif kind == "dispersal":
        strength = moment.speeds
    elif kind == "vehicle-among-people":
        return _near_vehicle(moment)
    else:
        # Small far-away spots flicker most, relative to their size; larger silhouettes carry more evidence.
        strength = moment.limbs * np.sqrt(moment.blobs.heights) + 0.3 * moment.speeds
    top = float(strength.max(initial=0.0))
    if top <= 0.0:
        return np.zeros(0, np.intp)
    return np.flatnonzero(strength >= INVOLVED_SHARE * top)


def _near_vehicle(moment: Moment) -> npt.NDArray[np.intp]:
    if moment.vehicle_box is None or not len(moment.blobs):
        return np.zeros(0, np.intp)
    left, _, right, bottom = moment.vehicle_box
    boxes, heights = moment.blobs.boxes, moment.blobs.heights
    gap = np.maximum(0.0, np.maximum(boxes[:, 0] - right, left - boxes[:, 2]))
    return np.flatnonzero((gap < heights) & (np.abs(boxes[:, 3] - bottom) < heights))
