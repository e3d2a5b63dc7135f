"""Pictures with human labels, and the frames that a camera would deliver of them: letterboxed, or four in one.

`DIR/images`: pictures, `DIR/masks` palette PNG (0 background, 1 person, 2 screen, 3 vehicle, 255 unknown), `DIR/inst`
numbers of the people, `DIR/ann` JSON with COCO `keypoints`. A part that is missing makes its pixels unknown.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from inference.core.errors import CoreError
from inference.core.frames import BACKGROUND, PERSON, Image

UNKNOWN: Final = 255
LEAST_PX: Final = 40
"""Instances of fewer pixels in their own picture are specks of an outline, not people."""
FACE_POINTS: Final = 5
"""Eyes, nose and ears come first of COCO's 17 keypoints."""
VISIBLE: Final = 2
GREY: Final = 114
REFERENCE: Final = (640, 360)
"""Heights of people are given in pixels of this frame, whatever the size of the network."""
FRAMES: Final = {"s": (640, 360), "m": (960, 540)}
"""Width and height of the frame that every picture is letterboxed into."""
MOSAIC_SEED: Final = 3

Classes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Figure:
    """One labelled person.

    Attributes:
        number: value of their pixels in `LabelledFrame.numbers`.
        height_px: in pixels of the 640x360 frame.
        light: mean brightness of their picture, 0-255.
        crowd: people counted in their picture.
        is_cut: touches the border of the picture.
        is_beside: touches another person.
    """

    number: int
    height_px: float
    light: float
    crowd: int
    is_cut: bool
    is_beside: bool


@dataclass(frozen=True, slots=True)
class LabelledFrame:
    """What a network is shown, and what is known of it.

    Attributes:
        image: `uint8 (H, W, 3)` RGB.
        classes: `uint8 (H, W)`, class values, 255 unknown.
        numbers: `int32 (H, W)`, numbers of the people, 0 nobody.
        figures: the people that count.
        faces: `float64 (N, 2)`, x and y in pixels of visible eyes, noses and ears.
    """

    image: Image = field(repr=False)
    classes: Classes = field(repr=False)
    numbers: Numbers = field(repr=False)
    figures: tuple[Figure, ...] = field(repr=False)
    faces: npt.NDArray[np.float64] = field(repr=False)


def labelled_pictures(data: Path) -> list[Path]:
    """Return the pictures of a folder of labels, in a fixed order.

    Raises:
        CoreError: there is none.
    """
    images = sorted(path for path in (data / "images").glob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not images:
        raise CoreError(f"{data / 'images'} holds no picture (.jpg, .png).")
    return images


def read_picture(data: Path, picture: Path) -> LabelledFrame:
    """Read one picture with its labels, at its own size.

    Raises:
        CoreError: a mask does not fit.
    """
    name = f"{picture.stem}.png"
    image = np.asarray(_open(picture, "RGB"))
    shape = image.shape[:2]
    classes = _labels(data / "masks" / name, shape)
    classes = np.full(shape, UNKNOWN, np.uint8) if classes is None else classes
    given = _labels(data / "inst" / name, shape)
    numbers = np.zeros(shape, np.int32) if given is None else np.where(given == UNKNOWN, 0, given).astype(np.int32)
    numbers[classes != PERSON] = 0
    annotation = data / "ann" / f"{picture.stem}.json"
    faces = _faces(annotation, shape) if annotation.is_file() else np.empty((0, 2))
    return LabelledFrame(image, classes, numbers, _figures(image, numbers), faces)


def _open(path: Path, mode: str | None = None) -> PillowImage.Image:
    with PillowImage.open(path) as opened:
        opened.load()
        return opened.convert(mode) if mode else opened


def _labels(path: Path, shape: tuple[int, ...]) -> Classes | None:
    if not path.is_file():
        return None
    labels = np.asarray(_open(path))
    if labels.shape != shape:
        raise CoreError(f"{path} is {labels.shape}, but its picture is {shape}.")
    return labels


def _faces(path: Path, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    people = json.loads(path.read_text(encoding="utf-8")).get("keypoints", [])
    points = [(x, y) for points in people for x, y, visibility in points[:FACE_POINTS] if visibility == VISIBLE]
    inside = [(x, y) for x, y in points if 0 <= int(x) < shape[1] and 0 <= int(y) < shape[0]]
    return np.array(inside, np.float64).reshape(-1, 2)


def _figures(image: Image, numbers: Numbers) -> tuple[Figure, ...]:
    height, width = numbers.shape
    factor = min(REFERENCE[0] / width, REFERENCE[1] / height)
    light = float(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).mean())
    counted = [int(one) for one in np.unique(numbers) if one and np.count_nonzero(numbers == one) >= LEAST_PX]
    figures = []
    for number in counted:
        is_person = numbers == number
        rows, columns = np.flatnonzero(is_person.any(axis=1)), np.flatnonzero(is_person.any(axis=0))
        around = cv2.dilate(is_person.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        figures.append(
            Figure(
                number=number,
                height_px=float((rows[-1] - rows[0] + 1) * factor),
                light=light,
                crowd=len(counted),
                is_cut=bool(min(rows[0], columns[0]) == 0 or rows[-1] == height - 1 or columns[-1] == width - 1),
                is_beside=bool(((numbers > 0) & ~is_person & around).any()),
            )
        )
    return tuple(figures)


def letterbox(picture: LabelledFrame, size: tuple[int, int]) -> LabelledFrame:
    """Return the picture as large as fits into a frame of `size` (width, height), top left, the rest grey.

    The rest is background where the picture's pixels are labelled at all: a mask there is as false as elsewhere.
    """
    width, height = size
    rows, columns = picture.classes.shape
    factor = min(width / columns, height / rows)
    scaled = max(1, round(columns * factor)), max(1, round(rows * factor))
    is_labelled = bool((picture.classes != UNKNOWN).any())
    image = np.full((height, width, 3), GREY, np.uint8)
    classes = np.full((height, width), BACKGROUND if is_labelled else UNKNOWN, np.uint8)
    numbers = np.zeros((height, width), np.int32)
    inside = slice(0, scaled[1]), slice(0, scaled[0])
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    image[inside] = cv2.resize(picture.image, scaled, interpolation=how)
    classes[inside] = cv2.resize(picture.classes, scaled, interpolation=cv2.INTER_NEAREST)
    numbers[inside] = cv2.resize(picture.numbers, scaled, interpolation=cv2.INTER_NEAREST)
    return LabelledFrame(image, classes, numbers, picture.figures, picture.faces * factor)


def mosaic(pictures: Sequence[LabelledFrame], size: tuple[int, int]) -> LabelledFrame:
    """Return up to four pictures in one frame of `size` (width, height): people are half as tall as alone."""
    width, height = size[0] // 2, size[1] // 2
    image = np.full((2 * height, 2 * width, 3), GREY, np.uint8)
    classes = np.full((2 * height, 2 * width), UNKNOWN, np.uint8)
    numbers = np.zeros((2 * height, 2 * width), np.int32)
    figures: list[Figure] = []
    faces = [np.empty((0, 2))]
    for index, picture in enumerate(pictures):
        tile = letterbox(picture, (width, height))
        top, left = (index // 2) * height, (index % 2) * width
        place = slice(top, top + height), slice(left, left + width)
        first = 1000 * index  # the numbers of one picture are below 255
        image[place], classes[place] = tile.image, tile.classes
        numbers[place] = np.where(tile.numbers > 0, tile.numbers + first, 0)
        figures += [replace(one, number=one.number + first, height_px=one.height_px / 2) for one in tile.figures]
        faces.append(tile.faces + np.array([left, top]))
    return LabelledFrame(image, classes, numbers, tuple(figures), np.concatenate(faces))


def camera_frames(data: Path, size: tuple[int, int], is_mosaic: bool = False) -> Iterator[LabelledFrame]:
    """Yield every picture as a frame of `size` (width, height), or four by four in an order fixed by a seed.

    Raises:
        CoreError: the folder holds no picture or a mask does not fit.
    """
    images = labelled_pictures(data)
    if not is_mosaic:
        for path in images:
            yield letterbox(read_picture(data, path), size)
        return
    order = np.random.default_rng(MOSAIC_SEED).permutation(len(images))
    for start in range(0, len(images), 4):
        yield mosaic([read_picture(data, images[at]) for at in order[start : start + 4]], size)
