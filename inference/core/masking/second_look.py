"""A stronger, slower opinion on one frame: whom it sees, and who of them the mask left open.

The network's word on the picture and on its mirror image, averaged. It is our own network at a larger size: better than
the masker's one pass, but of the same descent, so that **what both miss stays unseen**.
Source: test-time augmentation, Simonyan & Zisserman, 2015, arXiv:1409.1556, section 3.2.
"""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.frames import Image
from inference.core.leak_counts import Look
from inference.core.masking.base import Segmenter

REFERENCE: Final = (640, 360)
SMALLEST_PX: Final = 40.0
"""Of height in the frame scaled into 640x360: a smaller person is judged by nobody."""
SURE: Final = 0.6
"""Probability from which a pixel is called a person's."""
ENOUGH: Final = 0.9
"""Of a region's pixels; with fewer covered, the person was left open."""

Pixels = npt.NDArray[np.bool_]


def look(raw: Image, masked: Image, network: Segmenter) -> Look:
    """Compare whom `network` sees in a raw picture with what its masked one really covers.

    Args:
        raw: `uint8 (H, W, 3)` RGB.
        masked: the same frame as it was shown.
        network: the second opinion.

    Raises:
        MaskingError: the network cannot run.
    """
    seen = regions(raw, [network])
    covered = covered_pixels(raw, masked) if seen else np.ones(raw.shape[:2], np.bool_)
    return Look(len(seen), sum(is_open(region, covered) for region in seen))


def covered_pixels(raw: Image, masked: Image) -> Pixels:
    """Return `bool (H, W)`: where the picture shown is another than the raw one, whatever the style of covering."""
    return np.asarray((raw != masked).any(axis=2), np.bool_)


def is_open(region: Pixels, covered: Pixels) -> bool:
    """Whether less than `ENOUGH` of a region is covered."""
    return bool(covered[region].mean() < ENOUGH)


def tall_px(height: float, image: Image) -> float:
    """Return a height in `image` as it is in the frame scaled into 640x360."""
    return float(height * min(REFERENCE[0] / image.shape[1], REFERENCE[1] / image.shape[0]))


def regions(image: Image, networks: Sequence[Segmenter]) -> list[Pixels]:
    """Return what the networks' mean over the picture and its mirror image calls people, `bool (H, W)` each.

    Args:
        image: `uint8 (H, W, 3)` RGB.
        networks: whose answers are averaged.
    """
    height, width = image.shape[:2]
    mirrored = np.ascontiguousarray(image[:, ::-1])
    maps = []
    for network in networks:
        maps.append(cv2.resize(network.probabilities(image)[0], (width, height), interpolation=cv2.INTER_LINEAR))
        flipped = np.ascontiguousarray(network.probabilities(mirrored)[0][:, ::-1])
        maps.append(cv2.resize(flipped, (width, height), interpolation=cv2.INTER_LINEAR))
    is_person = (np.mean(maps, axis=0) > SURE).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(is_person, connectivity=8)
    tall = [at for at in range(1, count) if tall_px(stats[at, cv2.CC_STAT_HEIGHT], image) >= SMALLEST_PX]
    return [np.asarray(labels == at, np.bool_) for at in tall]
