"""Make one training crop: a view of a picture, a mosaic of small views, or people pasted onto an empty scene.

Source: mosaics as in Bochkovskiy et al., arXiv 2004.10934; pasting as in Ghiasi et al., CVPR 2021 (copy-paste); heights
fall off with the distance from an assumed horizon, so that a pasted crowd stands in perspective.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from inference.core.frames import Image
from inference.training.masking.augment import Random, occlude, photometric
from inference.training.masking.data import UNKNOWN, CutOut, Entry, Labelled, Plane, Source, load_once

Matrix = npt.NDArray[np.float64]

GREY = 114
"""What the running network sees beside the picture (letterbox)."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What crops are made from."""

    sources: tuple[Source, ...]
    people: tuple[CutOut, ...] = field(repr=False)
    screens: tuple[CutOut, ...] = field(repr=False)
    vehicles: tuple[CutOut, ...] = field(repr=False)
    empty: tuple[Entry, ...] = field(default=(), repr=False)
    rare: tuple[tuple[Entry, int], ...] = field(default=(), repr=False)
    """Exactly labelled pictures that show nobody, and those that show a screen (1) or a vehicle (2)."""


def draw_entry(sources: Sequence[Source], random: Random) -> Entry:
    """A picture of a source drawn by weight."""
    weights = np.array([source.weight for source in sources])
    source = sources[int(random.choice(len(sources), p=weights / weights.sum()))]
    return source.entries[int(random.integers(0, len(source.entries)))]


def view(labelled: Labelled, size: int, random: Random, heights: tuple[float, float], index: int = 0) -> Labelled:
    """A square view; its chosen object of class `index` is `heights` px tall (log-uniform), turned and mirrored."""
    height, width = labelled.image.shape[:2]
    count, _, stats, centres = cv2.connectedComponentsWithStats((labelled.planes[index] == 1).astype(np.uint8))
    large = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= 40]
    if large and random.random() < 0.9:
        chosen = large[int(random.integers(0, len(large)))]
        wanted = float(np.exp(random.uniform(np.log(heights[0]), np.log(heights[1]))))
        scale = wanted / float(stats[chosen, cv2.CC_STAT_HEIGHT])
        x, y = centres[chosen]
        shift = random.uniform(-0.4, 0.4, 2) * size
    else:
        scale = float(np.exp(random.uniform(np.log(0.35), np.log(1.6)))) * size / max(height, width)
        x, y, shift = random.uniform(0, width), random.uniform(0, height), np.zeros(2)
    scale = float(np.clip(scale, 0.12, 3.0))
    roll = random.random()
    angle = (
        random.uniform(-180, 180) if roll < 0.03 else random.uniform(-35, 35) if roll < 0.12 else random.normal(0, 4)
    )
    turn: Matrix = np.asarray(cv2.getRotationMatrix2D((float(x), float(y)), float(angle), scale), np.float64)
    if random.random() < 0.3:
        turn[0] *= random.uniform(0.8, 1.25)  # anamorphic streams are common: 704x576 shown as 4:3
    turn[:, 2] += size / 2 - turn[:, :2] @ (x, y) - turn[:, 2] + shift
    border = cv2.BORDER_CONSTANT if random.random() < 0.3 else cv2.BORDER_REFLECT_101
    return warp(labelled, turn, size, border=border, mirrored=random.random() < 0.5)


def warp(labelled: Labelled, turn: Matrix, size: int, *, border: int, mirrored: bool) -> Labelled:
    """Apply a 2x3 matrix and cut `size` x `size` pixels.

    What lies outside is either mirrored with its labels (so that no crop is half empty) or grey and of no class, as
    in the letterbox of the running network.
    """
    shrinks = abs(float(np.linalg.det(turn[:, :2]))) < 0.45
    image = labelled.image
    if shrinks:  # warpAffine does not average: blur first, or small people turn to noise
        sigma = 0.45 / np.sqrt(abs(float(np.linalg.det(turn[:, :2]))))
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)
    image = np.asarray(
        cv2.warpAffine(
            image, turn, (size, size), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=(GREY, GREY, GREY)
        ),
        np.uint8,
    )
    planes = np.stack(
        [
            cv2.warpAffine(plane, turn, (size, size), flags=cv2.INTER_NEAREST, borderMode=border)
            for plane in labelled.planes
        ]
    )
    if mirrored:
        image, planes = image[:, ::-1], planes[:, :, ::-1]
    return Labelled(image=np.ascontiguousarray(image), planes=np.ascontiguousarray(planes))


def mosaic(pool: Pool, size: int, random: Random) -> Labelled:
    """Four or nine small views in one crop: people half or a third as tall."""
    cells = 2 if random.random() < 0.7 else 3
    edge = size // cells
    image = np.full((size, size, 3), GREY, np.uint8)
    planes = np.zeros((3, size, size), np.uint8)
    for row in range(cells):
        for column in range(cells):
            part = view(load_once(draw_entry(pool.sources, random)), edge, random, (14, edge * 0.9))
            where = (slice(row * edge, (row + 1) * edge), slice(column * edge, (column + 1) * edge))
            image[where] = part.image
            planes[(slice(None), *where)] = part.planes
    return Labelled(image=image, planes=planes)


def paste(target: Labelled, cut_out: CutOut, *, height_px: float, foot: tuple[float, float], random: Random) -> None:
    """Put a cut-out into `target` (changed in place), feathered, matched in brightness, with a soft shadow.

    Args:
        target: what is pasted into.
        cut_out: what is pasted.
        height_px: height of the pasted object.
        foot: (x, y) of the middle of its lower edge.
        random: draws mirroring, squeeze, shadow.
    """
    factor = height_px / cut_out.rgba.shape[0]
    squeeze = random.uniform(0.85, 1.15)
    width, height = max(2, round(cut_out.rgba.shape[1] * factor * squeeze)), max(3, round(height_px))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    rgba = np.asarray(cv2.resize(cut_out.rgba, (width, height), interpolation=how), np.float32)
    if random.random() < 0.5:
        rgba = rgba[:, ::-1]
    left, top = round(foot[0] - width / 2), round(foot[1] - height)
    rows, columns = target.image.shape[:2]
    x0, y0, x1, y1 = max(0, left), max(0, top), min(columns, left + width), min(rows, top + height)
    if x1 - x0 < 2 or y1 - y0 < 3:
        return
    if cut_out.index != 1 and random.random() < 0.5:
        _shadow(target.image, foot, width, random)
    piece = rgba[y0 - top : y1 - top, x0 - left : x1 - left]
    alpha = cv2.GaussianBlur(piece[..., 3] / 255.0, (3, 3), 0)[..., None]
    behind = target.image[y0:y1, x0:x1].astype(np.float32)
    strength = random.uniform(0.0, 0.6)
    offset = strength * (behind.mean((0, 1)) - (piece[..., :3] * alpha).sum((0, 1)) / max(float(alpha.sum()), 1.0))
    mixed = behind * (1 - alpha) + np.clip(piece[..., :3] + offset, 0, 255) * alpha
    target.image[y0:y1, x0:x1] = mixed.astype(np.uint8)
    is_here = alpha[..., 0] > 0.4
    for index in range(3):
        target.planes[index, y0:y1, x0:x1][is_here] = 1 if index == cut_out.index else 0


def _shadow(image: Image, foot: tuple[float, float], width: int, random: Random) -> None:
    """Darken an ellipse on the ground."""
    reach = int(width * 1.5) + 3
    x0, x1 = max(0, int(foot[0]) - reach), min(image.shape[1], int(foot[0]) + reach)
    y0, y1 = max(0, int(foot[1]) - reach // 2), min(image.shape[0], int(foot[1]) + reach // 2)
    if x1 <= x0 or y1 <= y0:
        return
    shade = np.zeros((y1 - y0, x1 - x0), np.float32)
    centre = (int(foot[0]) - x0 + int(random.uniform(-0.4, 0.4) * width), int(foot[1]) - y0)
    axes = (max(1, int(width * random.uniform(0.4, 0.9))), max(1, int(width * random.uniform(0.1, 0.25))))
    cv2.ellipse(shade, centre, axes, 0, 0, 360, float(random.uniform(0.2, 0.6)), -1)
    shade = cv2.GaussianBlur(shade, (0, 0), max(0.8, width / 12))
    image[y0:y1, x0:x1] = (image[y0:y1, x0:x1] * (1 - shade[..., None])).astype(np.uint8)


def populate(scene: Labelled, pool: Pool, random: Random, *, people: int) -> None:
    """Paste `people` people in perspective, and now and then vehicles and screens. Changes `scene` in place."""
    size = scene.image.shape[0]
    horizon = random.uniform(-0.8, 0.25) * size
    nearest = float(np.exp(random.uniform(np.log(36), np.log(220))))
    feet = np.sort(random.uniform(0.15, 1.1, people)) * size  # far people first: near ones cover them
    for _ in range(int(random.integers(1, 4)) if pool.vehicles and random.random() < 0.3 else 0):
        y = random.uniform(0.3, 1.0) * size
        tall = nearest * random.uniform(0.5, 1.1) * (y - horizon) / (size - horizon)
        paste(
            scene,
            _one(pool.vehicles, random),
            height_px=max(10, tall),
            foot=(random.uniform(0, size), y),
            random=random,
        )
    for _ in range(int(random.integers(1, 3)) if pool.screens and random.random() < 0.3 else 0):
        tall = float(np.exp(random.uniform(np.log(12), np.log(110))))
        foot = (random.uniform(0, size), random.uniform(0.1, 0.9) * size)
        screen = _one(pool.screens, random) if random.random() < 0.5 else screen_of(scene.image, random)
        paste(scene, screen, height_px=tall, foot=foot, random=random)
    x = random.uniform(0, size)
    for y in feet:
        tall = nearest * max(0.15, (y - horizon) / (size - horizon)) * random.uniform(0.85, 1.15)
        x = x + random.normal(0, tall * 0.5) if random.random() < 0.35 else random.uniform(0, size)  # groups and loners
        paste(scene, _one(pool.people, random), height_px=max(10.0, tall), foot=(x, float(y)), random=random)


def screen_of(image: Image, random: Random) -> CutOut:
    """A made-up display: a piece of picture, a text page or a flat colour in a frame, seen at an angle."""
    height = 96
    width = int(height * random.uniform(0.55, 1.9))
    kind = random.random()
    if kind < 0.5:
        y, x = int(random.integers(0, image.shape[0] // 2)), int(random.integers(0, image.shape[1] // 2))
        content = cv2.resize(image[y : y + 160, x : x + 160], (width, height))
    else:
        content = np.full((height, width, 3), random.integers(0, 256, 3), np.uint8)
        for _ in range(int(random.integers(0, 14)) if kind < 0.8 else 0):
            left, top = int(random.integers(0, width)), int(random.integers(0, height))
            end = (left + int(random.integers(4, width)), top + int(random.integers(2, 14)))
            cv2.rectangle(content, (left, top), end, [int(v) for v in random.integers(0, 256, 3)], -1)
    content = np.clip(content * random.uniform(0.7, 1.5) + random.uniform(0, 30), 0, 255).astype(np.uint8)
    rim = int(random.integers(2, 8))
    frame = int(random.integers(0, 60)) if random.random() < 0.8 else int(random.integers(160, 240))
    content = cv2.copyMakeBorder(content, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(frame, frame, frame))
    flat = np.dstack([content, np.full(content.shape[:2], 255, np.uint8)])
    h, w = flat.shape[:2]
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    moved = corners + (random.uniform(-0.14, 0.14, (4, 2)) * (w, h)).astype(np.float32)
    moved -= moved.min(0)
    far = np.ceil(moved.max(0)).astype(int)
    warped = cv2.warpPerspective(flat, cv2.getPerspectiveTransform(corners, moved), (int(far[0]), int(far[1])))
    return CutOut(rgba=np.asarray(warped, np.uint8), index=1)


def _one(cut_outs: Sequence[CutOut], random: Random) -> CutOut:
    return cut_outs[int(random.integers(0, len(cut_outs)))]


def compose(pool: Pool, size: int, random: Random, photo: Callable[[Image, Random], Image] = photometric) -> Labelled:
    """One training crop of `size` x `size`."""
    roll = random.random()
    if roll < 0.2:
        crop = mosaic(pool, size, random)
    elif roll < 0.4 and pool.empty:
        entry = pool.empty[int(random.integers(0, len(pool.empty)))]
        crop = view(load_once(entry), size, random, (24, 160))
        populate(crop, pool, random, people=int(random.integers(0, 16)))
    elif roll < 0.52 and pool.rare:
        entry, index = pool.rare[int(random.integers(0, len(pool.rare)))]
        crop = view(load_once(entry), size, random, (12, size * 0.8), index)
    else:
        crop = view(load_once(draw_entry(pool.sources, random)), size, random, (16, size))
        if random.random() < 0.3:
            populate(crop, pool, random, people=int(random.integers(1, 5)))
    if random.random() < 0.15:
        occlude(crop.image, crop.planes, random)
    return Labelled(image=photo(crop.image, random), planes=crop.planes)


def shrink(planes: Plane) -> tuple[np.ndarray, np.ndarray]:
    """Planes to the network's grid at 1/4: `float32 (3, h, w)` share of the cell and `bool (3, h, w)` is known."""
    count, height, width = planes.shape
    blocks = planes.reshape(count, height // 4, 4, width // 4, 4)
    is_known = blocks != UNKNOWN
    known = is_known.sum((2, 4))
    share = np.where(is_known, blocks, 0).sum((2, 4)) / np.maximum(known, 1)
    return share.astype(np.float32), known >= 8
