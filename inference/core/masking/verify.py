"""The last look at what a masker gives back, before anybody sees it.

It does not judge how well people were found. It catches what can be known without a network: a result for another
frame, of another size, with the pixels of another frame, or with people named but not covered.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from inference.core.frames import PERSON, SCREEN, VEHICLE, Image, MaskedFrame, RawFrame

STEP: Final = 6
"""Every sixth pixel each way: enough to tell, a fraction of a millisecond."""

ENOUGH: Final = 12
"""Samples needed for a judgement; noise and chance stay below."""


def reason_to_refuse(given: Any, raw: RawFrame, others: Sequence[RawFrame]) -> str:
    """Return why `given` cannot be the masked `raw`; empty if it can.

    Args:
        given: what the masker returned; should be a `MaskedFrame`.
        raw: the frame that is due.
        others: raw frames before and after, whose pixels must not appear in its place.
    """
    if not isinstance(given, MaskedFrame):
        return f"the masker gave a {type(given).__name__}"
    if given.index != raw.index:
        return "the masker gave another frame than the one due"
    if given.image.shape != raw.image.shape:
        return "the masked picture has another size"
    same_times = given.pts_s == raw.pts_s and given.captured_at == raw.captured_at
    if not same_times or given.discontinuity != raw.discontinuity:
        return "the masked picture carries another time"
    if np.may_share_memory(given.image, raw.image):
        return "the masked picture is the raw one"
    if given.withheld:
        is_flat = bool((given.image == given.image[0, 0]).all())
        return "" if is_flat else "a withheld picture shows something"
    if given.class_map.size == 0 or given.class_map.max() > VEHICLE:
        return "the class map has unknown classes"
    if _is_of_another(given.image, raw.image, others):
        return "the masked picture shows another frame"
    if _is_uncovered(given, raw.image):
        return "people are named but not covered"
    return ""


def _samples(image: Image) -> npt.NDArray[np.uint32]:
    """Return every `STEP`th pixel as one number, `uint32 (h, w)`: equal only if all three colours are."""
    few = image[::STEP, ::STEP].astype(np.uint32)
    return np.asarray((few[..., 0] << 16) | (few[..., 1] << 8) | few[..., 2], np.uint32)


def _is_of_another(image: Image, own: Image, others: Sequence[RawFrame]) -> bool:
    """Tell whether, where two raw frames differ, the picture rather agrees with the wrong one."""
    shown = _samples(image)
    is_like_own = shown == _samples(own)
    for other in others:
        if other.image.shape != own.shape:
            continue
        is_like_other = shown == _samples(other.image)
        only_other = int(np.count_nonzero(is_like_other & ~is_like_own))
        only_own = int(np.count_nonzero(is_like_own & ~is_like_other))
        if only_other >= ENOUGH and only_other > only_own:
            return True
    return False


def _is_uncovered(given: MaskedFrame, raw: Image) -> bool:
    """Tell whether most of what the class map calls a person or a screen is still the raw picture.

    Only textured places count: a flat one may look the same before and after.
    """
    rows, columns = given.class_map.shape
    row, column = np.nonzero((given.class_map == PERSON) | (given.class_map == SCREEN))
    if len(row) < ENOUGH or min(raw.shape[:2]) < 2:
        return False
    y = np.minimum((2 * row + 1) * raw.shape[0] // (2 * rows), raw.shape[0] - 2)
    x = np.minimum((2 * column + 1) * raw.shape[1] // (2 * columns), raw.shape[1] - 2)
    textured = (raw[y, x] != raw[y + 1, x + 1]).any(axis=1)
    bare = (given.image[y, x] == raw[y, x]).all(axis=1) & textured
    return bool(np.count_nonzero(bare) > max(ENOUGH, 0.5 * np.count_nonzero(textured)))
