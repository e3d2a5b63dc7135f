"""The chart of a camera's sensitivity: share of simulated incidents found against expected false alerts a day."""

from dataclasses import dataclass

from cameras.sensitivity import Sensitivity, Setting

WIDTH, HEIGHT = 480.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 12.0, 40.0
DECADES = (1, 10, 100, 1000, 10_000)
SHARES = (0, 25, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class Point:
    """One setting on the chart: its form value, place in units of the view box, and words."""

    value: str
    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid: place and word."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws, in a view box of `WIDTH` by `HEIGHT`."""

    line: str
    points: tuple[Point, ...]
    default: Point
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


def sensitivity_chart(known: Sensitivity) -> Chart | None:
    """Draw the curve of the settings that no other outdoes; None where it was not measured what is found."""
    if not known.found_events:
        return None
    every = (*known.settings, known.default)
    reach = max(2.0, *(setting.x for setting in every))

    def across(place: float) -> float:
        return LEFT + place / reach * (WIDTH - LEFT - RIGHT)

    def up(share: float) -> float:
        return TOP + (1.0 - share) * (HEIGHT - TOP - BOTTOM)

    def point(setting: Setting) -> Point:
        return Point(setting.value, across(setting.x), up(setting.found or 0.0), f"{setting.at_percent:.0f} %")

    points = tuple(point(setting) for setting in known.settings if not setting.is_outdone)
    ticks = [Tick(across(0.0), "0"), *(Tick(across(1.0 + number), f"{day:,}") for number, day in enumerate(DECADES))]
    return Chart(
        line=" ".join(f"{one.x:.1f},{one.y:.1f}" for one in points),
        points=points,
        default=point(known.default),
        across=tuple(tick for tick in ticks if tick.at <= WIDTH - RIGHT + 0.5),
        up=tuple(Tick(up(share / 100), f"{share} %") for share in SHARES),
    )
