"""Train the head on feature files from video-level labels, and measure it frame by frame as papers do.

    python -m inference.training.features.train --train DIR --labels labels.csv \
        --test DIR --annotations Temporal_Anomaly_Annotation.txt --layout ucf-crime --out DIR

`labels.csv` has the columns `video` (file name without its ending) and `anomalous` (0 or 1). The same seed gives the
same weights on the same machine. DIR gets `head.npz` (plain arrays, nothing pickled) and `report.json`.
"""

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from tqdm import trange

from inference.core.errors import DetectionError
from inference.training.evaluation.footage import Spans, ucf_annotations, xd_annotations
from inference.training.evaluation.ranking import area_under_curve, average_precision
from inference.training.features.files import Floats, find_features, frame_scores, read_features, resample
from inference.training.features.head import Head, HeadConfig, mil_loss

SEGMENTS: Final = 32
FRAMES_PER_SEGMENT: Final = 16
"""I3D and C3D as published: one segment for 16 frames."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: steps, videos of each label in a batch, rate of learning, decay, seed."""

    steps: int = 1500
    batch: int = 16
    rate: float = 1e-3
    decay: float = 5e-4
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1 or self.rate <= 0.0:
            raise DetectionError(
                f"`steps` and `batch` must be at least 1, `rate` above 0; got {self.steps}, {self.batch}, {self.rate}."
            )


DEFAULT: Final = Plan()


def read_video_labels(path: Path) -> dict[str, bool]:
    """Read `video,anomalous`.

    Raises:
        DetectionError: it lacks a column, or one of the two labels.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"video", "anomalous"} <= set(rows[0]):
        raise DetectionError(f"{path} must have rows with video, anomalous.")
    labels = {row["video"]: row["anomalous"] == "1" for row in rows}
    if len(set(labels.values())) < 2:
        raise DetectionError(f"{path} must name videos with and without an event.")
    return labels


def read_spans(layout: str, annotations: Path) -> dict[str, Spans]:
    """Read the published test annotations: spans by video name without ending; ordinary ones have none."""
    text = annotations.read_text(encoding="utf-8")
    if layout == "xd-violence":
        return xd_annotations(text)
    return {name.removesuffix(".mp4"): spans for name, (_, spans) in ucf_annotations(text).items()}


def train_head(videos: Mapping[str, Floats], labels: Mapping[str, bool], plan: Plan) -> Head:
    """Train on videos `float32 (T, C, D)` and their labels; every step draws crops anew.

    Raises:
        DetectionError: a labelled video has no features, or their widths differ.
    """
    missing = sorted(set(labels) - set(videos))
    if missing:
        raise DetectionError(f"{len(missing)} labelled videos have no features, among them {missing[0]}.")
    widths = {videos[name].shape[2] for name in labels}
    if len(widths) != 1:
        raise DetectionError(f"All features must be of one width, got {sorted(widths)}.")
    torch.manual_seed(plan.seed)
    chance = np.random.default_rng(plan.seed)
    head = Head(HeadConfig(features=widths.pop()))
    bags = {name: resample(videos[name], SEGMENTS) for name in labels}
    names = {value: [name for name, label in labels.items() if label == value] for value in (False, True)}
    is_event = torch.tensor([0.0] * plan.batch + [1.0] * plan.batch)
    optimiser = torch.optim.AdamW(head.parameters(), lr=plan.rate, weight_decay=plan.decay)
    head.train()
    for _ in trange(plan.steps, desc="training", unit="step"):
        drawn = [bags[str(name)] for value in (False, True) for name in chance.choice(names[value], plan.batch)]
        segments = np.stack([bag[:, int(chance.integers(bag.shape[1]))] for bag in drawn])
        logits, magnitudes = head(torch.from_numpy(segments))
        loss = mil_loss(logits, magnitudes, is_event, head.config)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return head.eval()


@torch.no_grad()
def score_video(head: Head, features: Floats) -> npt.NDArray[np.float64]:
    """Score the segments of a video `float32 (T, C, D)`, mean over its crops: `float64 (T,)` 0-1."""
    logits, _ = head(torch.from_numpy(np.ascontiguousarray(features.transpose(1, 0, 2))))
    return np.asarray(torch.sigmoid(logits).mean(dim=0).numpy(), np.float64)


def measure_head(head: Head, videos: Mapping[str, Floats], spans: Mapping[str, Spans]) -> dict[str, Any]:
    """Measure frame by frame, all videos together, and video by video.

    A video that is not annotated must be an ordinary one of XD-Violence (`label_A`).

    Raises:
        DetectionError: it is neither.
    """
    scores, flags, highest, events = [], [], [], []
    for name, features in sorted(videos.items()):
        if name not in spans and "label_A" not in name:
            raise DetectionError(f"{name} has features and no annotation.")
        own = score_video(head, features)
        frames = len(own) * FRAMES_PER_SEGMENT
        flag = np.zeros(frames, np.bool_)
        for start, stop in spans.get(name, ()):
            flag[start:stop] = True
        scores.append(frame_scores(own, frames))
        flags.append(flag)
        highest.append(float(own.max()))
        events.append(bool(spans.get(name, ())))
    every, is_event = np.concatenate(scores), np.concatenate(flags)
    figures = {
        "frame_auc": area_under_curve(every, is_event),
        "frame_ap": average_precision(every, is_event),
        "video_auc": area_under_curve(np.array(highest), np.array(events)),
    }
    rounded = {name: round(value, 4) if np.isfinite(value) else None for name, value in figures.items()}
    return {"videos": len(videos), "frames": len(every), **rounded}


def save_head(head: Head, out: Path, report: Mapping[str, Any]) -> None:
    """Write `head.npz` and `report.json`, in which stands the hash of the arrays."""
    out.mkdir(parents=True, exist_ok=True)
    arrays = {name: value.numpy() for name, value in head.state_dict().items()}
    np.savez(out / "head.npz", allow_pickle=False, **arrays)
    digest = hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()
    content = {**report, "config": asdict(head.config), "weights_sha256": digest}
    (out / "report.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def data_hash(folder: Path) -> str:
    """Give one hash for all feature files below a folder: names and contents."""
    digest = hashlib.sha256()
    for name, paths in find_features(folder).items():
        digest.update(name.encode())
        for path in paths:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def main() -> None:
    """Read the command line, train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True, metavar="DIR", help="feature files to train on")
    parser.add_argument("--labels", type=Path, required=True, metavar="CSV", help="video, anomalous")
    parser.add_argument("--test", type=Path, metavar="DIR", help="feature files to measure on")
    parser.add_argument("--annotations", type=Path, metavar="FILE", help="published test annotations")
    parser.add_argument("--layout", choices=("ucf-crime", "xd-violence"), default="ucf-crime")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="made if it is not there")
    parser.add_argument("--steps", type=int, default=DEFAULT.steps)
    parser.add_argument("--seed", type=int, default=DEFAULT.seed)
    options = parser.parse_args()
    if (options.test is None) != (options.annotations is None):
        parser.error("--test and --annotations belong together.")
    plan, labels = Plan(steps=options.steps, seed=options.seed), read_video_labels(options.labels)
    known = {name: read_features(paths) for name, paths in find_features(options.train).items() if name in labels}
    head = train_head(known, labels, plan)
    report: dict[str, Any] = {
        "plan": asdict(plan),
        "train_videos": len(labels),
        "train_sha256": data_hash(options.train),
    }
    if options.test is not None:
        videos = {name: read_features(paths) for name, paths in find_features(options.test).items()}
        report |= measure_head(head, videos, read_spans(options.layout, options.annotations))
    save_head(head, options.out, report)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
