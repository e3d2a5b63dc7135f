"""The situation plan: a site's cameras and what they see, to scale, in metres around one of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cameras.models import Camera

METRES_PER_DEGREE = 111_320.0  # of latitude, on a sphere of the Earth's mean radius; good to 0.5 % over a site
SCALE_BARS_M = (5, 10, 20, 50, 100, 200, 500, 1000)
ARC_STEP_DEG = 6.0
MAX_CAMERAS = 40


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
    """What the plan's template draws: a square of `2 * half_m` metres around the camera of the alert."""

    marks: Sequence[Mark]
    half_m: float
    scale_bar_m: int

    @property
    def view_box(self) -> str:
        """The SVG view box, in metres."""
        return f"{-self.half_m:.1f} {-self.half_m:.1f} {2 * self.half_m:.1f} {2 * self.half_m:.1f}"

    @property
    def unit(self) -> float:
        """One hundredth of the plan's width, for strokes and marks that keep their size on screen."""
        return self.half_m / 50

    @property
    def mark_m(self) -> float:
        """Radius of a camera's mark."""
        return self.unit * 1.8

    @property
    def edge(self) -> float:
        """Where the north arrow and the scale bar stand: a little inside the border."""
        return self.half_m * 0.9

    @property
    def scale_bar_start(self) -> float:
        """Left end of the scale bar, which ends at `edge`."""
        return self.edge - self.scale_bar_m


def _offset_m(camera: Camera, centre: Camera) -> tuple[float, float]:
    """Return metres east and south of the centre."""
    east = (camera.longitude - centre.longitude) * METRES_PER_DEGREE * math.cos(math.radians(centre.latitude))
    return east, -(camera.latitude - centre.latitude) * METRES_PER_DEGREE


def _cone(camera: Camera, x: float, y: float) -> str:
    """Return the points of the field of view: the camera, then an arc; bearing 0 is north, 90 east."""
    steps = max(2, math.ceil(camera.view_deg / ARC_STEP_DEG))
    first = camera.heading_deg - camera.view_deg / 2
    corners = [] if camera.view_deg >= 360 else [(x, y)]
    for step in range(steps + 1):
        bearing = math.radians(first + camera.view_deg * step / steps)
        corners.append((x + camera.range_m * math.sin(bearing), y - camera.range_m * math.cos(bearing)))
    return " ".join(f"{px:.1f},{py:.1f}" for px, py in corners)


def situation_plan(here: Camera) -> Plan:
    """Return the plan around a camera, with the site's other cameras that stand within it."""
    half_m = max(25.0, here.range_m * 1.35)
    marks = []
    for camera in Camera.objects.filter(site=here.site_id)[:1000]:
        x, y = _offset_m(camera, here)
        if max(abs(x), abs(y)) <= half_m * 1.4:
            marks.append(Mark(camera.name, camera.pk, x, y, _cone(camera, x, y), camera.pk == here.pk))
    marks.sort(key=lambda mark: (mark.is_here, -math.hypot(mark.x, mark.y)))
    bar = max((length for length in SCALE_BARS_M if length <= half_m * 0.6), default=SCALE_BARS_M[0])
    return Plan(marks=marks[-MAX_CAMERAS:], half_m=half_m, scale_bar_m=bar)
