"""A small plan around one camera: its field of view to scale, and its neighbours; drawn by a template as SVG."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

METRES_PER_DEGREE = 111_320.0
"""Of latitude; of longitude it shrinks with its cosine. A sphere is good enough for a few hundred metres."""
SIZE_PX = 320
MARGIN = 1.3
SCALE_BARS_M = (5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a camera stands (degrees) and what it sees (degrees clockwise from north, metres)."""

    name: str
    latitude: float
    longitude: float
    heading_deg: float
    view_deg: float
    range_m: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A camera on the plan: name, pixels from the left and from the top, and its field of view as an SVG path."""

    name: str
    x: float
    y: float
    cone: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A square plan, north up, this camera in the middle."""

    here: Mark
    others: tuple[Mark, ...]
    bar_m: int
    bar_px: float
    size_px: int = SIZE_PX


def cone_path(x: float, y: float, place: Place, px_per_m: float) -> str:
    """Return the field of view as an SVG path: a sector, or a circle for 360 degrees."""
    radius = place.range_m * px_per_m
    if place.view_deg >= 360:
        half = f"a{radius:.1f} {radius:.1f} 0 1 1"
        return f"M{x - radius:.1f} {y:.1f}{half} {2 * radius:.1f} 0{half} {-2 * radius:.1f} 0Z"
    first, last = (math.radians(place.heading_deg + side * place.view_deg / 2) for side in (-1, 1))
    x1, y1 = x + radius * math.sin(first), y - radius * math.cos(first)
    x2, y2 = x + radius * math.sin(last), y - radius * math.cos(last)
    is_large = int(place.view_deg > 180)
    return f"M{x:.1f} {y:.1f}L{x1:.1f} {y1:.1f}A{radius:.1f} {radius:.1f} 0 {is_large} 1 {x2:.1f} {y2:.1f}Z"


def camera_plan(here: Place, others: Iterable[Place] = ()) -> Plan:
    """Draw the surroundings of `here`; of the others, those that fit on the plan."""
    half_m = here.range_m * MARGIN
    px_per_m = SIZE_PX / 2 / half_m
    middle = SIZE_PX / 2
    marks = []
    for other in others:
        east_m = (other.longitude - here.longitude) * METRES_PER_DEGREE * math.cos(math.radians(here.latitude))
        north_m = (other.latitude - here.latitude) * METRES_PER_DEGREE
        if abs(east_m) <= half_m and abs(north_m) <= half_m:
            x, y = middle + east_m * px_per_m, middle - north_m * px_per_m
            marks.append(Mark(other.name, round(x, 1), round(y, 1), cone_path(x, y, other, px_per_m)))
    bar_m = max((bar for bar in SCALE_BARS_M if bar <= half_m * 0.6), default=SCALE_BARS_M[0])
    cone = cone_path(middle, middle, here, px_per_m)
    return Plan(Mark(here.name, middle, middle, cone), tuple(marks), bar_m, round(bar_m * px_per_m, 1))
