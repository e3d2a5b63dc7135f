"""What is normal at one camera, learnt from its own masked footage, and how far a moment lies from it.

Method: one-class, per silhouette: how much faster, taller or wider it is than silhouettes that this camera has seen
near the same place (mean distance to the k nearest of a sample; Ramaswamy et al., 2000, doi 10.1145/342009.335437).
The strangest silhouette speaks for a moment, the last seconds' mean for the camera. Only more counts: a place where
nobody is, or somebody who stands still, is not unusual. Across cameras one-class detection is at chance; this is for
one camera only. The differences that count as one are in units that mean the same at every camera.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from inference.core.detection.bodies import BODY_NAMES
from inference.core.detection.silhouettes import Floats
from inference.core.errors import DetectionError

Moments = Sequence[tuple[float, Floats]]
"""(stream seconds, `float32 (N, 6)` bodies) of the moments of one stretch of video, in order."""

UNITS: Final = np.array([0.12, 0.12, 0.15, 0.25, 0.25, 0.33], np.float32)
"""A difference of one: an eighth of the picture, 16 % of height, 28 % of width or speed; a vehicle is 3."""
PLACE: Final = 2
"""So many of `BODY_NAMES` say where, and count in both directions."""
NEAREST: Final = 5
SAMPLE: Final = 1500
MIN_BODIES, MIN_MOMENTS = 200, 100
MEMORY_S: Final = 1.5
BLOCK_S: Final = 20.0
"""Neighbouring moments show the same people; halves that are measured against each other are made of such blocks."""


@dataclass(frozen=True, slots=True)
class Normality:
    """One camera's ordinary life, as plain numbers.

    Attributes:
        known: `float32 (K, 6)`, a sample of the silhouettes seen.
        usual: distance that 5 % of the camera's own moments exceed.
        seconds: how much footage it was learnt from.
    """

    known: Floats = field(repr=False)
    usual: float
    seconds: float

    def __post_init__(self) -> None:
        if self.known.ndim != 2 or self.known.shape[1] != len(BODY_NAMES) or len(self.known) < NEAREST:
            raise DetectionError(f"`known` must be (K, {len(BODY_NAMES)}) with K >= {NEAREST}, got {self.known.shape}.")
        if not np.isfinite(self.known).all() or not self.usual > 0.0 or not self.seconds > 0.0:
            raise DetectionError("Normality needs finite silhouettes, and `usual` and `seconds` above 0.")

    def distances(self, bodies: Floats) -> Floats:
        """Give how far each silhouette, `(N, 6)`, is from what was seen near its place, `float32 (N,)`."""
        apart = (bodies[:, None, :] - self.known[None, :, :]) / UNITS
        apart[..., PLACE:] = np.maximum(apart[..., PLACE:], 0.0)
        squared = np.einsum("nkf,nkf->nk", apart, apart)
        nearest = np.partition(squared, NEAREST - 1, axis=1)[:, :NEAREST]
        return np.asarray(np.sqrt(nearest).mean(axis=1), np.float32)

    def score(self, distance: float) -> float:
        """Give a distance as 0-1: .5 where 5 % of the camera's own moments are above."""
        return float(1.0 - 0.5 ** ((distance / self.usual) ** 2))

    def scores(self, moments: Moments) -> Floats:
        """Give the score of every moment of a stretch, `float32 (M,)`."""
        watch = NormalityWatch(self)
        return np.array([watch.update(time_s, bodies) for time_s, bodies in moments], np.float32)

    def plain(self) -> dict[str, Any]:
        """Give the numbers as JSON can hold them; `read_normality` reads them back."""
        known = [[round(float(value), 4) for value in row] for row in self.known]
        return {"bodies": list(BODY_NAMES), "known": known, "usual": self.usual, "seconds": self.seconds}


def read_normality(numbers: dict[str, Any]) -> Normality:
    """Read what `Normality.plain` gave.

    Raises:
        DetectionError: the numbers are not of this kind.
    """
    try:
        if tuple(numbers["bodies"]) != BODY_NAMES:
            raise DetectionError(f"This normality was learnt from other numbers than {', '.join(BODY_NAMES)}.")
        known = np.asarray(numbers["known"], np.float32)
        return Normality(known, float(numbers["usual"]), float(numbers["seconds"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DetectionError(
            f"What was learnt of a camera does not hold what the detector needs: {error!r}."
        ) from error


class NormalityWatch:
    """Scores the moments of one camera against its normality, causally."""

    def __init__(self, normality: Normality) -> None:
        self._normality = normality
        self._recent: deque[tuple[float, float]] = deque()

    def reset(self) -> None:
        """Forget the last moments."""
        self._recent.clear()

    def distance(self, time_s: float, bodies: Floats) -> float:
        """Take a moment, give the mean distance of the strangest silhouettes of the last `MEMORY_S`."""
        strangest = float(self._normality.distances(bodies).max()) if len(bodies) else 0.0
        self._recent.append((time_s, strangest))
        while time_s - self._recent[0][0] > MEMORY_S:
            self._recent.popleft()
        return sum(distance for _, distance in self._recent) / len(self._recent)

    def update(self, time_s: float, bodies: Floats) -> float:
        """Take a moment, give its score, 0-1."""
        return self._normality.score(self.distance(time_s, bodies))


def learn_normality(stretches: Sequence[Moments], seed: int = 0) -> Normality:
    """Learn from stretches of ordinary life of one camera.

    What is usual is measured on each half of the footage against the other: against itself nothing is unusual.

    Raises:
        DetectionError: fewer than `MIN_MOMENTS` moments or `MIN_BODIES` silhouettes.
    """
    blocks = [block for stretch in stretches for block in _blocks(stretch)]
    moments = sum(len(block) for block in blocks)
    bodies = sum(len(row) for block in blocks for _, row in block)
    if moments < MIN_MOMENTS or bodies < MIN_BODIES or len(blocks) < 2:
        raise DetectionError(
            f"Normality needs at least {MIN_MOMENTS} moments, {MIN_BODIES} silhouettes and 2 x {BLOCK_S:.0f} s; "
            f"got {moments}, {bodies} and {len(blocks)} stretches of {BLOCK_S:.0f} s."
        )
    chance = np.random.default_rng(seed)
    distances: list[float] = []
    for half in (0, 1):
        known = Normality(_sampled(blocks[1 - half :: 2], chance), 1.0, 1.0)
        for block in blocks[half::2]:
            watch = NormalityWatch(known)
            distances += [watch.distance(time_s, row) for time_s, row in block]
    usual = max(1e-3, float(np.quantile(distances, 0.95)))
    seconds = sum(block[-1][0] - block[0][0] for block in blocks)
    return Normality(_sampled(blocks, chance), usual, max(1.0, seconds))


def _blocks(stretch: Moments) -> list[Moments]:
    result: list[list[tuple[float, Floats]]] = []
    for time_s, bodies in stretch:
        if not result or time_s - result[-1][0][0] >= BLOCK_S:
            result.append([])
        result[-1].append((time_s, bodies))
    return list(result)


def _sampled(blocks: Sequence[Moments], chance: np.random.Generator) -> Floats:
    every = np.concatenate([bodies for block in blocks for _, bodies in block])
    kept = chance.permutation(len(every))[:SAMPLE]
    return np.asarray(every[np.sort(kept)], np.float32)
