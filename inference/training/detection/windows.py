"""Moments of simulated life with their labels: everything that both experts of the detector look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.core.detection.facts import FactWindow
from inference.core.detection.features import FeatureStream
from inference.core.detection.flow_statistics import FLOW_NAMES, FlowStatistics
from inference.core.detection.mask_flow import MaskFlow
from inference.core.detection.pooling import Pool

Floats = npt.NDArray[np.float32]
Grid = npt.NDArray[np.uint8]
NORMAL, UNCLEAR = -1, -2
"""Values of a label beside the index of a head: ordinary life, and moments that are not counted at all."""
SAMPLE_GAP_S, SETTLE_S = 0.4, 0.8


@dataclass(frozen=True, slots=True)
class Windows:
    """M judged moments.

    Attributes:
        inputs: `float32 (M, F)`, pooled features.
        flow: `float32 (M, len(FLOW_NAMES))`; NaN where the flow was not yet known.
        fast: `float32 (M,)` people who move fast.
        labels: `int64 (M,)`, index into `HEADS`, `NORMAL` or `UNCLEAR`.
        bags: `int64 (M,)`, scene or clip: what is split by.
        views: `int64 (M,)`, number of the view within all scenes and clips.
        times: `float32 (M,)` seconds.
        ages: `float32 (M,)` seconds since motion was last forgotten.
    """

    inputs: Floats = field(repr=False)
    flow: Floats = field(repr=False)
    fast: Floats = field(repr=False)
    labels: npt.NDArray[np.int64] = field(repr=False)
    bags: npt.NDArray[np.int64] = field(repr=False)
    views: npt.NDArray[np.int64] = field(repr=False)
    times: Floats = field(repr=False)
    ages: Floats = field(repr=False)

    def save(self, path: Path) -> None:
        """Write all arrays to `path` (.npz); whole or not at all."""
        part = path.with_suffix(".part.npz")
        np.savez_compressed(part, **{each.name: getattr(self, each.name) for each in fields(self)})
        part.replace(path)


def load_windows(path: Path) -> Windows:
    """Read what `Windows.save` wrote."""
    with np.load(path, allow_pickle=False) as kept:
        return Windows(**{each.name: kept[each.name] for each in fields(Windows)})


def join(parts: Sequence[Windows]) -> Windows:
    """Put windows after one another."""
    return Windows(
        **{each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Windows)}
    )


class WindowMeter:
    """Measures one view as the detector does, and keeps a moment every `SAMPLE_GAP_S`."""

    def __init__(self, bag: int, view: int) -> None:
        """Measure view number `view` of the scene or clip `bag`."""
        self._bag, self._view = bag, view
        self._flow, self._stream, self._pool = MaskFlow(), FeatureStream(), Pool()
        self._facts, self._statistics = FactWindow(), FlowStatistics()
        self._rows: list[tuple[Floats, Floats, float, int, float, float]] = []
        self._first_s: float | None = None
        self._sampled_s = float("-inf")

    def restart(self) -> None:
        """Forget all motion, as at the start of a stream; moments kept stay."""
        for part in (self._flow, self._stream, self._pool, self._facts, self._statistics):
            part.reset()
        self._first_s = None

    def update(self, class_map: Grid, time_s: float, label: int) -> None:
        """Take one frame, `uint8 (h, w)`, and the label of the window that ends with it."""
        if self._first_s is None:
            self._first_s = time_s
        look = self._flow.update(class_map, time_s)
        statistics = self._statistics.update(look)
        moment = self._stream.measure(look)
        if moment is None:
            return
        pooled, facts = self._pool.update(moment), self._facts.update(moment, 0)
        is_due = time_s - self._sampled_s >= SAMPLE_GAP_S and time_s - self._first_s >= SETTLE_S
        if is_due and len(moment.blobs):
            self._sampled_s = time_s
            known = np.full(len(FLOW_NAMES), np.nan, np.float32) if statistics is None else statistics
            self._rows.append((pooled, known, facts["fast_people"], label, time_s, time_s - self._first_s))

    def windows(self) -> Windows:
        """Give the moments kept."""
        count = len(self._rows)
        return Windows(
            inputs=np.array([row[0] for row in self._rows], np.float32).reshape(count, len(Pool.NAMES)),
            flow=np.array([row[1] for row in self._rows], np.float32).reshape(count, len(FLOW_NAMES)),
            fast=np.array([row[2] for row in self._rows], np.float32),
            labels=np.array([row[3] for row in self._rows], np.int64),
            bags=np.full(count, self._bag, np.int64),
            views=np.full(count, self._view, np.int64),
            times=np.array([row[4] for row in self._rows], np.float32),
            ages=np.array([row[5] for row in self._rows], np.float32),
        )
