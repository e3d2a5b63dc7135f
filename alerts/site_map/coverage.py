"""How much ground a site's cameras see, by their field of view; walls and trees are not known and not counted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cameras.models import Camera

CELLS = 2500  # of the grid that is counted; good to some percent, and some ten milliseconds for 50 cameras
MOST_CAMERAS = 200  # of more only these are counted, and the page says so


@dataclass(frozen=True, slots=True)
class View:
    """A camera, where it stands (metres east and south), and whether it sees now."""

    camera: Camera
    x: float
    y: float
    is_seeing: bool

    def holds(self, x: float, y: float) -> bool:
        """Return whether a point lies in what the camera sees."""
        east, south = x - self.x, y - self.y
        if math.hypot(east, south) > self.camera.range_m:
            return False
        off = (math.degrees(math.atan2(east, -south)) - self.camera.heading_deg + 180) % 360 - 180
        return abs(off) <= self.camera.view_deg / 2


@dataclass(frozen=True, slots=True)
class Coverage:
    """Ground in square metres: in view of a camera, of two or more that see now, and of none that sees now."""

    planned_m2: int
    twice_m2: int
    blind_m2: int
    is_whole: bool = True

    @property
    def blind_percent(self) -> int:
        """Share of the planned ground that no camera sees now; never rounded down to 0."""
        return math.ceil(100 * self.blind_m2 / self.planned_m2) if self.planned_m2 else 0


def coverage(views: Sequence[View]) -> Coverage:
    """Count the ground in view on a grid over all fields of view."""
    counted = views[:MOST_CAMERAS]
    if not counted:
        return Coverage(0, 0, 0)
    left, right = (
        edge(view.x + side * view.camera.range_m for view in counted) for edge, side in ((min, -1), (max, 1))
    )
    top, bottom = (
        edge(view.y + side * view.camera.range_m for view in counted) for edge, side in ((min, -1), (max, 1))
    )
    step = math.sqrt((right - left) * (bottom - top) / CELLS)
    planned = twice = blind = 0
    for row in range(math.ceil((bottom - top) / step)):
        y = top + (row + 0.5) * step
        near = [view for view in counted if abs(view.y - y) <= view.camera.range_m]
        for column in range(math.ceil((right - left) / step)):
            holding = [view.is_seeing for view in near if view.holds(left + (column + 0.5) * step, y)]
            planned += bool(holding)
            twice += sum(holding) > 1
            blind += bool(holding) and not any(holding)
    cell = step * step
    return Coverage(round(planned * cell), round(twice * cell), round(blind * cell), len(counted) == len(views))
