"""Drawn silhouettes that pass through a real masker: walking people, a brawl, somebody who falls."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.frames import MaskedFrame, RawFrame
from inference.core.masking.registry import create_masker

STARTED_AT = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
Grid = npt.NDArray[np.uint8]
Draw = Callable[[float], Grid]


class DrawnNetwork:
    """A segmenter that sees what a test drew for the moment."""

    fingerprint = "drawn"

    def __init__(self) -> None:
        self.class_map: Grid = np.zeros((90, 160), np.uint8)

    def probabilities(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        return np.stack([self.class_map == value for value in (1, 2, 3)]).astype(np.float32)


def masked_frames(draw: Draw, duration_s: float, fps: float = 12.5, starts_s: float = 0.0) -> Iterator[MaskedFrame]:
    network = DrawnNetwork()
    masker = create_masker("paca-seg", network=network, look_ahead_s=0.0)
    image = np.random.default_rng(0).integers(0, 255, (90, 160, 3), np.uint8)
    for index in range(round(duration_s * fps)):
        time_s = starts_s + index / fps
        network.class_map = draw(time_s)
        raw = RawFrame(image, index, time_s, STARTED_AT + timedelta(seconds=time_s))
        yield from masker.push(raw)


def figure(grid: Grid, x: float, y: float, tall: float, wide: float, value: int = 1) -> None:
    axes = (max(1, round(wide * 8)), max(1, round(tall * 8)))
    cv2.ellipse(grid, (round(x * 16), round(y * 16)), axes, 0, 0, 360, value, -1, cv2.LINE_8, 4)


def empty(time_s: float) -> Grid:
    return np.zeros((90, 160), np.uint8)


def walking(time_s: float) -> Grid:
    grid = empty(time_s)
    for number in range(3):
        figure(grid, (20 + 45 * number + 10 * time_s) % 175 - 8, 30 + 18 * number, 20, 7)
    return grid


def brawling(time_s: float) -> Grid:
    grid = empty(time_s)
    figure(grid, 140 - 3 * time_s, 40, 20, 7)
    for side in (-1, 1):
        sway = 4 * np.sin(9 * time_s + side)
        x = 60 + side * (6 + 2 * np.sin(7 * time_s)) + sway
        figure(grid, x, 50 + 2 * np.sin(11 * time_s), 30, 10)
        for arm in range(2):
            turn = 12 * time_s + 3 * arm + side
            end = (round(x + 14 * np.cos(turn)), round(45 + 12 * np.sin(turn)))
            cv2.line(grid, (round(x), 44), end, 1, 3)
    return grid


def falling(time_s: float) -> Grid:
    grid = walking(time_s)
    lying = min(1.0, max(0.0, (time_s - 4.0) / 0.7))
    figure(grid, 120, 60 + 12 * lying, 30 - 20 * lying, 10 + 20 * lying)
    return grid
