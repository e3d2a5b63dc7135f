"""Writes rendered pictures with exact masks, to train the masking network on.

`python -m inference.training.simulation.dataset --out DIR --frames N --seed S` makes `DIR/images/*.jpg` and
`DIR/masks/*.png` (palette: 0 background, 1 person, 2 screen, 3 vehicle). The same seed gives the same files.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Picture
from tqdm import tqdm

from inference.core.frames import Image
from inference.training.simulation.config import Incident, IncidentKind, LightKind, SceneConfig
from inference.training.simulation.scene import Scene

PALETTE = [0, 0, 0, 220, 40, 60, 60, 120, 240, 240, 190, 40]
FRAMES_PER_SCENE = 10
FRAME_GAP_S = 1.6
LIGHTS: tuple[LightKind, ...] = ("day", "dusk", "night")
KINDS: tuple[IncidentKind, ...] = ("fight", "dispersal", "fall", "chase")


def scene_for(seed: int, number: int) -> SceneConfig:
    """The configuration of scene `number` of a data set: empty to crowded, all lights, incidents in a third."""
    rng = np.random.default_rng([seed, number])
    people = 0 if rng.random() < 0.03 else int(np.clip(rng.lognormal(2.4, 0.6), 1, 45))
    light = LIGHTS[int(rng.choice(3, p=[0.5, 0.2, 0.3]))]
    length = FRAMES_PER_SCENE * FRAME_GAP_S
    has_incident = people > 2 and rng.random() < 0.34
    incidents = (Incident(KINDS[int(rng.integers(4))], 5.0, 8.0),) if has_incident else ()
    return SceneConfig(int(rng.integers(1 << 31)), length, fps=10.0, people=people, light=light, incidents=incidents)


def sample_scene(config: SceneConfig) -> Iterator[tuple[Image, npt.NDArray[np.uint8]]]:
    """Frames of one scene far enough apart to differ: picture and class map, both 640 x 360."""
    scene = Scene(config, render=True)
    gap = round(FRAME_GAP_S * config.fps)
    for index in range(FRAMES_PER_SCENE * gap):
        is_wanted = index % gap == gap - 1
        scene.render = is_wanted
        frame = scene.frame(index)
        if frame.image is not None:
            yield frame.image, frame.class_map


def _grade(image: Image, rng: np.random.Generator) -> Image:
    """A camera's own rendition: exposure, contrast and white balance."""
    gain = rng.uniform(0.82, 1.18) * rng.uniform(0.94, 1.06, 3)
    lift = rng.uniform(-10, 14)
    table = np.clip(np.arange(256)[:, None] * gain + lift, 0, 255)
    table = 255.0 * (table / 255.0) ** rng.uniform(0.8, 1.25)
    result: Image = cv2.LUT(image, table.astype(np.uint8).reshape(1, 256, 3)).astype(np.uint8, copy=False)
    return result


def write_dataset(out: Path, frames: int, seed: int) -> None:
    """Write `frames` pictures and masks below `out`; files that exist are overwritten."""
    images, masks = out / "images", out / "masks"
    images.mkdir(parents=True, exist_ok=True)
    masks.mkdir(parents=True, exist_ok=True)
    written, number = 0, 0
    with tqdm(total=frames, unit="picture", desc="rendering") as bar:
        while written < frames:
            rng = np.random.default_rng([seed, number, 1])
            for image, class_map in sample_scene(scene_for(seed, number)):
                if written >= frames:
                    break
                name = f"sim_{seed}_{written:06d}"
                quality = int(rng.integers(28, 93))
                Picture.fromarray(_grade(image, rng)).save(images / f"{name}.jpg", quality=quality)
                mask = Picture.fromarray(class_map, mode="P")
                mask.putpalette(PALETTE)
                mask.save(masks / f"{name}.png", optimize=False)
                written += 1
                bar.update()
            number += 1


def main() -> None:
    """Read the command line and write the data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--frames", type=int, required=True, help="how many pictures")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.frames < 1:
        parser.error(f"--frames must be at least 1, got {arguments.frames}.")
    cv2.setNumThreads(1)
    write_dataset(arguments.out, arguments.frames, arguments.seed)


if __name__ == "__main__":
    main()
