"""Simulated street scenes: pictures or masks of people, with the truth about who is where and what is unusual.

`simulate` is the one way in. With `render=False` only class maps are drawn, which is fast enough to make thousands of
seconds of training material for the detector.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.frames import VEHICLE, Image
from inference.training.simulation.backdrop import Backdrop, Patch, paint
from inference.training.simulation.camera import Camera, random_camera
from inference.training.simulation.config import CameraSetup, Incident, IncidentKind, LightKind, SceneConfig
from inference.training.simulation.figures import Figures, draw_person, draw_shadows, draw_silhouette, pose_figures
from inference.training.simulation.incidents import Director
from inference.training.simulation.life import Life
from inference.training.simulation.light import Sensor, choose_light, vignette
from inference.training.simulation.people import Person
from inference.training.simulation.poses import ANGLES, Activity, wanted_poses
from inference.training.simulation.site import build_site
from inference.training.simulation.solids import Canvas
from inference.training.simulation.vehicles import Traffic, Vehicle

__all__ = [
    "CameraSetup",
    "Incident",
    "IncidentKind",
    "IncidentTruth",
    "LightKind",
    "PeopleTruth",
    "Scene",
    "SceneConfig",
    "SceneFrame",
    "simulate",
]
SHADOW_SCALE = 4
WARM_UP_S = 3.0


@dataclass(frozen=True, slots=True)
class PeopleTruth:
    """Everybody whose body is in the picture, hidden by others or not.

    Attributes:
        ids: `int64 (N,)`, stable through the scene.
        boxes: `float32 (N, 4)` xyxy pixels, cut to the picture.
    """

    ids: npt.NDArray[np.int64] = field(repr=False)
    boxes: npt.NDArray[np.float32] = field(repr=False)


@dataclass(frozen=True, slots=True)
class IncidentTruth:
    """What is unusual at one moment.

    Attributes:
        label: 1 from an incident's start to its end (a dispersal ends when all have left), else 0.
        kinds: the incidents going on.
        ids: `int64 (M,)`, people involved in them (whether in the picture or not).
    """

    label: int
    kinds: tuple[IncidentKind, ...]
    ids: npt.NDArray[np.int64] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SceneFrame:
    """One frame of a scene.

    Attributes:
        time_s: scene time.
        image: `uint8 (H, W, 3)` RGB; None where only masks were asked for.
        class_map: `uint8 (H, W)`, 0 background, 1 person, 2 screen, 3 vehicle; exact.
        people: who is in the picture.
        incident: what is unusual.
    """

    time_s: float
    image: Image | None = field(repr=False)
    class_map: npt.NDArray[np.uint8] = field(repr=False)
    people: PeopleTruth
    incident: IncidentTruth


class Scene:
    """A running scene: life, traffic and incidents in front of one fixed camera."""

    def __init__(self, config: SceneConfig, *, render: bool) -> None:
        self.config, self.render = config, render
        # One stream of chance per concern: drawing or not drawing pictures must not change what people do.
        place, life, traffic, weather, paintwork, grain = (
            np.random.default_rng([config.seed, concern]) for concern in range(6)
        )
        setup = config.camera or random_camera(place)
        self.camera = Camera.from_setup(setup, config.width, config.height)
        self.site = build_site(place, self.camera)
        frame_s = 1.0 / config.fps
        self.life = Life(life, self.site, self.camera, config.people, frame_s)
        self.traffic = Traffic(traffic, self.site, frame_s, config.vehicles)
        self.director = Director(config.incidents, self.life)
        self.light = choose_light(config.light, weather, self.site)
        self.backdrop: Backdrop = paint(self.site, self.camera, self.light, paintwork)
        self._sensor = Sensor(self.camera, self.light, grain) if render else None
        for _ in range(int(WARM_UP_S * config.fps)):
            self.life.step(0.0)

    def frame(self, index: int) -> SceneFrame:
        """Go on to frame `index` (they must come in order) and draw it."""
        time_s = index / self.config.fps
        self.director.step(time_s)
        self.life.step(time_s)
        riders = self.traffic.step()
        self._pose_riders(riders, time_s)
        people = [*self.life.people, *riders]
        figures = pose_figures(people, self.camera, self.render)
        class_map = self.backdrop.class_map.copy()
        image = self._draw(people, figures, class_map)
        size = figures.boxes[:, 2:] - figures.boxes[:, :2]
        is_seen = (size > 1.0).all(axis=1)
        ids = np.array([person.id for person in people], np.int64)
        return SceneFrame(
            time_s, image, class_map, PeopleTruth(ids[is_seen], figures.boxes[is_seen]), self._truth(time_s)
        )

    def _truth(self, time_s: float) -> IncidentTruth:
        active = [
            script
            for script in self.director.running
            if script.people
            and script.incident.start_s <= time_s < script.incident.start_s + script.incident.duration_s
        ]
        ids = sorted({person.id for script in active for person in script.people})
        return IncidentTruth(int(bool(active)), tuple(s.incident.kind for s in active), np.array(ids, np.int64))

    def _pose_riders(self, riders: list[Person], time_s: float) -> None:
        for rider in riders:
            activity = np.array([int(Activity.CYCLE)])
            phase, speed = np.array([rider.phase]), np.array([rider.speed])
            rider.pose = wanted_poses(activity, phase, speed, time_s, rider.quirk[None]).reshape(ANGLES)

    def _draw(self, people: list[Person], figures: Figures, class_map: npt.NDArray[np.uint8]) -> Image | None:
        image = self.backdrop.image.copy() if self.render else None
        if image is not None:
            self._shade(figures, image)
        # The road lies beyond the square from wherever the camera looks: all that is on it comes first.
        walking = len(self.life.people)
        items: list[tuple[bool, float, int, int | Vehicle | Patch]] = [
            (index < walking, -float(figures.depth[index]), 0, index)
            for index in range(len(people))
            if figures.boxes[index, 2] > figures.boxes[index, 0]
        ]
        items += [
            (False, -float(np.linalg.norm(car.footprint(), axis=1).min()), 1, car) for car in self.traffic.passing
        ]
        items += [(not patch.is_on_road, -patch.distance, 2, patch) for patch in self.backdrop.patches]
        items.sort(key=lambda item: item[:3])
        drawn = np.zeros(class_map.shape[1], bool)
        tints = self.light.at(figures.joints[:, 0, :2]) if len(people) else np.zeros((0, 3))
        for _, _, _, item in items:
            if isinstance(item, Patch):
                if drawn[item.box[0] : item.box[2]].any():
                    self._cover(item, image, class_map)
            elif isinstance(item, Vehicle):
                self._draw_vehicle(item, image, class_map)
                drawn[:] = True
            else:
                box = figures.boxes[item]
                drawn[max(0, int(box[0]) - 2) : int(box[2]) + 3] = True
                if image is None:
                    draw_silhouette(figures, item, people[item], class_map)
                else:
                    tint = tints[item] * float(vignette(self.camera, 0.5 * (box[:2] + box[2:])))
                    draw_person(figures, item, people[item], tint, image, class_map)
        return self._sensor.expose(image) if self._sensor and image is not None else None

    def _draw_vehicle(self, car: Vehicle, image: Image | None, class_map: npt.NDArray[np.uint8]) -> None:
        tint = self.light.at(np.array([car.x, car.y])) * 0.9
        value = 0 if car.kind == "bicycle" else VEHICLE
        car.draw(Canvas(image, class_map, value, self.camera, tint), has_lights=self.light.kind != "day")

    def _cover(self, patch: Patch, image: Image | None, class_map: npt.NDArray[np.uint8]) -> None:
        x0, y0, x1, y1 = patch.box
        np.copyto(class_map[y0:y1, x0:x1], self.backdrop.class_map[y0:y1, x0:x1], where=patch.mask)
        if image is not None:
            np.copyto(image[y0:y1, x0:x1], self.backdrop.image[y0:y1, x0:x1], where=patch.mask[..., None])

    def _shade(self, figures: Figures, image: Image) -> None:
        size = (max(1, self.config.width // SHADOW_SCALE), max(1, self.config.height // SHADOW_SCALE))
        shadow = np.full((size[1], size[0]), 255, np.uint8)
        draw_shadows(figures, self.camera, self.light.shadow_lean, shadow)
        scale = size[0] / self.config.width
        for car in self.traffic.passing:
            corners = np.concatenate([car.footprint(), np.full((4, 1), 0.0)], axis=1)
            pixels, depth = self.camera.project(corners)
            if depth.min() > 0.6:
                cv2.fillConvexPoly(shadow, np.clip(pixels * scale, -9999, 9999).astype(np.int32), 100)
        soft = cv2.resize(cv2.GaussianBlur(shadow, (3, 3), 0.8), (self.config.width, self.config.height))
        cv2.multiply(image, cv2.cvtColor(soft, cv2.COLOR_GRAY2RGB), image, 1 / 255)


def simulate(config: SceneConfig, *, render: bool = True) -> Iterator[SceneFrame]:
    """Run a scene from its start to its end.

    Args:
        config: the scene; the same one gives identical frames.
        render: False draws class maps only. What happens is the same either way.
    """
    scene = Scene(config, render=render)
    for index in range(round(config.duration_s * config.fps)):
        yield scene.frame(index)
