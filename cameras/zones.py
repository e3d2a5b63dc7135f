"""Zones that are always masked, as people write them (percent of the picture) and as they are kept (0 to 1)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

Zone = list[list[float]]
"""Corner points [x, y], each 0-1 of the picture's width and height, from its left upper corner."""

MOST_ZONES = 20
MOST_CORNERS = 40
LEAST_AREA = 1e-4
"""Of the picture. Less is a line: it would look like a zone in the list and cover nothing."""


def zones_from_text(text: str, name: str = "zone") -> list[Zone]:
    """Read one zone a line, `x,y x,y x,y`, in percent; `name` is what messages call one.

    Raises:
        ValidationError: one message for each line that cannot be read, with what is allowed and what was given.
    """
    zones: list[Zone] = []
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            zone = [_corner(word) for word in line.split()]
            check_zones([*zones, zone], name)
            zones.append(zone)
        except ValueError as error:
            faults.append(gettext("Line {number}: {fault}").format(number=number, fault=error))
        except ValidationError as error:
            faults.append(gettext("Line {number}: {fault}").format(number=number, fault=error.messages[-1]))
    if faults:
        raise ValidationError(faults)
    return zones


def _corner(word: str) -> list[float]:
    parts = word.split(",")
    try:
        x, y = (float(part) for part in parts)
    except ValueError as error:
        raise ValueError(f"a corner is two numbers with a comma between them, like 12.5,40; got {word!r}.") from error
    return [x / 100, y / 100]


def zones_to_text(zones: list[Zone]) -> str:
    """Write zones as `zones_from_text` reads them."""
    return "\n".join(" ".join(f"{_percent(x)},{_percent(y)}" for x, y in zone) for zone in zones)


def _percent(share: float) -> str:
    return f"{share * 100:.1f}".removesuffix(".0")


def check_zones(value: Any, name: str = "zone") -> None:
    """Refuse what is not a list of zones; `name` is what messages call one.

    Raises:
        ValidationError: says which zone, what is allowed and what was given.
    """
    if not isinstance(value, list):
        raise ValidationError(
            gettext("Zones are a list of lists of corners, got {given}.").format(given=type(value).__name__)
        )
    if len(value) > MOST_ZONES:
        raise ValidationError(
            gettext("{what}: at most {most_zones}, got {given}.").format(
                most_zones=MOST_ZONES, what=name, given=len(value)
            )
        )
    faults = [f"{name} {number} {fault}" for number, zone in enumerate(value, start=1) if (fault := _fault(zone))]
    if faults:
        raise ValidationError(faults)


def _fault(zone: Any) -> str:
    """Return what is wrong with a zone; empty if nothing is."""
    if not isinstance(zone, list) or not 3 <= len(zone) <= MOST_CORNERS:
        given = len(zone) if isinstance(zone, list) else type(zone).__name__
        return gettext("needs 3 to {most_corners} corners, got {given}.").format(most_corners=MOST_CORNERS, given=given)
    for corner in zone:
        if not isinstance(corner, list) or len(corner) != 2 or not all(_is_share(number) for number in corner):
            return gettext(
                "has a corner outside the picture; both numbers must be 0 to 100 percent, got {corner}."
            ).format(corner=_shown(corner))
    crossing = _crossing(zone)
    if crossing:
        return gettext(
            "crosses or touches itself: {crossing}. Draw it as two, or set the corners in order round it."
        ).format(crossing=crossing)
    if _area(zone) < LEAST_AREA:
        return gettext("covers nothing: its corners lie on one line.")
    return ""


def _crossing(zone: Zone) -> str:
    """Say which two edges meet that are not neighbours; empty if none do."""
    corners = [corner for at, corner in enumerate(zone) if corner != zone[at - 1]]  # a corner clicked twice is one
    if _area(zone) < LEAST_AREA and len({tuple(corner) for corner in corners}) < 3:
        return ""  # a line: told as such
    count = len(corners)
    for one in range(count):
        for other in range(one + 2, count - (one == 0)):
            first = corners[one], corners[(one + 1) % count]
            second = corners[other], corners[(other + 1) % count]
            if _meet(*first, *second):
                return gettext("edge {edge} meets edge {other}").format(edge=one + 1, other=other + 1)
    return ""


def _meet(a: list[float], b: list[float], c: list[float], d: list[float]) -> bool:
    """Tell whether the lines a-b and c-d have a point in common."""
    turns = [_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)]
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((c, a, b), (d, a, b), (a, c, d), (b, c, d))
    return any(
        turn == 0 and min(p[0], q[0]) <= end[0] <= max(p[0], q[0]) and min(p[1], q[1]) <= end[1] <= max(p[1], q[1])
        for turn, (end, p, q) in zip(turns, ends, strict=True)
    )


def _turn(a: list[float], b: list[float], c: list[float]) -> float:
    """Return which way a-b-c turns: above 0 one way, below the other, 0 on one line (within a millionth)."""
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return 0.0 if abs(turn) < 1e-9 else turn


def _is_share(number: Any) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 1


def _shown(corner: Any) -> str:
    if isinstance(corner, list) and all(isinstance(n, int | float) for n in corner):
        return ",".join(f"{number * 100:g}" for number in corner)
    return repr(corner)


def _area(zone: Zone) -> float:
    """Return the polygon's area (shoelace formula)."""
    following = [*zone[1:], zone[0]]
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(zone, following, strict=True))) / 2
