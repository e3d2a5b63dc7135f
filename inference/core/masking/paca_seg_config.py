"""Settings of the `paca-seg` masker; every value is checked when they are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, Literal

from inference.core.errors import MaskingError
from inference.core.masking.cover import Polygon
from inference.core.masking.style import Colour, check_style

Size = Literal["s", "m"]
SIZES: Final = ("s", "m")
VEHICLES: Final = ("plates", "whole", "none")
SILHOUETTE_COLOUR: Final[Colour] = (96, 108, 130)


@dataclass(frozen=True, slots=True)
class PacaSegConfig:
    """How carefully `paca-seg` looks, how long it remembers, and how the covered area looks.

    Attributes:
        size: `s` (640x360) or `m` (960x540); only read if no network is injected.
        threshold: probability (0-1) from which a cell is covered as a person.
        threshold_low: the same beside covered cells, and where the last frames, moved along, say that somebody is.
        screen_threshold, vehicle_threshold: the same for screens and vehicles, of which a wrong one covers much of a
            picture; a quarter of it beside covered cells and where they were expected.
        dilation: how far shapes grow beyond that, as a share of their thickness (a body's width).
        hold_s: seconds for which a person who is no longer found stays covered, growing, at the place expected. It ends
            earlier only where that place has left the frame, or in an exit.
        look_ahead_s: seconds for which frames are kept back, so that a person found late is covered before; 0 for none.
        style: one of `style.STYLES`.
        colour: RGB of silhouettes and zones.
        shades: silhouettes that stand apart differ in brightness; for the style `silhouette` only.
        zones: polygons of corner points (x, y), each 0-1, that are always covered.
        exits: polygons like `zones` (doors): who is last seen with their feet in one is held for `EXIT_S` only.
        vehicles: `plates` (lower half of each vehicle), `whole` or `none`.
    """

    size: Size = "s"
    threshold: float = 0.15
    threshold_low: float = 0.05
    screen_threshold: float = 0.3
    vehicle_threshold: float = 0.6
    dilation: float = 0.0
    hold_s: float = 3.0
    look_ahead_s: float = 0.4
    style: str = "silhouette"
    colour: Colour = SILHOUETTE_COLOUR
    shades: bool = False
    zones: tuple[Polygon, ...] = ()
    exits: tuple[Polygon, ...] = ()
    vehicles: str = "plates"

    def __post_init__(self) -> None:
        object.__setattr__(self, "zones", _polygons("zones", self.zones))
        object.__setattr__(self, "exits", _polygons("exits", self.exits))
        object.__setattr__(self, "colour", check_colour(self.colour))
        _one_of("size", self.size, SIZES)
        _one_of("vehicles", self.vehicles, VEHICLES)
        check_style(self.style)
        if self.shades and self.style != "silhouette":
            raise MaskingError(f"`shades` belong to the style silhouette, got {self.style!r}.")
        _within("threshold", self.threshold, 0.01, 0.99)
        _within("threshold_low", self.threshold_low, 0.01, self.threshold)
        _within("screen_threshold", self.screen_threshold, 0.01, 0.99)
        _within("vehicle_threshold", self.vehicle_threshold, 0.01, 0.99)
        _within("dilation", self.dilation, 0.0, 1.0)
        _within("hold_s", self.hold_s, 0.0, 60.0)
        _within("look_ahead_s", self.look_ahead_s, 0.0, 2.0)

    @property
    def thresholds(self) -> tuple[tuple[float, float], ...]:
        """High and low threshold of person, screen and vehicle."""
        screen, vehicle = self.screen_threshold, self.vehicle_threshold
        return (self.threshold, self.threshold_low), (screen, screen / 4), (vehicle, vehicle / 4)


def _one_of(name: str, given: object, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        raise MaskingError(f"`{name}` must be one of {', '.join(allowed)}, got {given!r}.")


def _within(name: str, given: Any, low: float, high: float) -> None:
    is_number = isinstance(given, int | float) and not isinstance(given, bool) and isfinite(given)
    if not is_number or not low <= given <= high:
        raise MaskingError(f"`{name}` must be a number from {low} to {high}, got {given!r}.")


def check_colour(given: Any) -> Colour:
    """Return `given` (also a list, as JSON has it) as an RGB tuple; raise `MaskingError` unless it is a colour."""
    values = tuple(given) if isinstance(given, Sequence) and not isinstance(given, str) else ()
    if len(values) != 3 or not all(isinstance(value, int) and 0 <= value <= 255 for value in values):
        raise MaskingError(f"`colour` must be three whole numbers from 0 to 255 (RGB), got {given!r}.")
    return values[0], values[1], values[2]


def _polygons(name: str, given: Any) -> tuple[Polygon, ...]:
    """Return `given` (also lists, as JSON has them) as tuples."""
    try:
        polygons = tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in given)
    except (TypeError, ValueError) as error:
        raise MaskingError(f"`{name}` must be lists of corner points (x, y), got {given!r}.") from error
    for polygon in polygons:
        if len(polygon) < 3 or not all(0.0 <= value <= 1.0 for corner in polygon for value in corner):
            allowed = "at least 3 corners, each 0 to 1 of width and height"
            raise MaskingError(f"Each polygon of `{name}` must have {allowed}, got {polygon!r}.")
    return polygons
