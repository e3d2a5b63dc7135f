"""Views of simulated scenes: the same scene seen whole and close, at several frame rates, through a faulty masker."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.detection.pooling import POOL_S
from inference.training.detection.corrupt import MaskErrors
from inference.training.detection.heads import HEADS
from inference.training.detection.windows import NORMAL, UNCLEAR, WindowMeter, Windows, join
from inference.training.simulation.scene import Incident, IncidentKind, SceneConfig, SceneFrame, simulate

Floats = npt.NDArray[np.float32]
HEAD_OF: dict[IncidentKind, str] = {
    "fight": "agitation",
    "chase": "dispersal",
    "dispersal": "dispersal",
    "fall": "fall",
}
ONSET_S = 0.8
"""So long after its start an incident need not show yet, and for `POOL_S` after its end it still shows."""
GRID = (90, 160)
MEASURABLE_CELLS = 9
"""An incident among smaller people is in the picture but cannot be told apart; it is not counted as anything."""
VIEW_S = 10.0
"""A view looks for so long: more scenes teach more than longer looks at the same one."""
RESTARTS_S = (None, None, 2.6)
"""Some views forget everything every 2.6 s, as short clips do: the rise above what was usual is unknown there."""


@dataclass(frozen=True, slots=True)
class BagConfig:
    """How scenes are drawn.

    Attributes:
        duration_s: length of a scene.
        views: views of each.
        incident_share: share of scenes with an incident.
        width, height: size at which a scene is drawn, in pixels.
    """

    duration_s: float = 24.0
    views: int = 3
    incident_share: float = 0.7
    width: int = 480
    height: int = 270


def draw_scene(seed: int, config: BagConfig) -> SceneConfig:
    """Draw the scene of one seed: how many people, which light, what happens and when."""
    chance = np.random.default_rng([seed, 71])
    incidents: tuple[Incident, ...] = ()
    if chance.random() < config.incident_share:
        # Fights are few: short clips teach them.
        kinds: tuple[IncidentKind, ...] = ("fight", "fight", *("dispersal",) * 3, *("fall",) * 3, "chase")
        kind = kinds[int(chance.integers(len(kinds)))]
        start_s = float(chance.uniform(6.0, config.duration_s - 9.0))
        incidents = (Incident(kind, start_s, float(chance.uniform(5.0, 10.0))),)
    return SceneConfig(
        seed=seed,
        duration_s=config.duration_s,
        fps=float(chance.choice([12.5, 12.5, 10.0])),
        width=config.width,
        height=config.height,
        people=int(np.exp(chance.uniform(np.log(3), np.log(40)))),
        incidents=incidents,
        vehicles=bool(chance.random() < 0.6),
    )


class View:
    """One way to look at a scene: a window of the picture, a frame rate, a masker with its errors."""

    def __init__(self, seed: int, number: int, frames: list[SceneFrame]) -> None:
        chance = np.random.default_rng([seed, 72, number])
        height, width = frames[0].class_map.shape
        zoom = 1.0 if number == 0 else float(np.exp(chance.uniform(np.log(1.5), np.log(5.0))))
        size = (width / zoom, height / zoom)
        focus = _focus(frames, chance) + chance.normal(0.0, 0.15, 2) * size
        corner = np.clip(focus - np.array(size) / 2, 0, np.array([width, height]) - size)
        self._left, self._top = int(corner[0]), int(corner[1])
        self._right, self._bottom = int(corner[0] + size[0]), int(corner[1] + size[1])
        self._is_mirrored = bool(chance.random() < 0.5)
        self._stride = int(chance.choice([1, 2, 2]))
        self._from_s, self._to_s = _stretch(frames, chance)
        self._restart_s = RESTARTS_S[int(chance.integers(len(RESTARTS_S)))]
        self._errors = MaskErrors(chance, GRID)
        self._bag, self._view = seed, number

    def windows(self, frames: list[SceneFrame], views: int) -> Windows:
        """Give the moments of this view; `views` is how many each scene has."""
        meter = WindowMeter(self._bag, self._bag * views + self._view)
        last_s, restarted_s, labels = -1.0, 0.0, LabelMemory()
        for frame in frames[:: self._stride]:
            if not self._from_s <= frame.time_s < self._to_s:
                continue
            if last_s < 0.0:
                last_s = restarted_s = frame.time_s
            if self._restart_s is not None and frame.time_s - restarted_s >= self._restart_s:
                meter.restart()
                restarted_s = frame.time_s
            class_map, boxes = self._look(frame)
            seen = self._errors.apply(class_map, frame.people.ids, boxes, frame.time_s - last_s)
            last_s = frame.time_s
            meter.update(seen, frame.time_s, labels.update(frame, self._is_visible(frame, boxes)))
        return meter.windows()

    def _look(self, frame: SceneFrame) -> tuple[npt.NDArray[np.uint8], Floats]:
        """Give the class map of the window on the grid, and everybody's box in its cells."""
        cut = frame.class_map[self._top : self._bottom, self._left : self._right]
        cut = np.asarray(cv2.resize(cut, (GRID[1], GRID[0]), interpolation=cv2.INTER_NEAREST), np.uint8)
        scale = GRID[1] / (self._right - self._left), GRID[0] / (self._bottom - self._top)
        boxes = (frame.people.boxes - np.array([self._left, self._top] * 2)) * np.array([*scale, *scale])
        if self._is_mirrored:
            cut = np.ascontiguousarray(cut[:, ::-1])
            boxes[:, [0, 2]] = GRID[1] - boxes[:, [2, 0]]
        return cut, np.asarray(boxes, np.float32)

    def _is_visible(self, frame: SceneFrame, boxes: Floats) -> bool:
        """Whether somebody involved is inside the window and large enough to be measured."""
        involved = boxes[np.isin(frame.people.ids, frame.incident.ids)]
        middle_x, middle_y = involved[:, [0, 2]].mean(axis=1), involved[:, [1, 3]].mean(axis=1)
        is_inside = (middle_x > 0) & (middle_x < GRID[1]) & (middle_y > 0) & (middle_y < GRID[0])
        size = np.maximum(involved[:, 3] - involved[:, 1], involved[:, 2] - involved[:, 0])
        return bool((is_inside & (size >= MEASURABLE_CELLS)).any())


class LabelMemory:
    """The label of the last two seconds, from what goes on in each frame."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._until_s = float("-inf")

    def update(self, frame: SceneFrame, is_visible: bool) -> int:
        """Give the label of the window that ends with `frame`."""
        if frame.incident.label:
            if self._since_s is None:
                self._since_s = frame.time_s
            self._until_s = frame.time_s
            if not is_visible or frame.time_s - self._since_s < ONSET_S:
                return UNCLEAR
            return HEADS.index(HEAD_OF[frame.incident.kinds[0]])
        if frame.time_s - self._until_s < POOL_S + 2.0:
            return UNCLEAR
        return NORMAL


def _stretch(frames: list[SceneFrame], chance: np.random.Generator) -> tuple[float, float]:
    """Give from when to when a view looks: mostly around the start of what happens, else at any ordinary time."""
    marked = [frame.time_s for frame in frames if frame.incident.label]
    end_s = frames[-1].time_s - VIEW_S
    start_s = marked[0] + chance.uniform(-5.0, 1.0) if marked and chance.random() < 0.75 else chance.uniform(0.0, end_s)
    start_s = float(np.clip(start_s, 0.0, end_s))
    return start_s, start_s + VIEW_S


def _focus(frames: list[SceneFrame], chance: np.random.Generator) -> Floats:
    """Give the pixel a close view looks at: those involved, or anybody."""
    marked = [frame for frame in frames if frame.incident.label and len(frame.incident.ids)]
    frame = marked[len(marked) // 3] if marked else frames[int(chance.integers(len(frames)))]
    boxes = frame.people.boxes
    if marked:
        boxes = boxes[np.isin(frame.people.ids, frame.incident.ids)]
    if not len(boxes):
        height, width = frame.class_map.shape
        return np.array([width / 2, height / 2], np.float32)
    box = boxes.mean(axis=0) if marked else boxes[int(chance.integers(len(boxes)))]
    return np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], np.float32)


def collect_scene(seed: int, config: BagConfig) -> Windows:
    """Simulate the scene of one seed and give the windows of all its views."""
    frames = list(simulate(draw_scene(seed, config), render=False))
    return join([View(seed, number, frames).windows(frames, config.views) for number in range(config.views)])
