"""Readers of the published layouts: which videos there are, and in which of their frames something happens.

Nothing is downloaded: a deployer brings the footage. Files are found by name anywhere below the root, as mirrors differ
in their folders; annotation files are read as published.

| layout | footage | labels |
|---|---|---|
| `ucf-crime` | `Abuse028_x264.mp4` anywhere below the root | `Temporal_Anomaly_Annotation.txt` (Sultani 2018) |
| `xd-violence` | `v=...label_B4-0-0.mp4` anywhere | `XD_Annotation.txt` (Wu 2020); `label_A` is ordinary |
| `ucsd` | `Test/Test001/*.tif` | `Test/*.m`, `gt_frame`, from 1 (Mahadevan 2010) |
| `avenue` | `testing_videos/01.avi` | `testing_label_mask/1_label.mat`, `volLabel` (Lu 2013) |
| `shanghaitech` | `testing/frames/01_0014/*.jpg` | `testing/test_frame_mask/01_0014.npy` (Luo 2017) |
| `folders` | `normal/*.mp4` and `<anything>/*.mp4` | the folder's name; no frames are named |
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from inference.core.errors import DetectionError

Spans = tuple[tuple[int, int], ...]
VIDEOS: Final = (".mp4", ".avi", ".mkv")
PICTURES: Final = (".tif", ".tiff", ".jpg", ".png", ".bmp")
UCSD_FPS, SHANGHAITECH_FPS = 10.0, 24.0
ORDINARY_FOLDERS: Final = ("normal", "nofight", "nofights", "nonfight", "ordinary")


@dataclass(frozen=True, slots=True)
class Footage:
    """One video and what is known of it.

    Attributes:
        path: a video file, or a folder of numbered pictures.
        is_event: whether something unusual happens anywhere in it (video-level).
        spans: frames in which it does, zero-based, half-open; None where only the video is labelled.
        fps: of a folder of pictures; None for a video, which says it itself.
        group: footage of one source, which must not be split.
    """

    path: Path
    is_event: bool
    spans: Spans | None
    group: str
    fps: float | None = None

    def __post_init__(self) -> None:
        if any(not 0 <= start < stop for start, stop in self.spans or ()):
            raise DetectionError(f"{self.path.name}: spans must be 0 <= start < stop, got {self.spans}.")


def read_footage(layout: str, root: Path, labels: Path | None = None) -> list[Footage]:
    """Read the test set of a published layout.

    Args:
        layout: one of `LAYOUTS`.
        root: folder of the footage.
        labels: annotation file (`ucf-crime`, `xd-violence`); the others find theirs below the root.

    Raises:
        DetectionError: the layout is unknown, or files are missing or not as published; says which.
    """
    if layout not in LAYOUTS:
        raise DetectionError(f"The layout must be one of {', '.join(LAYOUTS)}, got {layout!r}.")
    found = LAYOUTS[layout](root, labels)
    if not found:
        raise DetectionError(f"{root} holds no footage in the layout {layout}.")
    return found


def ucf_annotations(text: str) -> dict[str, tuple[str, Spans]]:
    """Read `Temporal_Anomaly_Annotation.txt`: class and spans by file name; -1 stands for none. Frames count from 1."""
    found: dict[str, tuple[str, Spans]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = line.split()
        if len(parts) != 6:
            raise DetectionError(f"Line {number} must be NAME CLASS START END START END, got {line!r}.")
        frames = [int(part) for part in parts[2:]]
        found[parts[0]] = (parts[1], _published(zip(frames[::2], frames[1::2], strict=True)))
    return found


def xd_annotations(text: str) -> dict[str, Spans]:
    """Read `XD_Annotation.txt`: spans by file name without its ending, START END pairs."""
    found: dict[str, Spans] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, *rest = line.split() or [""]
        if not name:
            continue
        if not rest or len(rest) % 2:
            raise DetectionError(f"Line {number} must be NAME START END ..., got {line!r}.")
        frames = [int(part) for part in rest]
        found[name] = _published(zip(frames[::2], frames[1::2], strict=True))
    return found


def ucsd_annotations(text: str) -> list[Spans]:
    """Read a `.m` list: the spans of each test video in order. `gt_frame = [61:180]` counts from 1, ends included."""
    found = []
    for content in re.findall(r"gt_frame\s*=\s*\[([^\]]*)\]", text):
        ends = [(part.split(":") * 2)[:2] for part in re.split(r"[,\s]+", re.sub(r"\s*:\s*", ":", content.strip()))]
        found.append(_published((int(first), int(last)) for first, last in ends))
    return found


def spans_of(flags: Sequence[Any]) -> Spans:
    """Turn a flag per frame into spans."""
    steps = np.diff(np.concatenate([[0], (np.asarray(flags).ravel() != 0).astype(np.int8), [0]]))
    starts, stops = np.flatnonzero(steps == 1).tolist(), np.flatnonzero(steps == -1).tolist()
    return tuple(zip(starts, stops, strict=True))


def _published(pairs: Iterable[tuple[int, int]]) -> Spans:
    """Frames counted from 1, both ends included, become zero-based and half-open; negative ones stand for none."""
    return tuple((max(0, first - 1), last) for first, last in pairs if first >= 0 and last > 0)


def _ucf_crime(root: Path, labels: Path | None) -> list[Footage]:
    known = ucf_annotations(_text(labels, root, "Temporal_Anomaly_Annotation.txt"))
    videos = _by_name(root)
    return [
        Footage(_existing(videos, name, root), kind != "Normal", spans, group=name.removesuffix("_x264.mp4"))
        for name, (kind, spans) in known.items()
    ]


def _xd_violence(root: Path, labels: Path | None) -> list[Footage]:
    known = xd_annotations(_text(labels, root, "XD_Annotation.txt"))
    videos = _by_name(root)
    ordinary = [name for name in videos if "label_A" in name]
    named = [f"{name}.mp4" for name in known]
    return [
        Footage(_existing(videos, name, root), spans != (), spans, group=name.split("__#")[0])
        for name, spans in [*zip(named, known.values(), strict=True), *((name, ()) for name in sorted(ordinary))]
    ]


def _ucsd(root: Path, labels: Path | None) -> list[Footage]:
    folder = root / "Test" if (root / "Test").is_dir() else root
    if labels is None:
        lists = sorted(folder.glob("*.m"))
        if len(lists) != 1:
            raise DetectionError(f"{folder} must hold one .m list of ground truth, found {len(lists)}.")
        labels = lists[0]
    spans = ucsd_annotations(labels.read_text(encoding="utf-8"))
    clips = sorted(path for path in folder.glob("Test[0-9]*") if path.is_dir() and not path.name.endswith("_gt"))
    if len(clips) != len(spans):
        raise DetectionError(f"{labels.name} names {len(spans)} test videos, {folder} holds {len(clips)}.")
    return [Footage(path, bool(own), own, path.name, UCSD_FPS) for path, own in zip(clips, spans, strict=True)]


def _avenue(root: Path, labels: Path | None) -> list[Footage]:
    from scipy.io import loadmat  # here: only this layout needs it

    folder = labels if labels is not None else next(iter(sorted(root.rglob("testing_label_mask"))), root)
    found = []
    for path in sorted(root.rglob("testing_videos/*.avi")):
        file = folder / f"{int(path.stem)}_label.mat"
        if not file.is_file():
            raise DetectionError(f"{file} is missing: the labels of {path.name}.")
        masks = loadmat(file)["volLabel"].ravel()
        spans = spans_of([np.asarray(mask).any() for mask in masks])
        found.append(Footage(path, bool(spans), spans, path.stem))
    return found


def _shanghaitech(root: Path, labels: Path | None) -> list[Footage]:
    folder = labels if labels is not None else root / "testing" / "test_frame_mask"
    found = []
    for path in sorted((root / "testing" / "frames").glob("*_*")):
        file = folder / f"{path.name}.npy"
        if not file.is_file():
            raise DetectionError(f"{file} is missing: the labels of {path.name}.")
        flags = np.load(file, allow_pickle=False)
        pictures = len(pictures_of(path))
        if len(flags) != pictures:
            raise DetectionError(f"{file.name} has {len(flags)} labels for {pictures} frames.")
        spans = spans_of(flags)
        found.append(Footage(path, bool(spans), spans, path.name.split("_")[0], SHANGHAITECH_FPS))
    return found


def _folders(root: Path, labels: Path | None) -> list[Footage]:
    if labels is not None:
        raise DetectionError("The layout folders takes its labels from the names of folders, not from a file.")
    files = [path for path in sorted(root.glob("*/*")) if path.suffix.lower() in VIDEOS]
    kinds = {path.parent.name.lower().replace("-", "").replace("_", "") for path in files}
    if files and not kinds & set(ORDINARY_FOLDERS):
        raise DetectionError(f"{root} needs a folder of ordinary clips ({', '.join(ORDINARY_FOLDERS)}).")
    return [
        Footage(
            path, path.parent.name.lower().replace("-", "").replace("_", "") not in ORDINARY_FOLDERS, None, path.stem
        )
        for path in files
    ]


def pictures_of(folder: Path) -> list[Path]:
    """Give the pictures of a folder in the order of their numbers."""
    files = [path for path in folder.iterdir() if path.suffix.lower() in PICTURES and re.search(r"\d", path.stem)]
    return sorted(files, key=lambda path: int(re.findall(r"\d+", path.stem)[-1]))


def _by_name(root: Path) -> dict[str, Path]:
    return {path.name: path for path in sorted(root.rglob("*")) if path.suffix.lower() in VIDEOS}


def _existing(videos: dict[str, Path], name: str, root: Path) -> Path:
    if name not in videos:
        raise DetectionError(f"{name} is annotated and not below {root}.")
    return videos[name]


def _text(labels: Path | None, root: Path, name: str) -> str:
    path = labels if labels is not None else root / name
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DetectionError(f"The annotations {path} cannot be read: {error.strerror}.") from error


LAYOUTS: Final[dict[str, Callable[[Path, Path | None], list[Footage]]]] = {
    "ucf-crime": _ucf_crime,
    "xd-violence": _xd_violence,
    "ucsd": _ucsd,
    "avenue": _avenue,
    "shanghaitech": _shanghaitech,
    "folders": _folders,
}
