"""Text that is read in raw pictures, and still read in masked ones at the same place; number plates.

PP-OCRv4 (Apache-2.0) comes inside the optional package `rapidocr-onnxruntime`. Masking covers people, screens and the
lower part of vehicles; a sign on a wall stays readable, and is meant to. So text is told by what the human labels say
lies under it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from inference.core.frames import BACKGROUND, PERSON, SCREEN, VEHICLE, Image
from inference.training.evaluation.label_tracks import overlaps

SURE: Final = 0.7
LEAST_LETTERS: Final = 2
SAME_PLACE: Final = 0.3
SAME_WORDS: Final = 0.5
"""Likeness of letters (Ratcliff and Obershelp, 1988) from which a text counts as still read."""
PLACES: Final = {PERSON: "people", SCREEN: "screens", VEHICLE: "vehicles", BACKGROUND: "elsewhere"}


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text: `box` is xyxy in pixels."""

    words: str
    box: tuple[float, float, float, float]


Read = Callable[[Image], list[Text]]


def text_reader() -> Read | None:
    """Return what reads text in `uint8 (H, W, 3)` RGB, on one thread; None where the optional package is missing."""
    try:
        from rapidocr_onnxruntime import RapidOCR  # optional, and slow to load
    except ModuleNotFoundError:
        return None
    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def read(image: Image) -> list[Text]:
        lines, _ = engine(np.ascontiguousarray(image[..., ::-1]))
        return texts(lines or [])

    return read


def texts(lines: Sequence[Any]) -> list[Text]:
    """Keep what is surely text of several letters; `lines` are corners `(4, 2)`, words and score each."""
    found = []
    for corners, words, score in lines:
        if float(score) >= SURE and sum(letter.isalnum() for letter in words) >= LEAST_LETTERS:
            points = np.asarray(corners, np.float64)
            left, top, right, bottom = (float(value) for value in (*points.min(axis=0), *points.max(axis=0)))
            found.append(Text(str(words), (left, top, right, bottom)))
    return found


def is_still_read(text: Text, masked: Sequence[Text]) -> bool:
    """Tell whether much the same is read at the same place of the masked picture."""
    for other in masked:
        boxes = (np.array([one.box], np.float32) for one in (text, other))
        likeness = SequenceMatcher(None, text.words.casefold(), other.words.casefold()).ratio()
        if likeness >= SAME_WORDS and float(overlaps(*boxes)[0, 0]) >= SAME_PLACE:
            return True
    return False


def place(text: Text, classes: npt.NDArray[np.uint8]) -> str:
    """Return what lies under a text: the most frequent of `PLACES` in the labels `uint8 (H, W)`, or "unlabelled"."""
    left, top, right, bottom = (max(0, round(value)) for value in text.box)
    part = classes[top : max(top + 1, bottom), left : max(left + 1, right)]
    if not part.size:
        return "unlabelled"
    return PLACES.get(int(np.bincount(part.ravel(), minlength=256).argmax()), "unlabelled")
