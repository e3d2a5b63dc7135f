"""Empty scenes from clips of fixed cameras: the median over time, with doubtful places marked as unknown.

People who walk vanish from a median; people who stand still do not. So a teacher network looks at the median, and what
it takes for a person is unknown (255) instead of "not a person"; screens and vehicles were not looked for at all.

`python -m inference.training.masking.backgrounds --clips DIR --out DIR` takes our own shipped network as the teacher.
"""

import argparse
import logging
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from inference.core.frames import Image

log = logging.getLogger(__name__)

PersonMap = Callable[[Image], npt.NDArray[np.float32]]
"""Image to the probability of a person, `float32 (h, w)` over the whole image."""

_DOUBTFUL = 0.15


def median_of(clip: Path, frames: int = 25) -> tuple[Image, float]:
    """The median of up to `frames` frames spread over `clip`, and how much the camera moves (mean absolute spread)."""
    with av.open(str(clip)) as container:
        stack = []
        for frame in container.decode(video=0):
            image = frame.to_ndarray(format="rgb24")
            factor = min(1.0, 640 / image.shape[1])
            size = (round(image.shape[1] * factor), round(image.shape[0] * factor))
            stack.append(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
            if len(stack) >= 400:
                break
    chosen = np.stack(stack)[np.unique(np.linspace(0, len(stack) - 1, frames).round().astype(int))]
    median = np.median(chosen, axis=0).astype(np.uint8)
    spread = float(np.median(np.abs(chosen.astype(np.int16) - median).mean(axis=3), axis=0).mean())
    return np.ascontiguousarray(median), spread


def make_backgrounds(clips: list[Path], out: Path, person_map: PersonMap, *, steadiest: float = 6.0) -> int:
    """Write `out/images` and `out/masks` (0, or 255 where the teacher sees somebody); return how many.

    Args:
        clips: videos of fixed cameras.
        out: a palette-mask folder is made there.
        person_map: the teacher.
        steadiest: clips whose frames differ more from their median (grey levels) come from moving cameras: skipped.
    """
    for name in ("images", "masks"):
        (out / name).mkdir(parents=True, exist_ok=True)
    written = 0
    for clip in clips:
        median, spread = median_of(clip)
        if spread > steadiest:
            log.info("%s moves too much (%.1f): skipped", clip.name, spread)
            continue
        doubt = person_map(median)
        height, width = median.shape[:2]
        is_doubtful = cv2.resize(doubt, (width, height), interpolation=cv2.INTER_LINEAR) > _DOUBTFUL
        wide = cv2.dilate(is_doubtful.astype(np.uint8), np.ones((9, 9), np.uint8))
        name = f"{clip.parent.name}_{clip.stem}"
        PillowImage.fromarray(median).save(out / "images" / f"{name}.jpg", quality=92)
        PillowImage.fromarray((wide * 255).astype(np.uint8)).save(out / "masks" / f"{name}.png")
        written += 1
    return written


def main() -> None:
    """Make backgrounds of every clip below the given folders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=Path, nargs="+", required=True, help="folders with *.mp4, searched through")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    from inference.core.masking.network import NetworkConfig, shared_network  # here: it loads OpenVINO and weights

    network = shared_network(NetworkConfig(size="m"))
    clips = sorted(clip for folder in options.clips for clip in folder.rglob("*.mp4"))
    count = make_backgrounds(clips, options.out, lambda image: network.probabilities(image)[0])
    log.info("%d backgrounds from %d clips", count, len(clips))


if __name__ == "__main__":
    main()
