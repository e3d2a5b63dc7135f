"""The map of a site, to scale: cameras and what they see in metres around the site, its plan and a grid below."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from alerts.models import Alert
from alerts.plan import cone_outline, offset_m
from alerts.site_map.coverage import Coverage, View, coverage
from alerts.site_map.models import SitePlan
from alerts.site_map.placing import KnownPoint, Placement, matrix
from cameras.conditions import Condition, camera_condition
from cameras.models import Camera, Site

MARGIN = 1.12
LEAST_M = 20.0
GRIDS_M = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
LINES = 14  # of the grid across the longer side, about
SEEING = "live"
"""Of a camera's condition; in every other one, whatever its name, nobody sees the ground."""
MOST_NAMES = 40  # more would write over each other; the list beside the map has them all


@dataclass(frozen=True, slots=True)
class NumberedAlert:
    """An alert and its number on the map."""

    number: int
    alert: Alert


@dataclass(frozen=True, slots=True)
class CameraMark:
    """One camera on the map: metres east (x) and south (y) of the site's centre.

    Attributes:
        outline: points of what it sees.
        condition: how it is doing.
        alerts: its open alerts that have a number, most urgent first.
    """

    camera: Camera
    x: float
    y: float
    outline: str
    condition: Condition
    alerts: tuple[NumberedAlert, ...]

    @property
    def severity(self) -> int:
        """Of its most urgent open alert; 0 without any."""
        return max((numbered.alert.severity for numbered in self.alerts), default=0)

    @property
    def numbers(self) -> str:
        """The numbers of its alerts, as its mark shows them."""
        shown = [str(numbered.number) for numbered in self.alerts[:3]]
        return " ".join([*shown, "…"] if len(self.alerts) > 3 else shown)

    @property
    def plate_width(self) -> float:
        """Width of the plate behind the numbers, in hundredths of the map's height."""
        return 2.2 + 1.5 * len(self.numbers)


@dataclass(frozen=True, slots=True)
class SiteMap:
    """What the map's template draws, in metres.

    Attributes:
        marks: cameras, those with alerts last, above the others.
        left, top, width, height: the box to show at first.
        grid_m: distance of the grid's lines.
        coverage: how much of the ground is seen.
        plan: the site's plan where it has one that lies somewhere.
        plan_matrix: from its pixels to metres.
    """

    marks: Sequence[CameraMark]
    left: float
    top: float
    width: float
    height: float
    grid_m: int
    coverage: Coverage
    plan: SitePlan | None
    plan_matrix: str

    @property
    def view_box(self) -> str:
        """The SVG view box."""
        return f"{self.left:.1f} {self.top:.1f} {self.width:.1f} {self.height:.1f}"

    @property
    def unit(self) -> float:
        """One hundredth of the map's height, for marks that keep their size on screen."""
        return self.height / 100

    @property
    def has_names(self) -> bool:
        """Whether names are written beside the cameras."""
        return len(self.marks) <= MOST_NAMES


def site_map(site: Site, cameras: Sequence[Camera], alerts: Sequence[Alert], plan: SitePlan | None) -> SiteMap:
    """Draw a site. `cameras` are the site's that the person may see, with `stream_state`; `alerts` get numbers."""
    numbered = [NumberedAlert(number, alert) for number, alert in enumerate(alerts, 1)]
    marks, corners = [], []
    for camera in cameras:
        x, y = offset_m(camera, site)
        outline = cone_outline(camera, x, y)
        of_camera = tuple(one for one in numbered if one.alert.camera_id == camera.pk)
        marks.append(CameraMark(camera, x, y, outline, camera_condition(camera), of_camera))
        corners += [(x, y), *(tuple(map(float, point.split(","))) for point in outline.split())]
    lies = _placement(plan)
    transform = _plan_matrix(site, lies) if lies else ()
    if plan is not None and transform:
        a, b, c, d, e, f = transform
        sides = ((0, 0), (plan.width, 0), (0, plan.height), (plan.width, plan.height))
        corners += [(a * px + c * py + e, b * px + d * py + f) for px, py in sides]
    left, top, width, height = _box(corners)
    marks.sort(key=lambda mark: mark.severity)
    return SiteMap(
        marks,
        left,
        top,
        width,
        height,
        min(GRIDS_M, key=lambda step: abs(max(width, height) / LINES - step)),
        coverage([View(mark.camera, mark.x, mark.y, mark.condition.name == SEEING) for mark in marks]),
        plan if transform else None,
        f"matrix({' '.join(f'{value:.6f}' for value in transform)})" if transform else "",
    )


def _placement(plan: SitePlan | None) -> Placement | None:
    if plan is None or plan.metres_per_px is None or plan.anchor_latitude is None or plan.anchor_longitude is None:
        return None
    anchor = KnownPoint(plan.anchor_x or 0.0, plan.anchor_y or 0.0, plan.anchor_latitude, plan.anchor_longitude)
    return Placement(anchor, plan.metres_per_px, plan.turned_deg or 0.0)


def _plan_matrix(site: Site, lies: Placement) -> tuple[float, ...]:
    x, y = offset_m(lies.anchor, site)
    return matrix(lies, x, y)


def _box(corners: Sequence[tuple[float, ...]]) -> tuple[float, float, float, float]:
    """Return left, top, width and height of a box around everything, with a margin."""
    xs, ys = [corner[0] for corner in corners] or [0.0], [corner[1] for corner in corners] or [0.0]
    width, height = (max(LEAST_M, (max(values) - min(values)) * MARGIN) for values in (xs, ys))
    width, height = max(width, height * 0.5), max(height, width * 0.4)  # a single row of cameras is no thin line
    if not all(map(math.isfinite, (width, height))):
        raise ValueError(f"a map must be finite, got {width} x {height} m")
    return (min(xs) + max(xs) - width) / 2, (min(ys) + max(ys) - height) / 2, width, height
