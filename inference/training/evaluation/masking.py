"""How much of people, screens and vehicles is covered in single pictures: network, thresholds, growth as they run.

Every picture is a stream of one frame: no hold, no look-ahead (`leaks.py` measures those). Every network gets the same
frame: the picture letterboxed (grey, top left) into 640x360 (size s) or 960x540 (size m), as a camera would deliver it,
and the letterbox is background. What the data cannot tell is None.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from inference.core.frames import BACKGROUND, PERSON, SCREEN, VEHICLE
from inference.core.masking.base import Probabilities, Segmenter
from inference.core.masking.cover import to_pixels
from inference.core.masking.following import Follower
from inference.core.masking.network import NetworkConfig, Size, shared_network
from inference.core.masking.paca_seg_config import PacaSegConfig
from inference.training.evaluation.labelled_pictures import (
    FRAMES,
    LabelledFrame,
    camera_frames,
    labelled_pictures,
    read_picture,
)
from inference.training.evaluation.strata import COVERED, MISSED, Interval, Outcome, ratio_interval, share, stratify

CLASSES = (PERSON, SCREEN, VEHICLE)
SMALL_PX = 60
"""People below this height, in pixels of the picture scaled to 640x360, are small."""

Map = npt.NDArray[np.uint8]


@dataclass(slots=True)
class Tally:
    """Counts of pixels, one row per frame; `hit` and `wanted` by class."""

    hit: list[list[int]] = field(default_factory=list)
    wanted: list[list[int]] = field(default_factory=list)
    union: list[int] = field(default_factory=list)
    false: list[int] = field(default_factory=list)
    background: list[int] = field(default_factory=list)
    face_hit: list[int] = field(default_factory=list)
    face_points: list[int] = field(default_factory=list)
    people: list[Outcome] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)


def evaluate_masking(
    data: Path,
    size: Size = "s",
    network: Segmenter | None = None,
    config: PacaSegConfig | None = None,
    is_mosaic: bool = False,
) -> dict[str, Any]:
    """Measure the masker on labelled pictures, one frame each.

    Args:
        data: folder with `images` and at least one of `masks`, `inst`, `ann`.
        size: working size of our own network, and of the frame.
        network: in its place.
        config: thresholds and dilation; those of the default masker if None.
        is_mosaic: four pictures in one frame, people half as tall.

    Returns:
        `person_pixel_recall`, `person_iou`, `people_covered_90`, `people_missed` (less than 30 % covered),
        `small_people_missed`, `false_masked_area` (share of the frame's background, letterbox included, that is covered
        as a person), `face_keypoints_covered`, `screen_pixel_recall`, `vehicle_pixel_recall`, all 0-1; `ms_per_frame`
        (median, network and covering, one thread), `cpu_ms_per_frame` (the same as CPU time, which a busy machine
        stretches less); `pictures`, `people`. Beside them the first, third, fourth and sixth as `picture_*`:
        every picture at its own aspect, scaled to the working size's number of pixels, measured against its own
        background only (None for mosaics). `intervals`: 95 % bootstraps over frames of the main keys. `strata`:
        by height, light, crowding, occlusion (see `strata.py`). A person counts from 40 pixels on.

    Raises:
        CoreError: the folder holds no picture or a mask does not fit.
    """
    images = labelled_pictures(data)
    network = network or shared_network(NetworkConfig(size=size))
    config = config or PacaSegConfig(size=size)
    frames = camera_frames(data, FRAMES[size], is_mosaic)
    tally = _tally(tqdm(frames, unit="frame", desc="measuring", leave=False), network, config)
    found = _result(tally)
    own: dict[str, float | None] = {}
    if not is_mosaic:
        pictures = (read_picture(data, path) for path in images)
        own = _result(_tally(tqdm(pictures, unit="picture", desc="own aspect", leave=False), network, config))
    keys = ("person_pixel_recall", "people_covered_90", "people_missed", "false_masked_area")
    return {
        **found,
        "ms_per_frame": float(np.median(tally.ms)),
        "cpu_ms_per_frame": float(np.median(tally.cpu_ms)),
        "pictures": len(images),
        "people": len(tally.people),
        **{f"picture_{key}": own.get(key) for key in keys},
        "network": network.fingerprint,
        "size": size,
        "frame": "{}x{}".format(*FRAMES[size]) + (", 2x2 mosaics" if is_mosaic else ""),
        "intervals": _intervals(tally),
        "strata": stratify(tally.people),
    }


def _tally(frames: Iterator[LabelledFrame], network: Segmenter, config: PacaSegConfig) -> Tally:
    tally = Tally()
    for index, frame in enumerate(frames):
        if not tally.ms:
            network.probabilities(frame.image)  # the first picture of a shape compiles: not what a frame costs
        started, cpu_started = perf_counter(), process_time()
        maps = network.probabilities(frame.image)
        Follower(config).look(maps, 0.0).cover.cells()
        tally.ms.append((perf_counter() - started) * 1000.0)
        tally.cpu_ms.append((process_time() - cpu_started) * 1000.0)
        _count(index, frame, _covers(maps, frame.classes.shape, config), tally)
    return tally


def _covers(maps: Probabilities, shape: tuple[int, ...], config: PacaSegConfig) -> list[Map]:
    """What is covered as person, screen and vehicle, each `uint8 (H, W)`, 0 or 255."""
    whole = replace(config, vehicles="whole")  # what the network finds; how much of a vehicle is covered is a setting
    covers = []
    for index in range(len(CLASSES)):
        alone = np.zeros_like(maps)
        alone[index] = maps[index]
        covers.append(to_pixels(Follower(whole).look(alone, 0.0).cover.cells(), shape[0], shape[1]))
    return covers


def _pixels(chosen: npt.NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(chosen))


def _count(index: int, frame: LabelledFrame, covers: list[Map], tally: Tally) -> None:
    classes, is_covered = frame.classes, covers[0] > 0
    is_class = [classes == value for value in CLASSES]
    tally.hit.append([_pixels(is_it & (cover > 0)) for is_it, cover in zip(is_class, covers, strict=True)])
    tally.wanted.append([_pixels(is_it) for is_it in is_class])
    is_background = classes == BACKGROUND
    tally.false.append(_pixels(is_background & is_covered))
    tally.background.append(_pixels(is_background))
    is_known_other = is_background | is_class[1] | is_class[2]
    tally.union.append(_pixels(is_class[0] | (is_known_other & is_covered)))
    for figure in frame.figures:
        is_person = frame.numbers == figure.number
        if area := _pixels(is_person):  # a speck may fall between the pixels of the frame
            tally.people.append(Outcome(index, figure, _pixels(is_person & is_covered), area))
    columns, rows = frame.faces.astype(int).T
    tally.face_points.append(len(frame.faces))
    tally.face_hit.append(_pixels(is_covered[rows, columns]))


def _result(tally: Tally) -> dict[str, float | None]:
    shares = [one.share for one in tally.people]
    small = [one.share for one in tally.people if one.figure.height_px < SMALL_PX]
    hit, wanted = np.sum(tally.hit, axis=0), np.sum(tally.wanted, axis=0)
    recalls = [share(float(part), float(whole)) for part, whole in zip(hit, wanted, strict=True)]
    return {
        "person_pixel_recall": recalls[0],
        "person_iou": share(float(hit[0]), float(sum(tally.union))),
        "people_covered_90": share(sum(one >= COVERED for one in shares), len(shares)),
        "people_missed": share(sum(one < MISSED for one in shares), len(shares)),
        "small_people_missed": share(sum(one < MISSED for one in small), len(small)),
        "false_masked_area": share(sum(tally.false), sum(tally.background)),
        "face_keypoints_covered": share(sum(tally.face_hit), sum(tally.face_points)),
        "screen_pixel_recall": recalls[1],
        "vehicle_pixel_recall": recalls[2],
    }


def _intervals(tally: Tally) -> dict[str, Interval]:
    hit, wanted = np.array(tally.hit), np.array(tally.wanted)
    at = np.array([one.frame for one in tally.people], np.int64)
    shares = np.array([one.share for one in tally.people])
    people = np.bincount(at, minlength=len(hit))
    covered, missed = (
        np.bincount(at, weights=chosen, minlength=len(hit)) for chosen in (shares >= COVERED, shares < MISSED)
    )
    return {
        "person_pixel_recall": ratio_interval(hit[:, 0], wanted[:, 0]),
        "people_covered_90": ratio_interval(covered, people),
        "people_missed": ratio_interval(missed, people),
        "false_masked_area": ratio_interval(tally.false, tally.background),
        "face_keypoints_covered": ratio_interval(tally.face_hit, tally.face_points),
        "screen_pixel_recall": ratio_interval(hit[:, 1], wanted[:, 1]),
        "vehicle_pixel_recall": ratio_interval(hit[:, 2], wanted[:, 2]),
    }
