"""Label people in single video frames by hand: proposals to start from, and a second look at what was written.

    python -m inference.training.evaluation.label_frames propose VIDEO FRAME --data ../shared/data
    python -m inference.training.evaluation.label_frames check tests/labels/cctv/*.json --data ../shared/data

Both write an enlarged picture with a pixel grid, outside any checkout: raw pictures of people are never committed, only
the boxes are (format and rules: `tests/labels/README.md`). The proposals come from a detector of others, never from
`paca-seg`: labels made with the network under test would overlook what it overlooks.
"""

import argparse
import functools
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from inference.core.errors import CoreError, DecodeError
from inference.core.frames import Image
from inference.core.openvino_alone import load_openvino

Box = tuple[float, float, float, float]
Boxes = npt.NDArray[np.float32]

NOTES = ("", "partly hidden", "border", "seated", "lying", "child", "reflection", "poster", "blurred", "carried")
"""What may stand behind a box: plain people have an empty note, several notes are joined with a comma."""
ORIGINS = ("eye", "eye, from proposals")
TEACHER = Path("teachers/omz/person0201.xml")
"""person-detection-0201 of Open Model Zoo: BGR, 0-255, any size squeezed to 384x384."""
TEACHER_PX = 384
LEAST_SCORE = 0.3
SAME = 0.5
"""Boxes that overlap more than this (intersection over union) are one proposal."""
TILE_SHARE = 0.62
"""Tiles of this share of the height are looked at as well: people far away are too small in the whole frame."""
GRID_PX = 75
"""Grid lines are never closer than this in the enlarged picture."""
COLOURS = ((255, 255, 0), (0, 255, 255), (0, 255, 0), (255, 0, 255), (255, 165, 0), (120, 160, 255))


@dataclass(frozen=True, slots=True)
class FrameLabels:
    """Every person of one frame.

    Attributes:
        video: path below the data folder.
        frame: zero-based, in the order frames are decoded.
        size: width and height in pixels.
        people: `xyxy` pixels and a note each; the visible extent.
        ignore: `xyxy` areas where nobody can tell.
        by: how they were made, one of `ORIGINS`.
    """

    video: str
    frame: int
    size: tuple[int, int]
    people: tuple[tuple[Box, str], ...] = field(repr=False)
    ignore: tuple[Box, ...] = field(repr=False)
    by: str

    def __post_init__(self) -> None:
        """Refuse boxes outside of the frame, inside out, or with unknown notes.

        Raises:
            CoreError: says which and what is allowed.
        """
        width, height = self.size
        if self.frame < 0:
            raise CoreError(f"{self.video}: `frame` must be 0 or more, got {self.frame}")
        if self.by not in ORIGINS:
            raise CoreError(f"{self.video}: `by` must be one of {ORIGINS}, got {self.by!r}")
        for left, top, right, bottom in (*(box for box, _ in self.people), *self.ignore):
            if not (0 <= left < right <= width and 0 <= top < bottom <= height):
                given = [left, top, right, bottom]
                raise CoreError(f"{self.video} frame {self.frame}: box {given} is not inside {width}x{height}")
        for _, note in self.people:
            if unknown := [part for part in note.split(", ") if part not in NOTES]:
                raise CoreError(f"{self.video} frame {self.frame}: notes must be of {NOTES}, got {unknown}")


def read_labels(path: Path) -> FrameLabels:
    """Read one label file.

    Raises:
        CoreError: the file is not what `tests/labels/README.md` says.
        OSError: it cannot be read.
    """
    try:
        given = json.loads(path.read_text())
        width, height = given["size"]
        people = tuple((_box(entry[:4]), str(entry[4])) for entry in given["people"])
        ignore = tuple(_box(entry) for entry in given["ignore"])
        return FrameLabels(
            str(given["video"]), int(given["frame"]), (int(width), int(height)), people, ignore, str(given["by"])
        )
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise CoreError(f"{path}: no label file: {type(error).__name__} {error}") from error


def _box(entry: Sequence[float]) -> Box:
    left, top, right, bottom = (float(value) for value in entry)
    return left, top, right, bottom


def read_frame(video: Path, frame: int) -> Image:
    """Decode one frame by its number (from the start: seeking is not exact in every container).

    Returns:
        `uint8 (H, W, 3)` RGB.

    Raises:
        DecodeError: no such file, not a video, or it ends before.
    """
    count = 0
    try:
        with av.open(str(video)) as container:
            for count, decoded in enumerate(container.decode(video=0), start=1):
                if count == frame + 1:
                    return np.ascontiguousarray(decoded.to_ndarray(format="rgb24"), dtype=np.uint8)
    except (av.FFmpegError, IndexError) as error:
        raise DecodeError(f"{video}: cannot be decoded: {error}") from error
    raise DecodeError(f"{video}: has {count} frames, asked for number {frame} (the first is 0)")


def propose(image: Image, teacher: Path) -> Boxes:
    """Find people with the teacher, in the whole frame and in overlapping tiles of it.

    Args:
        image: `uint8 (H, W, 3)` RGB.
        teacher: OpenVINO file of person-detection-0201.

    Returns:
        `float32 (N, 5)`: `xyxy` pixels and the score, best first.
    """
    height, width = image.shape[:2]
    found = [_detect(image, teacher)]
    side = round(TILE_SHARE * height)
    for top in (0, height - side):
        for left in np.linspace(0, max(0, width - side), max(2, round(2 * width / side) - 1)).astype(int):
            boxes = _detect(np.ascontiguousarray(image[top : top + side, left : left + side]), teacher)
            found.append(boxes + np.array([left, top, left, top, 0], np.float32))
    boxes = np.concatenate(found)
    boxes = boxes[np.argsort(-boxes[:, 4])]
    kept: list[int] = []
    for index in range(len(boxes)):
        if all(_overlap(boxes[index], boxes[other]) <= SAME for other in kept):
            kept.append(index)
    limits = np.array([width, height, width, height, 1], np.float32)
    return np.clip(boxes[kept], 0, limits).astype(np.float32)


def _detect(image: Image, teacher: Path) -> Boxes:
    height, width = image.shape[:2]
    squeezed = cv2.resize(image, (TEACHER_PX, TEACHER_PX))[None, ..., ::-1].transpose(0, 3, 1, 2)
    result = _network(teacher)(np.ascontiguousarray(squeezed, dtype=np.float32))
    rows = np.asarray(next(iter(result.values()))).reshape(-1, 7)
    rows = rows[rows[:, 2] >= LEAST_SCORE]
    boxes = rows[:, 3:7] * np.array([width, height, width, height], np.float32)
    return np.concatenate([boxes, rows[:, 2:3]], axis=1, dtype=np.float32)


@functools.cache
def _network(teacher: Path):  # type: ignore[no-untyped-def]  # openvino ships no types
    openvino = load_openvino()  # not above: `check` needs none, and loading takes seconds

    if not teacher.is_file():
        raise CoreError(f"{teacher}: the teacher for proposals is not there; give --data, or label by eye alone")
    return openvino.Core().compile_model(teacher, "CPU", {"INFERENCE_NUM_THREADS": 1})


def _overlap(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> float:
    size = np.minimum(first[2:4], second[2:4]) - np.maximum(first[:2], second[:2])
    shared = float(np.prod(np.maximum(size, 0)))
    both = float(np.prod(first[2:4] - first[:2]) + np.prod(second[2:4] - second[:2]))
    return shared / max(both - shared, 1e-6)


def draw(image: Image, boxes: Sequence[Box], ignore: Sequence[Box], width: int, area: Box | None = None) -> Image:
    """Enlarge a frame (or an area of it) and draw a pixel grid, numbered boxes and ignored places (red, crossed).

    Args:
        image: `uint8 (H, W, 3)` RGB.
        boxes: `xyxy` pixels of the frame.
        ignore: the same.
        width: of the result in pixels.
        area: `xyxy`, only this part.
    """
    left, top, right, bottom = (round(value) for value in area or (0, 0, image.shape[1], image.shape[0]))
    scale = width / (right - left)
    enlarged = cv2.resize(image[top:bottom, left:right], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    drawn = np.ascontiguousarray(enlarged, dtype=np.uint8)

    def place(x: float, y: float) -> tuple[int, int]:
        return round((x - left) * scale), round((y - top) * scale)

    step = next(step for step in (5, 10, 20, 50, 100, 200, 500) if step * scale >= GRID_PX or step == 500)
    for x in range(-(-left // step) * step, right, step):
        cv2.line(drawn, place(x, top), place(x, bottom), (128, 128, 128), 1)
        _write(drawn, str(x), (place(x, top)[0] + 2, 11), (255, 255, 255))
    for y in range(-(-top // step) * step, bottom, step):
        cv2.line(drawn, place(left, y), place(right, y), (128, 128, 128), 1)
        _write(drawn, str(y), (2, place(left, y)[1] - 2), (255, 255, 255))
    for x1, y1, x2, y2 in ignore:
        cv2.rectangle(drawn, place(x1, y1), place(x2, y2), (255, 0, 0), 1)
        cv2.line(drawn, place(x1, y1), place(x2, y2), (255, 0, 0), 1)
    for index, (x1, y1, x2, y2) in enumerate(boxes):
        colour = COLOURS[index % len(COLOURS)]
        cv2.rectangle(drawn, place(x1, y1), place(x2, y2), colour, 1)
        corner = place(x1, y1)
        _write(drawn, str(index), (max(0, corner[0]) + 2, max(12, corner[1] + 12)), colour)
    return drawn


def _write(image: Image, text: str, place: tuple[int, int], colour: tuple[int, int, int]) -> None:
    cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA)


def save(image: Image, folder: Path, name: str) -> Path:
    """Write a picture for the eye.

    Raises:
        CoreError: the folder lies in a checkout, where the picture of somebody could be committed.
    """
    place = folder.resolve()
    if any((parent / ".git").exists() for parent in (place, *place.parents)):
        raise CoreError(f"{folder}: lies in a checkout; raw pictures of people belong outside (--out)")
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{name}.png"
    if not cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR)):
        raise CoreError(f"{path}: cannot be written")
    return path


def run_propose(options: argparse.Namespace) -> None:
    """Show one frame with proposals, and print a label file to correct."""
    image = read_frame(options.data / options.video, options.frame)
    found = propose(image, options.data / TEACHER)
    boxes = [_box(box.tolist()) for box in found[:, :4]]
    path = save(
        draw(image, boxes, (), options.width, options.area), options.out, f"{options.video.stem}-{options.frame}"
    )
    people = [[*(round(value) for value in box), ""] for box in boxes]
    size = [image.shape[1], image.shape[0]]
    labels = {"video": options.video.as_posix(), "frame": options.frame, "size": size, "people": people, "ignore": []}
    sys.stderr.write(f"{path}\n")
    sys.stdout.write(json.dumps({**labels, "by": ORIGINS[1]}) + "\n")


def run_check(options: argparse.Namespace) -> None:
    """Show what was labelled, one picture for each file."""
    for file in options.labels:
        labels = read_labels(file)
        image = read_frame(options.data / labels.video, labels.frame)
        if (image.shape[1], image.shape[0]) != labels.size:
            raise CoreError(f"{file}: `size` says {labels.size}, the frame is {image.shape[1]}x{image.shape[0]}")
        drawn = draw(image, [box for box, _ in labels.people], labels.ignore, options.width, options.area)
        sys.stdout.write(f"{save(drawn, options.out, f'{file.stem}-check')}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the two commands; 0 when done, 2 for bad input."""
    parser = argparse.ArgumentParser(prog="label_frames", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that label paths start from")
    shared.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "paca-labels", help="for pictures")
    shared.add_argument("--width", type=int, default=1400, help="of the picture, in pixels")
    shared.add_argument("--area", type=float, nargs=4, metavar=("X1", "Y1", "X2", "Y2"), help="show only this part")
    commands = parser.add_subparsers(required=True)
    proposing = commands.add_parser("propose", parents=[shared], help="show a frame with proposals to start from")
    proposing.add_argument("video", type=Path, help="path below the data folder")
    proposing.add_argument("frame", type=int, help="zero-based")
    proposing.set_defaults(run=run_propose)
    checking = commands.add_parser("check", parents=[shared], help="show what was labelled")
    checking.add_argument("labels", type=Path, nargs="+", help="label files")
    checking.set_defaults(run=run_check)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (CoreError, OSError) as error:
        sys.stderr.write(f"label_frames: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
