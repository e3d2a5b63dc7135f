"""Errors of a real masker, put on exact simulated masks.

People are missed for a while, legs cut off, outlines tremble, neighbours merge, things are taken for people. A detector
that learns on clean masks takes every one of these for an event.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.frames import BACKGROUND, PERSON

Grid = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """How bad a masker is in one view.

    Attributes:
        miss_per_s: how often a person 12 cells tall is lost, per second; smaller people more often.
        miss_s: how long, on average.
        cut_per_s: how often a part of a body is lost, per second.
        tremble: strength of the noise on outlines, 0-0.4.
        grow_cells: how far shapes are grown before their outlines tremble.
        threshold: level of the softened mask that is person, 0.25 (grown by a cell) to 0.6 (shrunk).
        merge_cells: gaps up to this wide are closed; 1 for none.
        ghosts: things that are taken for people now and then.
    """

    miss_per_s: float
    miss_s: float
    cut_per_s: float
    tremble: float
    grow_cells: int
    threshold: float
    merge_cells: int
    ghosts: int

    @classmethod
    def drawn(cls, chance: np.random.Generator) -> "ErrorRates":
        """Draw the errors of one view: from a good masker in good light to a poor one at night."""
        badness = float(chance.uniform(0.0, 1.0))
        return cls(
            miss_per_s=0.3 * badness**2,
            miss_s=float(chance.uniform(0.1, 0.6)),
            cut_per_s=0.25 * badness**2,
            tremble=float(chance.uniform(0.01, 0.05 + 0.2 * badness**2)),
            grow_cells=int(chance.choice([0, 0, 1, 1, 2])),
            threshold=float(chance.uniform(0.25, 0.5)),
            merge_cells=int(chance.choice([1, 1, 3, 5])),
            ghosts=int(chance.choice([0, 0, 1, 2])),
        )


class MaskErrors:
    """Corrupts the masks of one view, frame by frame; errors last and move as a masker's do."""

    def __init__(self, chance: np.random.Generator, shape: tuple[int, int]) -> None:
        self._chance = chance
        self._shape = shape
        self.rates = ErrorRates.drawn(chance)
        self._lost_until_s: dict[int, float] = {}
        self._cut: dict[int, tuple[float, float, float]] = {}
        self._noise = np.zeros((max(2, shape[0] // 3), max(2, shape[1] // 3)), np.float32)
        self._ghosts = [self._ghost() for _ in range(self.rates.ghosts)]

    def _ghost(self) -> tuple[tuple[int, int], tuple[int, int], float]:
        centre = (int(self._chance.integers(self._shape[1])), int(self._chance.integers(self._shape[0])))
        tall = int(self._chance.integers(3, 12))
        return centre, (max(1, tall // 3), tall), float(self._chance.uniform(0.02, 0.9))

    def apply(self, class_map: Grid, ids: npt.NDArray[np.int64], boxes: npt.NDArray[np.float32], step_s: float) -> Grid:
        """Give the map as a masker would have seen it; `class_map` is not changed.

        Args:
            class_map: exact, `uint8 (h, w)`.
            ids: `int64 (N,)` of the people in it.
            boxes: `float32 (N, 4)` xyxy in cells.
            step_s: seconds since the frame before.
        """
        person: Grid = np.asarray(class_map == PERSON, np.uint8)
        for known, box in zip(ids.tolist(), boxes, strict=True):
            self._lose(person, known, box, step_s)
        for centre, axes, presence in self._ghosts:
            if self._chance.random() < presence:
                person = np.asarray(cv2.ellipse(person, centre, axes, 0, 0, 360, 1, -1), np.uint8)
        if self.rates.merge_cells > 1:
            kernel = np.ones((self.rates.merge_cells, self.rates.merge_cells), np.uint8)
            person = np.asarray(cv2.morphologyEx(person, cv2.MORPH_CLOSE, kernel), np.uint8)
        if self.rates.grow_cells:
            side = 2 * self.rates.grow_cells + 1
            brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
            person = np.asarray(cv2.dilate(person, brush), np.uint8)
        seen = self._tremble(person)
        result = class_map.copy()
        result[class_map == PERSON] = BACKGROUND
        result[seen] = PERSON
        return result

    def _lose(self, person: Grid, known: int, box: npt.NDArray[np.float32], step_s: float) -> None:
        chance, rates = self._chance, self.rates
        left, top, right, bottom = (int(value) for value in (*np.floor(box[:2]), *np.ceil(box[2:])))
        left, top = max(0, left), max(0, top)
        lost_s = self._lost_until_s.get(known, 0.0) - step_s
        if lost_s <= 0.0 and chance.random() < rates.miss_per_s * step_s * min(4.0, 12.0 / max(2, bottom - top)):
            lost_s = float(chance.exponential(rates.miss_s))
        self._lost_until_s[known] = lost_s
        if lost_s > 0.0:
            person[top:bottom, left:right] = 0
            return
        cut_s, from_share, to_share = self._cut.get(known, (0.0, 0.0, 0.0))
        cut_s -= step_s
        if cut_s <= 0.0 and chance.random() < rates.cut_per_s * step_s:
            part = (0.6, 1.0) if chance.random() < 0.7 else (0.0, 0.3)
            cut_s, from_share, to_share = float(chance.exponential(0.4)), *part
        self._cut[known] = (cut_s, from_share, to_share)
        if cut_s > 0.0:
            tall = bottom - top
            person[top + round(from_share * tall) : top + round(to_share * tall), left:right] = 0

    def _tremble(self, person: Grid) -> npt.NDArray[np.bool_]:
        fresh = self._chance.standard_normal(self._noise.shape, np.float32)
        self._noise = 0.7 * self._noise + 0.71 * fresh
        noise = cv2.resize(self._noise, (person.shape[1], person.shape[0]), interpolation=cv2.INTER_LINEAR)
        soft = cv2.GaussianBlur(person.astype(np.float32), (3, 3), 0)
        outline = (soft > 0.02) & (soft < 0.98)
        return np.asarray(soft + self.rates.tremble * noise * outline > self.rates.threshold, np.bool_)
