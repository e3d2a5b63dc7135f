"""What a simulated scene is made from. The same configuration always gives the same frames."""

from dataclasses import dataclass
from typing import Literal

LightKind = Literal["day", "dusk", "night"]
IncidentKind = Literal["fight", "dispersal", "fall", "chase"]


@dataclass(frozen=True, slots=True)
class Incident:
    """Something unusual that shall happen; place and people are found when it is due.

    Attributes:
        kind: what happens.
        start_s: scene time of its first unusual moment (people gather a few seconds earlier).
        duration_s: length of the part labelled 1.
    """

    kind: IncidentKind
    start_s: float
    duration_s: float

    def __post_init__(self) -> None:
        if self.start_s < 0 or self.duration_s <= 0:
            raise ValueError(f"`start_s` must be >= 0 and `duration_s` > 0, got {self.start_s}, {self.duration_s}.")


@dataclass(frozen=True, slots=True)
class CameraSetup:
    """How a fixed camera hangs.

    Attributes:
        height_m: above the ground, 2-15 m.
        tilt_deg: downwards from the horizon, 5-75.
        fov_deg: horizontal field of view, 20-110.
        pan_deg: to the right of the street's normal, -60 to 60.
    """

    height_m: float
    tilt_deg: float
    fov_deg: float
    pan_deg: float = 0.0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("height_m", 2.0, 15.0),
            ("tilt_deg", 5.0, 75.0),
            ("fov_deg", 20.0, 110.0),
            ("pan_deg", -60.0, 60.0),
        ):
            given = getattr(self, name)
            if not low <= given <= high:
                raise ValueError(f"`{name}` must be {low:g} to {high:g}, got {given:g}.")


@dataclass(frozen=True, slots=True)
class SceneConfig:
    """One scene.

    Attributes:
        seed: everything random follows from it.
        duration_s: length.
        fps: frames per second of scene time.
        width, height: picture size in pixels.
        people: how many are kept in or near the view.
        camera: None draws one from the seed.
        light: time of day.
        incidents: in any order; none means ordinary life.
        vehicles: whether cars and bicycles pass where there is a road.
    """

    seed: int
    duration_s: float
    fps: float = 12.5
    width: int = 640
    height: int = 360
    people: int = 12
    camera: CameraSetup | None = None
    light: LightKind = "day"
    incidents: tuple[Incident, ...] = ()
    vehicles: bool = True

    def __post_init__(self) -> None:
        if not (self.duration_s > 0 and 1.0 <= self.fps <= 60.0):
            raise ValueError(f"`duration_s` must be > 0 and `fps` 1-60, got {self.duration_s}, {self.fps}.")
        if min(self.width, self.height) < 32:
            raise ValueError(f"`width` and `height` must be at least 32, got {self.width} x {self.height}.")
        if not 0 <= self.people <= 120:
            raise ValueError(f"`people` must be 0-120, got {self.people}.")
