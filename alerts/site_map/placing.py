"""Where a picture lies on Earth: from two known points, or from one with scale and direction."""

import math
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from alerts.plan import offset_m

LEAST_PX_APART, LEAST_M_APART = 20.0, 1.0
LEAST_SCALE, MOST_SCALE = 0.0005, 10.0  # metres in a pixel: half a millimetre, and a town of 40 km


@dataclass(frozen=True, slots=True)
class KnownPoint:
    """One point of the picture (pixels from the left and from the top) and its place (degrees)."""

    x: float
    y: float
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Placement:
    """A known point, metres in a pixel, and the bearing of the picture's upper edge (degrees, 0 north, 90 east)."""

    anchor: KnownPoint
    metres_per_px: float
    turned_deg: float


def placement_of_points(first: KnownPoint, second: KnownPoint) -> Placement:
    """Return the one way (no stretching, no mirroring) to lay a picture so that two points are where they are.

    Raises:
        ValidationError: the points are too near each other, or the scale is none of a plan.
    """
    across, down = second.x - first.x, second.y - first.y
    east, south = offset_m(second, first)
    pixels, metres = math.hypot(across, down), math.hypot(east, south)
    if pixels < LEAST_PX_APART or metres < LEAST_M_APART:
        raise ValidationError(
            gettext(
                "The two points are {pixels:.0f} pixels and {metres:.1f} m apart; choose "
                "two that are at least {least_px_apart:.0f} pixels and {least_m_apart:.0f} "
                "m apart."
            ).format(pixels=pixels, metres=metres, least_px_apart=LEAST_PX_APART, least_m_apart=LEAST_M_APART)
        )
    turned = math.degrees(math.atan2(south, east) - math.atan2(down, across)) % 360
    return placement_of_scale(first, metres / pixels, turned)


def placement_of_scale(anchor: KnownPoint, metres_per_px: float, turned_deg: float) -> Placement:
    """Return where a picture lies by one point, its scale and its direction.

    Raises:
        ValidationError: the scale is none of a plan.
    """
    if not LEAST_SCALE <= metres_per_px <= MOST_SCALE:
        raise ValidationError(
            gettext(
                "One pixel would be {metres_per_px:.4g} m; a plan has {least_scale} to "
                "{most_scale:.0f} m in a pixel. Check the coordinates: a degree is about "
                "111 km."
            ).format(metres_per_px=metres_per_px, least_scale=LEAST_SCALE, most_scale=MOST_SCALE)
        )
    return Placement(anchor, metres_per_px, turned_deg % 360)


def matrix(placement: Placement, x: float, y: float) -> tuple[float, ...]:
    """Return the SVG matrix (a, b, c, d, e, f) from pixels to metres, where the anchor stands at (`x`, `y`) metres."""
    turned = math.radians(placement.turned_deg)
    a, b = placement.metres_per_px * math.cos(turned), placement.metres_per_px * math.sin(turned)
    anchor = placement.anchor
    return a, b, -b, a, x - a * anchor.x + b * anchor.y, y - b * anchor.x - a * anchor.y
