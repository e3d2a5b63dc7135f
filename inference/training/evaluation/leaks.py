"""How often masked people leak through time: `python -m inference.training.evaluation.leaks --data DIR --json F`.

For each sequence of `DIR` (`NAME.mp4` and `NAME.csv` with human tracks: `frame,id,x,y,w,h,considered`, frames from 0,
pixels) the network looks at each frame once; then four maskers run on what it said: each frame alone, with dilation,
with hold, with look-ahead. What is counted is what a viewer would see: pixels of the masked picture itself.

A person in a frame is *covered* if at least 90 % of the body core is (an ellipse of 50 % of the box's width and 90 % of
its height). A *leak* is a run of frames in which one person is not.
"""

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import av
import cv2
import numpy as np
import numpy.typing as npt

from inference.core.frames import Image, MaskedFrame, RawFrame
from inference.core.masking.base import Probabilities, Segmenter
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker

SMALLEST_PX: Final = 40.0
ENOUGH: Final = 0.9
MARGIN: Final = 0.15
"""Boxes grow by this share before background is counted: human boxes are tight."""

SETTINGS: Final = {
    "each frame alone": PacaSegConfig(threshold_low=0.3, dilation=0.0, hold_s=0.0, look_ahead_s=0.0),
    "+ dilation": PacaSegConfig(threshold_low=0.3, hold_s=0.0, look_ahead_s=0.0),
    "+ hysteresis": PacaSegConfig(hold_s=0.0, look_ahead_s=0.0),
    "+ hold": PacaSegConfig(look_ahead_s=0.0),
    "+ look-ahead": PacaSegConfig(),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One labelled person in one frame; `box` is xyxy in pixels."""

    id: int
    box: tuple[float, float, float, float]


@dataclass(slots=True)
class Tally:
    """What is counted while a masker runs.

    Attributes:
        covered: by person id, (frame, is covered) in order.
        background: share of the background that is masked, per frame.
        ms: masking time per frame without the network.
    """

    covered: dict[int, list[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(list))
    background: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    withheld: int = 0


class Replay:
    """Gives again what a network said about the frames of a sequence, in their order."""

    fingerprint = "replay"

    def __init__(self, maps: list[npt.NDArray[np.float16]]) -> None:
        """Take `float16 (3, h, w)` maps, one per frame."""
        self._maps = iter(maps)

    def probabilities(self, image: Image) -> Probabilities:
        """Return the next frame's maps."""
        return next(self._maps).astype(np.float32)


def frames(path: Path) -> Iterator[RawFrame]:
    """Yield the frames of a video, with times counted from its frame rate."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 25)
        for index, frame in enumerate(container.decode(stream)):
            image = np.ascontiguousarray(frame.to_ndarray(format="rgb24"), np.uint8)
            yield RawFrame(image, index, index / rate, start + timedelta(seconds=index / rate))


def people(path: Path) -> dict[int, list[Person]]:
    """Read human tracks: people by frame."""
    found: dict[int, list[Person]] = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            x, y, w, h = (float(row[name]) for name in "xywh")
            if row["considered"] == "1":
                found[int(row["frame"])].append(Person(int(row["id"]), (x, y, x + w, y + h)))
    return found


def count(masked: MaskedFrame, persons: list[Person], colour: tuple[int, int, int], tally: Tally) -> None:
    """Add one masked frame to `tally`."""
    tally.withheld += bool(masked.withheld)
    height, width = masked.image.shape[:2]
    is_covered = (masked.image == np.array(colour, np.uint8)).all(axis=2) | bool(masked.withheld)
    background = np.ones((height, width), np.uint8)
    for person in persons:
        left, top, right, bottom = person.box
        tall, wide = bottom - top, right - left
        corner = round(left - MARGIN * wide), round(top - MARGIN * tall)
        cv2.rectangle(background, corner, (round(right + MARGIN * wide), round(bottom + MARGIN * tall)), (0,), -1)
        core = np.zeros((height, width), np.uint8)
        middle = round((left + right) / 2), round((top + bottom) / 2)
        cv2.ellipse(core, middle, (max(1, round(0.25 * wide)), max(1, round(0.45 * tall))), 0, 0, 360, (1,), -1)
        inside = is_covered[core > 0]
        if tall >= SMALLEST_PX and inside.size:
            tally.covered[person.id].append((masked.index, bool(inside.mean() >= ENOUGH)))
    tally.background.append(float(is_covered[background > 0].mean()) if background.any() else 0.0)


def result(tally: Tally, hours: float) -> dict[str, float]:
    """Return the figures of one masker on one sequence; keys are flat and stable."""
    leaks: list[int] = []
    entries: list[int] = []
    for seen in tally.covered.values():
        run = 0
        for _, is_covered in [*seen, (-1, True)]:
            if is_covered and run:
                leaks.append(run)
            run = 0 if is_covered else run + 1
        entries.append(next((at for at, (_, is_covered) in enumerate(seen) if is_covered), len(seen)))
    all_seen = [is_covered for seen in tally.covered.values() for _, is_covered in seen]
    return {
        "instance_frames": len(all_seen),
        "people": len(tally.covered),
        "covered_90": float(np.mean(all_seen)),
        "leaks": len(leaks),
        "leaks_per_camera_hour": len(leaks) / hours,
        "longest_leak_frames": max(leaks, default=0),
        "entry_frames_mean": float(np.mean(entries)),
        "entry_frames_max": max(entries, default=0),
        "background_masked": float(np.mean(tally.background)),
        "withheld": tally.withheld,
        "ms_beyond_network": float(np.median(tally.ms)),
    }


def measure(video: Path, network: Segmenter, limit: int | None = None) -> dict[str, dict[str, float]]:
    """Return the figures of each setting on one sequence."""
    maps = [network.probabilities(raw.image).astype(np.float16) for raw in _first(frames(video), limit)]
    labels = people(video.with_suffix(".csv"))
    results = {}
    for name, config in SETTINGS.items():
        tally, last_s = Tally(), 0.0
        masker = PacaSegMasker(replace(config), Replay(maps))
        for raw in _first(frames(video), limit):
            started = perf_counter()
            ready = masker.push(raw)
            tally.ms.append((perf_counter() - started) * 1000.0)
            last_s = raw.pts_s
            for masked in ready:
                count(masked, labels.get(masked.index, []), config.colour, tally)
        for masked in masker.flush():
            count(masked, labels.get(masked.index, []), config.colour, tally)
        results[name] = result(tally, max(last_s, 1.0) / 3600.0)
        print_row(video.stem, name, results[name])
    return results


def _first(source: Iterator[RawFrame], limit: int | None) -> Iterator[RawFrame]:
    for raw in source:
        if limit is not None and raw.index >= limit:
            return
        yield raw


def print_row(sequence: str, name: str, figures: dict[str, float]) -> None:
    """Write one setting's figures to the terminal."""
    row = (
        f"{sequence:16} {name:17} covered {figures['covered_90']:.3f}  leaks {figures['leaks']:4.0f}"
        f"  longest {figures['longest_leak_frames']:3.0f}  entry {figures['entry_frames_mean']:5.2f}"
        f"  background {figures['background_masked']:.3f}  {figures['ms_beyond_network']:.1f} ms"
    )
    sys.stdout.write(row + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> None:
    """Measure every sequence and write the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m inference.training.evaluation.leaks", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with NAME.mp4 and NAME.csv")
    parser.add_argument("--json", type=Path, required=True, help="where the figures go")
    parser.add_argument("--size", choices=("s", "m"), default="s", help="size of the network")
    parser.add_argument("--frames", type=int, default=None, help="only so many frames of each sequence")
    options = parser.parse_args(arguments)
    from inference.core.masking.network import NetworkConfig, shared_network  # here: it loads OpenVINO and weights

    network = shared_network(NetworkConfig(size=options.size))
    videos = sorted(path for path in options.data.glob("*.mp4") if path.with_suffix(".csv").exists())
    if not videos:
        parser.error(f"{options.data} has no NAME.mp4 with a NAME.csv beside it")
    found: dict[str, Any] = {"network": network.fingerprint, "size": options.size}
    found["sequences"] = {video.stem: measure(video, network, options.frames) for video in videos}
    options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
