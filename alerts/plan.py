"""The situation plan: a site's cameras and what they see, to scale, in metres around one of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cameras.models import Camera

METRES_PER_DEGREE = 111_320.0  # of latitude, on a sphere of the Earth's mean radius; good to 0.5 % over a site
SCALE_BARS_M = (5, 10, 20, 50, 100, 200, 500, 1000)
ARC_STEP_DEG = 6.0
MAX_CAMERAS, MAX_READ = 40, 1000
WIDE = 1.9  # width to height


@dataclass(frozen=True, slots=True)
class Mark:
    """One camera on the plan, metres east (x) and south (y) of the centre, and the outline of what it sees."""

    name: str
    pk: int
    x: float
    y: float
    cone: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What the plan's template draws: a wide box around what the camera of the alert sees.

    Attributes:
        marks: cameras; the alert's own comes last, above the others.
        x, y: the middle of the box, metres east and south of the camera.
        half_m: half of the box's height; its width is `WIDE` times the height.
        scale_bar_m: length of the scale bar.
    """

    marks: Sequence[Mark]
    x: float
    y: float
    half_m: float
    scale_bar_m: int

    @property
    def view_box(self) -> str:
        """The SVG view box, in metres."""
        wide = self.half_m * WIDE
        return f"{self.x - wide:.1f} {self.y - self.half_m:.1f} {2 * wide:.1f} {2 * self.half_m:.1f}"

    @property
    def unit(self) -> float:
        """One hundredth of the plan's height, for strokes and marks that keep their size on screen."""
        return self.half_m / 50

    @property
    def mark_m(self) -> float:
        """Radius of a camera's mark."""
        return self.unit * 2.4

    @property
    def left(self) -> float:
        """Where the north arrow stands, from the left."""
        return self.x - self.half_m * (WIDE - 0.16)

    @property
    def top(self) -> float:
        """Where the north arrow stands, from the top."""
        return self.y - self.half_m * 0.86

    @property
    def bottom(self) -> float:
        """Where the scale bar stands, from the top."""
        return self.y + self.half_m * 0.86

    @property
    def scale_bar_start(self) -> float:
        """Left end of the scale bar; its right end leaves room for the words."""
        return self.x + self.half_m * (WIDE - 0.62) - self.scale_bar_m


class Point(Protocol):
    """Whatever has a place on Earth, in degrees."""

    @property
    def latitude(self) -> float:
        """Degrees north."""
        ...

    @property
    def longitude(self) -> float:
        """Degrees east."""
        ...


def offset_m(place: Point, centre: Point) -> tuple[float, float]:
    """Return metres east and south of the centre."""
    east = (place.longitude - centre.longitude) * METRES_PER_DEGREE * math.cos(math.radians(centre.latitude))
    return east, -(place.latitude - centre.latitude) * METRES_PER_DEGREE


def cone_outline(camera: Camera, x: float, y: float) -> str:
    """Return the points of the field of view: the camera, then an arc; bearing 0 is north, 90 east."""
    steps = max(2, math.ceil(camera.view_deg / ARC_STEP_DEG))
    first = camera.heading_deg - camera.view_deg / 2
    corners = [] if camera.view_deg >= 360 else [(x, y)]
    for step in range(steps + 1):
        bearing = math.radians(first + camera.view_deg * step / steps)
        corners.append((x + camera.range_m * math.sin(bearing), y - camera.range_m * math.cos(bearing)))
    return " ".join(f"{px:.1f},{py:.1f}" for px, py in corners)


def situation_plan(here: Camera) -> Plan:
    """Return the plan around what a camera sees, with the site's other cameras that stand within it."""
    half_m = max(15.0, here.range_m * 0.95)
    bearing = math.radians(here.heading_deg)
    ahead = 0.0 if here.view_deg > 180 else here.range_m * 0.45
    middle_x, middle_y = ahead * math.sin(bearing), -ahead * math.cos(bearing)
    marks = []
    for camera in Camera.objects.filter(site=here.site_id)[:MAX_READ]:
        x, y = offset_m(camera, here)
        if abs(x - middle_x) <= half_m * WIDE + camera.range_m and abs(y - middle_y) <= half_m + camera.range_m:
            marks.append(Mark(camera.name, camera.pk, x, y, cone_outline(camera, x, y), camera.pk == here.pk))
    marks.sort(key=lambda mark: (mark.is_here, -math.hypot(mark.x, mark.y)))
    bar = max((length for length in SCALE_BARS_M if length <= half_m * 0.7), default=SCALE_BARS_M[0])
    return Plan(marks[-MAX_CAMERAS:], middle_x, middle_y, half_m, bar)
