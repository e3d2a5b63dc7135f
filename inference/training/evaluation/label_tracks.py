"""Follow people in a clip of which nobody drew tracks: a detector of others, then links that must be certain.

    python -m inference.training.evaluation.label_tracks propose VIDEO > tests/labels/tracks/VIDEO.csv
    python -m inference.training.evaluation.label_tracks check tests/labels/tracks

`propose` writes tracks (columns as in `clips.py`), one number per person. Only people whom **one frame shows at once**
are kept: two numbers of one clip are two people. No re-identification network takes part, or its own mistakes would
make the attack of `privacy.py` look better than it is. `check` draws a row of pictures for every number, for the eye:
a number that changes its person is struck from the file by hand. Pictures go outside any checkout.
"""

import argparse
import csv
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

import cv2
import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from inference.core.errors import CoreError
from inference.core.frames import Image
from inference.training.evaluation.clips import Person, frames, people
from inference.training.evaluation.label_frames import TEACHER, propose, save

Floats = npt.NDArray[np.float32]

LOOKS_PER_S: Final = 8.0
SURE: Final = 0.5
"""Score from which a box may start a track; `FAINT` may go on with one."""
FAINT: Final = 0.3
LINK_IOU: Final = 0.35
AMBIGUOUS: Final = 0.7
"""A second candidate that fits so well in comparison makes a link uncertain: both tracks end."""
MISSED_S: Final = 0.7
LEAST_S: Final = 1.7
"""Shorter tracks leave no time between gallery and query."""
LEAST_PX: Final = 40
BORDER_PX: Final = 2
WITHIN: Final = 0.6
SHOWN: Final = 10


@dataclass(slots=True)
class Track:
    """One person's boxes, `float32 (4,)` xyxy in pixels, by frame number."""

    boxes: dict[int, Floats] = field(default_factory=dict)

    def expected(self, index: int) -> Floats:
        """Return where the box should be by now, moving as over the last looks."""
        known = sorted(self.boxes)[-4:]
        last = self.boxes[known[-1]]
        if len(known) < 2:
            return last
        pace = (last - self.boxes[known[0]]) / (known[-1] - known[0])
        shift = np.array([pace[[0, 2]].mean(), pace[[1, 3]].mean()] * 2, np.float32) * (index - known[-1])
        return np.asarray(last + shift, np.float32)


def overlaps(boxes: Floats, others: Floats) -> Floats:
    """Return intersection over union, `float32 (N, M)`, of `(N, 4)` and `(M, 4)` xyxy boxes."""
    sides = np.minimum(boxes[:, None, 2:], others[None, :, 2:]) - np.maximum(boxes[:, None, :2], others[None, :, :2])
    shared = np.prod(np.clip(sides, 0, None), axis=2)
    areas = [np.prod(some[:, 2:] - some[:, :2], axis=1) for some in (boxes, others)]
    return np.asarray(shared / np.maximum(areas[0][:, None] + areas[1][None, :] - shared, 1e-6), np.float32)


def link(found: Sequence[tuple[int, Floats]], missed_frames: float) -> list[Track]:
    """Link boxes to tracks; a link that could as well be another ends both.

    Args:
        found: frame number and `float32 (N, 5)` boxes with scores of each frame looked at, in order.
        missed_frames: so long a track waits for its next box.
    """
    done: list[Track] = []
    alive: list[Track] = []
    for index, boxes in found:
        done += [track for track in alive if index - max(track.boxes) > missed_frames]
        alive = [track for track in alive if index - max(track.boxes) <= missed_frames]
        expected = np.array([track.expected(index) for track in alive], np.float32).reshape(-1, 4)
        fit = overlaps(expected, boxes[:, :4])
        used: set[int] = set()
        ended: set[int] = set()
        for row, column in zip(*linear_sum_assignment(-fit), strict=True):
            if fit[row, column] < LINK_IOU:
                continue
            rivals = [*np.delete(fit[row], column), *np.delete(fit[:, column], row)]
            used.add(int(column))
            if max(rivals, default=0.0) > AMBIGUOUS * fit[row, column]:
                ended.add(int(row))
            else:
                alive[row].boxes[index] = boxes[column, :4]
        done += [alive[row] for row in ended]
        alive = [track for row, track in enumerate(alive) if row not in ended]
        alive += [Track({index: box[:4]}) for at, box in enumerate(boxes) if at not in used and box[4] >= SURE]
    return done + alive


def inside(boxes: Floats, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Tell which boxes do not touch the border of a frame of `size` (width, height): there a person is cut off."""
    is_free = (boxes[:, 0] >= BORDER_PX) & (boxes[:, 1] >= BORDER_PX)
    return np.asarray(is_free & (boxes[:, 2] <= size[0] - BORDER_PX) & (boxes[:, 3] <= size[1] - BORDER_PX))


def once_each(tracks: Sequence[Track]) -> list[Track]:
    """Return the tracks without those that lie within a larger one: a second box around a part of the same person."""
    by_area = sorted(tracks, key=lambda track: -float(np.mean([_area(box) for box in track.boxes.values()])))
    kept: list[Track] = []
    for track in by_area:
        if all(_share_within(track, other) <= WITHIN for other in kept):
            kept.append(track)
    return kept


def _area(box: Floats) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))


def _share_within(small: Track, large: Track) -> float:
    """Mean share of the smaller box that lies under the larger, over the frames that have both."""
    shares = []
    for index in small.boxes.keys() & large.boxes.keys():
        first, second = small.boxes[index], large.boxes[index]
        sides = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
        shares.append(float(np.prod(np.maximum(sides, 0))) / max(1.0, min(_area(first), _area(second))))
    return float(np.mean(shares)) if shares else 0.0


def at_once(tracks: Sequence[Track]) -> list[Track]:
    """Return the largest set of tracks that one frame shows at once: surely different people."""
    spans = [(min(track.boxes), max(track.boxes)) for track in tracks]
    best: list[Track] = []
    for moment, _ in spans:
        here = [track for track, (first, last) in zip(tracks, spans, strict=True) if first <= moment <= last]
        best = max(best, here, key=len)
    return best


def follow(video: Path, teacher: Path, limit_s: float) -> list[Track]:
    """Return who can be followed long enough in the first `limit_s` of a video, all seen in one frame."""
    found: list[tuple[int, Floats]] = []
    due_s, step = 0.0, 0.0
    for raw in frames(video):
        if raw.pts_s > limit_s:
            break
        step = raw.pts_s / raw.index if raw.index else 0.0
        if raw.pts_s >= due_s - 1e-6:
            due_s = raw.pts_s + 1.0 / LOOKS_PER_S - 1e-3
            boxes = propose(raw.image, teacher)
            is_usable = (boxes[:, 3] - boxes[:, 1] >= LEAST_PX) & (boxes[:, 4] >= FAINT)
            is_usable &= inside(boxes, (raw.image.shape[1], raw.image.shape[0]))
            found.append((raw.index, boxes[is_usable]))
    if not step:
        raise CoreError(f"{video}: nobody can be followed through one frame.")
    tracks = link(found, max(MISSED_S / step, 1.5 * (found[1][0] - found[0][0])))
    lasting = [one for one in tracks if (max(one.boxes) - min(one.boxes)) * step >= LEAST_S - 1e-6]
    return at_once(once_each(lasting))


def write(tracks: Sequence[Track], out: TextIO) -> None:
    """Write tracks as `frame,id,x,y,w,h,considered`, pixels, frames from 0."""
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("frame", "id", "x", "y", "w", "h", "considered"))
    places = sorted((index, number) for number, one in enumerate(tracks) for index in one.boxes)
    for index, number in places:
        left, top, right, bottom = (round(float(value), 1) for value in tracks[number].boxes[index])
        rows.writerow((index, number, left, top, round(right - left, 1), round(bottom - top, 1), 1))


def strip(video: Path, tracks: Mapping[int, list[Person]]) -> Image:
    """Draw `SHOWN` pictures of every number, from the beginning to the end of its track, a row each."""
    by_number: dict[int, list[tuple[int, Person]]] = {}
    for index, persons in tracks.items():
        for person in persons:
            by_number.setdefault(person.id, []).append((index, person))
    rows = {number: np.zeros((96, 48 * SHOWN + 40, 3), np.uint8) for number in by_number}
    wanted: dict[int, list[tuple[int, int, Person]]] = {}
    for number, seen in by_number.items():
        cv2.putText(rows[number], str(number), (2, 50), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 0), 1)
        for column, at in enumerate(np.linspace(0, len(seen) - 1, SHOWN).round().astype(int)):
            wanted.setdefault(seen[at][0], []).append((number, column, seen[at][1]))
    for raw in frames(video, max(wanted) + 1):
        for number, column, person in wanted.get(raw.index, []):
            left, top, right, bottom = (max(0, round(value)) for value in person.box)
            part = raw.image[top:bottom, left:right]
            if part.size:
                rows[number][:, 40 + 48 * column : 88 + 48 * column] = cv2.resize(part, (48, 96))
    return np.concatenate([rows[number] for number in sorted(rows)])


def run_propose(options: argparse.Namespace) -> None:
    """Print the tracks of one video."""
    write(follow(options.data / options.video, options.data / TEACHER, options.seconds), sys.stdout)


def run_check(options: argparse.Namespace) -> None:
    """Draw what the files of tracks hold, one picture each; their place tells the video, as `privacy` reads them."""
    for file in sorted(options.tracks.rglob("*.csv")):
        video = options.data / file.relative_to(options.tracks).with_suffix(".mp4")
        tracks = people(file)
        if not tracks or not video.is_file():
            raise CoreError(f"{file}: {'nobody is in it' if not tracks else f'its video {video} is not there'}.")
        sys.stdout.write(f"{save(strip(video, tracks), options.out, file.stem)}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the two commands; 0 when done, 2 for bad input."""
    parser = argparse.ArgumentParser(prog="label_tracks", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that video paths start from")
    commands = parser.add_subparsers(required=True)
    proposing = commands.add_parser("propose", parents=[shared], help="print tracks of a video")
    proposing.add_argument("video", type=Path, help="path below the data folder")
    proposing.add_argument("--seconds", type=float, default=30.0, help="of the video looked at; default: %(default)s")
    proposing.set_defaults(run=run_propose)
    checking = commands.add_parser("check", parents=[shared], help="draw every number of every file for the eye")
    checking.add_argument("tracks", type=Path, help="folder of tracks")
    checking.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "paca-labels", help="for pictures")
    checking.set_defaults(run=run_check)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (CoreError, OSError) as error:
        sys.stderr.write(f"label_tracks: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
