"""Labelled pictures: palette-mask folders, the published COCO layout, simulator folders, empty scenes.

Every picture is read into `Labelled`: the image and one plane per class with 0 (not this class), 1 (this class) and
255 (unknown). Unknown is not zero: where a source labelled people only, it says nothing about screens and vehicles.
"""

import csv
import functools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from inference.core.errors import CoreError
from inference.core.frames import PERSON, SCREEN, VEHICLE, Image

Plane = npt.NDArray[np.uint8]
UNKNOWN = 255
CLASSES = (PERSON, SCREEN, VEHICLE)
CLASS_NAMES = ("person", "screen", "vehicle")
_COCO_CLASSES = {
    "person": PERSON,
    "tv": SCREEN,
    "laptop": SCREEN,
    "cell phone": SCREEN,
    "car": VEHICLE,
    "bus": VEHICLE,
    "truck": VEHICLE,
    "motorcycle": VEHICLE,
}


class DataError(CoreError):
    """Training data is absent or is not what its layout promises."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture and what is known about it.

    Attributes:
        image: `uint8 (H, W, 3)` RGB.
        planes: `uint8 (3, H, W)`, person, screen, vehicle: 0, 1 or 255 (unknown).
    """

    image: Image = field(repr=False)
    planes: Plane = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture on disk: an image with a palette mask or with COCO annotations."""

    image: Path
    labelled: tuple[bool, bool, bool]
    mask: Path | None = None
    annotations: tuple[dict[str, Any], ...] = field(default=(), repr=False, compare=False, hash=False)


@dataclass(frozen=True, slots=True)
class Source:
    """One set of pictures as the configuration names it.

    Attributes:
        name: for logs and the manifest.
        entries: its pictures.
        weight: how often it is drawn, relative to the other sources.
        is_cut_outs: people, screens and vehicles are cut out of it and pasted elsewhere (labels must be exact).
        is_background: people are pasted onto its pictures (empty scenes).
    """

    name: str
    entries: tuple[Entry, ...] = field(repr=False)
    weight: float
    is_cut_outs: bool = False
    is_background: bool = False


def read_source(settings: dict[str, Any], root: Path) -> Source:
    """Read one `[[data]]` table of the configuration.

    Args:
        settings: `path` (a folder with images/ and masks/, or `instances_*.json`), `weight`, and optionally `images`
            (folder of a COCO file), `labelled`, `cut_outs`, `background`.
        root: what relative paths stand on.

    Raises:
        DataError: the folder or file is absent, empty or of no known layout.
    """
    path = root / settings["path"]
    if not path.exists():
        raise DataError(f"Training data {path} does not exist.")
    if path.suffix == ".json":
        entries = _read_coco(path, root / settings.get("images", path.stem.replace("instances_", "")))
    else:
        entries = _read_folder(path, settings.get("labelled"))
    if not entries:
        raise DataError(f"Training data {path} holds no labelled picture.")
    return Source(
        name=str(settings["path"]),
        entries=tuple(entries),
        weight=float(settings.get("weight", 1.0)),
        is_cut_outs=bool(settings.get("cut_outs", False)),
        is_background=bool(settings.get("background", False)),
    )


def _read_folder(folder: Path, labelled: list[str] | None) -> list[Entry]:
    """Pair images/ with masks/; what is labelled comes from the configuration or from `MANIFEST.csv` two levels up."""
    known: dict[str, str] = {}
    manifest = folder.parent.parent / "MANIFEST.csv"
    if labelled is None and manifest.is_file():
        with manifest.open(newline="", encoding="utf-8") as file:
            known = {row["file"]: row["classes_labelled"] for row in csv.DictReader(file)}
    entries = []
    for mask in sorted((folder / "masks").glob("*.png")):
        images = [folder / "images" / (mask.stem + suffix) for suffix in (".jpg", ".png")]
        image = next((candidate for candidate in images if candidate.is_file()), None)
        if image is None:
            raise DataError(f"{mask} has no picture beside it in {folder / 'images'}.")
        words = known.get(str(image.relative_to(manifest.parent)), "") if known else ""
        given = labelled if labelled is not None else (list(CLASS_NAMES) if not words else _words_to_classes(words))
        entries.append(Entry(image=image, mask=mask, labelled=_flags(given)))
    return entries


def _words_to_classes(words: str) -> list[str]:
    return [name for name in CLASS_NAMES if name in words]


def _flags(names: list[str]) -> tuple[bool, bool, bool]:
    return ("person" in names, "screen" in names, "vehicle" in names)


def _read_coco(path: Path, images: Path) -> list[Entry]:
    """The layout published at cocodataset.org: `images`, `annotations`, `categories` in one JSON file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    classes = {c["id"]: _COCO_CLASSES[c["name"]] for c in content["categories"] if c["name"] in _COCO_CLASSES}
    found: dict[int, list[dict[str, Any]]] = {}
    for annotation in content["annotations"]:
        if annotation["category_id"] in classes:
            kept = {**annotation, "class": classes[annotation["category_id"]]}
            found.setdefault(annotation["image_id"], []).append(kept)
    labelled = tuple(c in classes.values() for c in CLASSES)
    return [
        Entry(
            image=images / picture["file_name"],
            labelled=(labelled[0], labelled[1], labelled[2]),
            annotations=tuple(found.get(picture["id"], ())),
        )
        for picture in content["images"]
        if (images / picture["file_name"]).is_file()
    ]


def _coco_class_map(entry: Entry, height: int, width: int) -> Plane:
    """Draw the annotations; crowds (one outline around many) are unknown, as their outline is not a person's."""
    drawn = np.zeros((height, width), np.uint8)
    for annotation in sorted(entry.annotations, key=lambda a: (a.get("iscrowd", 0), -float(a.get("area", 0)))):
        outline = annotation.get("segmentation")
        if annotation.get("iscrowd"):
            x, y, w, h = (round(v) for v in annotation["bbox"])
            window = drawn[max(0, y) : y + h, max(0, x) : x + w]
            window[window == 0] = UNKNOWN
        elif isinstance(outline, list):
            polygons = [np.asarray(p, np.float32).reshape(-1, 2).round().astype(np.int32) for p in outline]
            cv2.fillPoly(drawn, polygons, int(annotation["class"]))
    return drawn


def load(entry: Entry) -> Labelled:
    """Read one picture and its planes.

    Raises:
        DataError: a file cannot be read or picture and mask differ in size.
    """
    image = np.asarray(PillowImage.open(entry.image).convert("RGB"))
    if entry.mask is None:
        class_map = _coco_class_map(entry, *image.shape[:2])
    else:
        with PillowImage.open(entry.mask) as opened:
            class_map = np.asarray(opened)
    if class_map.shape != image.shape[:2]:
        raise DataError(f"{entry.image} is {image.shape[:2]} but its mask is {class_map.shape}.")
    return Labelled(image=image, planes=to_planes(class_map, entry.labelled))


@functools.lru_cache(maxsize=2600)
def load_once(entry: Entry) -> Labelled:
    """`load`, kept in memory (about 1 MB a picture): a crop must cost less than the step that learns from it."""
    return load(entry)


def to_planes(class_map: Plane, labelled: tuple[bool, bool, bool]) -> Plane:
    """`uint8 (H, W)` class map to `uint8 (3, H, W)` planes.

    A pixel of one class is known not to be of the others, whatever was labelled; everything else of a class that
    was not labelled is unknown.
    """
    planes = np.empty((3, *class_map.shape), np.uint8)
    for index, value in enumerate(CLASSES):
        meaning = np.zeros(256, np.uint8)
        meaning[0] = 0 if labelled[index] else UNKNOWN
        meaning[value], meaning[UNKNOWN] = 1, UNKNOWN
        planes[index] = meaning[class_map]
    return planes


@dataclass(frozen=True, slots=True)
class CutOut:
    """One object without its background: `rgba uint8 (h, w, 4)` and its class index (0 person, 1 screen, 2 vehicle)."""

    rgba: npt.NDArray[np.uint8] = field(repr=False)
    index: int


_LEAST_CUT_OUT_PX = (56, 20, 28)
"""Smaller objects are not worth enlarging: height for people, longer side for screens and vehicles."""


def cut_outs(sources: list[Source]) -> list[CutOut]:
    """Every connected object of the exactly labelled sources that is large enough to be pasted elsewhere."""
    found = []
    for source in sources:
        if source.is_cut_outs:
            for entry in source.entries:
                found.extend(_cut(load(entry)))
    return found


def _cut(labelled: Labelled) -> list[CutOut]:
    pieces = []
    for index in range(3):
        count, pieces_map, stats, _ = cv2.connectedComponentsWithStats((labelled.planes[index] == 1).astype(np.uint8))
        for label in range(1, count):
            x, y, w, h, area = (int(v) for v in stats[label])
            side = h if index == 0 else max(w, h)
            if side < _LEAST_CUT_OUT_PX[index] or area < 0.12 * w * h or (index == 0 and w > 1.6 * h):
                continue
            alpha = (pieces_map[y : y + h, x : x + w] == label).astype(np.uint8) * 255
            rgba = np.dstack([labelled.image[y : y + h, x : x + w], alpha])
            if side > 320:
                factor = 320 / side
                size = (max(1, round(w * factor)), max(1, round(h * factor)))
                rgba = cv2.resize(rgba, size, interpolation=cv2.INTER_AREA)
            pieces.append(CutOut(rgba=np.ascontiguousarray(rgba), index=index))
    return pieces
