"""How much of people, screens and vehicles is covered in single pictures: network, thresholds, growth as they run.

Every picture is a stream of one frame: no hold, no look-ahead (`leaks.py` measures those). `DIR/images`: pictures,
`DIR/masks` palette PNG (0 background, 1 person, 2 screen, 3 vehicle, 255 unknown), `DIR/inst` numbers of the people,
`DIR/ann` JSON with `boxes` and COCO `keypoints`. What the data cannot tell is None.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage
from tqdm import tqdm

from inference.core.errors import CoreError
from inference.core.frames import BACKGROUND, PERSON, SCREEN, VEHICLE, Image
from inference.core.masking.base import Segmenter
from inference.core.masking.cover import to_pixels
from inference.core.masking.following import Follower
from inference.core.masking.network import NetworkConfig, Size, shared_network
from inference.core.masking.paca_seg_config import PacaSegConfig

CLASSES = (PERSON, SCREEN, VEHICLE)
COVERED, MISSED = 0.9, 0.3
"""A person is covered from this share of their pixels on, and missed below this one."""
SMALL_PX = 60
"""People below this height, in pixels of the picture scaled to 640x360, are small."""
LEAST_PX = 40
"""Instances of fewer pixels are specks of an outline, not people."""
FACE_POINTS = 5
"""Eyes, nose and ears come first of COCO's 17 keypoints."""

Map = npt.NDArray[np.uint8]


@dataclass(slots=True)
class Tally:
    """Counts over all pictures; `hit` and `wanted` by class, `people` as (share covered, is small)."""

    hit: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    wanted: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    union: float = 0.0
    false: float = 0.0
    background: float = 0.0
    people: list[tuple[float, bool]] = field(default_factory=list)
    face_hit: int = 0
    face_points: int = 0
    ms: list[float] = field(default_factory=list)


def evaluate_masking(
    data: Path, size: Size = "s", network: Segmenter | None = None, config: PacaSegConfig | None = None
) -> dict[str, float | int | None]:
    """Measure the masker on labelled pictures, one frame each.

    Args:
        data: folder with `images` and at least one of `masks`, `inst`, `ann`.
        size: working size of our own network.
        network: in its place.
        config: thresholds and dilation; those of the default masker if None.

    Returns:
        `person_pixel_recall`, `person_iou`, `people_covered_90`, `people_missed` (less than 30 % covered),
        `small_people_missed`, `false_masked_area` (background covered as a person), `face_keypoints_covered`,
        `screen_pixel_recall`, `vehicle_pixel_recall`, all 0-1; `ms_per_frame` (median, network and covering, one
        thread); `pictures`, `people`.

    Raises:
        CoreError: the folder holds no picture or a mask does not fit.
    """
    images = sorted(path for path in (data / "images").glob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not images:
        raise CoreError(f"{data / 'images'} holds no picture (.jpg, .png).")
    network = network or shared_network(NetworkConfig(size=size))
    config = config or PacaSegConfig(size=size)
    tally = Tally()
    for path in tqdm(images, unit="picture", desc="measuring", leave=False):
        with PillowImage.open(path) as opened:
            image = np.asarray(opened.convert("RGB"))
        covers = _covers(image, network, config, tally)
        _count(data, path.stem, covers, tally)
    return _result(tally, len(images))


def _covers(image: Image, network: Segmenter, config: PacaSegConfig, tally: Tally) -> list[Map]:
    """What is covered as person, screen and vehicle, each `uint8 (H, W)`, 0 or 255."""
    network.probabilities(image)  # the first picture of a shape compiles the network: not what a frame costs
    started = perf_counter()
    maps = network.probabilities(image)
    Follower(config).look(maps, 0.0).cover.cells()
    tally.ms.append((perf_counter() - started) * 1000.0)
    covers = []
    for index in range(len(CLASSES)):
        alone = np.zeros_like(maps)
        alone[index] = maps[index]
        whole = PacaSegConfig(
            threshold=config.threshold,
            threshold_low=config.threshold_low,
            dilation=config.dilation,
            vehicles="whole",  # what the network finds; how much of a vehicle is covered is a setting
        )
        cells = Follower(whole).look(alone, 0.0).cover.cells()
        covers.append(to_pixels(cells, *image.shape[:2]))
    return covers


def _count(data: Path, name: str, covers: list[Map], tally: Tally) -> None:
    mask, people, annotation = (data / part for part in (f"masks/{name}.png", f"inst/{name}.png", f"ann/{name}.json"))
    if mask.is_file():
        classes = _read(mask, covers[0].shape)
        for index, value in enumerate(CLASSES):
            tally.hit[index] += np.count_nonzero((classes == value) & (covers[index] > 0))
            tally.wanted[index] += np.count_nonzero(classes == value)
        is_background = classes == BACKGROUND
        tally.false += np.count_nonzero(is_background & (covers[0] > 0))
        tally.background += np.count_nonzero(is_background)
        is_other = (classes == SCREEN) | (classes == VEHICLE)
        tally.union += np.count_nonzero((classes == PERSON) | ((is_background | is_other) & (covers[0] > 0)))
        if people.is_file():
            _count_people(_read(people, covers[0].shape), classes, covers[0], tally)
    if annotation.is_file():
        _count_faces(json.loads(annotation.read_text(encoding="utf-8")), covers[0], tally)


def _read(path: Path, shape: tuple[int, ...]) -> Map:
    with PillowImage.open(path) as opened:
        labels = np.asarray(opened)
    if labels.shape != shape:
        raise CoreError(f"{path} is {labels.shape}, but its picture is {shape}.")
    return labels


def _count_people(numbers: Map, classes: Map, cover: Map, tally: Tally) -> None:
    height, width = cover.shape
    factor = min(640 / width, 360 / height)
    for number in np.unique(numbers):
        is_person = (numbers == number) & (classes == PERSON)
        area = np.count_nonzero(is_person)
        if number in (0, 255) or area < LEAST_PX:
            continue
        rows = np.flatnonzero(is_person.any(axis=1))
        is_small = bool((rows[-1] - rows[0] + 1) * factor < SMALL_PX)
        tally.people.append((np.count_nonzero(is_person & (cover > 0)) / area, is_small))


def _count_faces(annotation: dict[str, list[list[list[float]]]], cover: Map, tally: Tally) -> None:
    height, width = cover.shape
    for points in annotation.get("keypoints", []):
        for x, y, visibility in points[:FACE_POINTS]:
            column, row = int(x), int(y)
            if visibility == 2 and 0 <= column < width and 0 <= row < height:
                tally.face_points += 1
                tally.face_hit += int(cover[row, column] > 0)


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _result(tally: Tally, pictures: int) -> dict[str, float | int | None]:
    shares = [share for share, _ in tally.people]
    small = [share for share, is_small in tally.people if is_small]
    recalls = [_share(hit, wanted) for hit, wanted in zip(tally.hit, tally.wanted, strict=True)]
    return {
        "person_pixel_recall": recalls[0],
        "person_iou": _share(tally.hit[0], tally.union),
        "people_covered_90": _share(sum(share >= COVERED for share in shares), len(shares)),
        "people_missed": _share(sum(share < MISSED for share in shares), len(shares)),
        "small_people_missed": _share(sum(share < MISSED for share in small), len(small)),
        "false_masked_area": _share(tally.false, tally.background),
        "face_keypoints_covered": _share(tally.face_hit, tally.face_points),
        "screen_pixel_recall": recalls[1],
        "vehicle_pixel_recall": recalls[2],
        "ms_per_frame": float(np.median(tally.ms)),
        "pictures": pictures,
        "people": len(shares),
    }
