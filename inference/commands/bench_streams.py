"""How many cameras this machine sustains: read, mask, detect and record at 5 frames per second, all in one process.

Every camera is a 640x360 H.264 file played at real speed through the same reader, masker, detector and recorder as a
real one; they share one network. A step is sustained if at most 1 % of the frames due are missing and none is withheld.
"""

import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2

from inference.commands.machine import describe_machine
from inference.core.decode.reader import Reader
from inference.core.decode.source import SourceConfig
from inference.core.detection.registry import DETECTORS, create_detector
from inference.core.frames import MaskedFrame
from inference.core.health import Meter
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from inference.core.pipeline import Pipeline
from inference.core.recording.segments import RecorderConfig, SegmentRecorder
from inference.sample_clip import write_shot

FPS: Final = 5.0
STEPS: Final = (1, 2, 4, 6, 8, 10, 12, 16, 20, 24, 32)
WARM_UP_S: Final = 5.0
MAX_MISSING: Final = 0.01


@dataclass(frozen=True, slots=True)
class StreamsConfig:
    """What to measure: `cameras` at once (None: rising steps until one is not sustained), `seconds` each."""

    cameras: int | None
    seconds: float
    size: str
    masker: str


class _Count:
    """A sink that counts masked frames and their age while measuring."""

    def __init__(self, measuring: threading.Event) -> None:
        self.frames = self.withheld = 0
        self.lag_ms: list[float] = []
        self._measuring = measuring

    def write(self, frame: MaskedFrame) -> None:
        if self._measuring.is_set():
            self.frames += 1
            self.withheld += bool(frame.withheld)
            self.lag_ms.append((time.time() - frame.captured_at.timestamp()) * 1000)

    def close(self) -> None:
        """Nothing to close."""


def bench_streams(config: StreamsConfig) -> dict[str, Any]:
    """Measure step by step; the report has one row per step and the number sustained."""
    cv2.setNumThreads(1)
    steps = (config.cameras,) if config.cameras is not None else STEPS
    rows: list[dict[str, Any]] = []
    machine = describe_machine()  # before we load it ourselves
    with tempfile.TemporaryDirectory(prefix="paca-bench-") as folder:
        clip = Path(folder) / "camera.mp4"
        write_shot(clip)
        for cameras in steps:
            row = _step(config, cameras, clip, Path(folder))
            rows.append(row)
            sys.stderr.write(
                f"{cameras:3d} cameras: {row['fps_per_camera']:.2f} fps each, {row['missing'] * 100:.1f} % missing, "
                f"p95 {row['lag_p95_ms']:.0f} ms, {row['cpu_cores']:.2f} cores\n"
            )
            if not row["is_sustained"]:
                break
    sustained = max((row["cameras"] for row in rows if row["is_sustained"]), default=0)
    best = next((row for row in rows if row["cameras"] == sustained), rows[0])
    return {
        "cameras_sustained": sustained,
        "fps": FPS,
        "width": 640,
        "height": 360,
        "masker": config.masker,
        "size": config.size,
        "look_ahead_in_lag": config.masker == "paca-seg",
        **{key: best[key] for key in ("lag_p50_ms", "lag_p95_ms", "missing", "cpu_cores", "mask_ms", "detect_ms")},
        "steps": rows,
        **machine,
    }


def _step(config: StreamsConfig, cameras: int, clip: Path, folder: Path) -> dict[str, Any]:
    stop, measuring = threading.Event(), threading.Event()
    counts = [_Count(measuring) for _ in range(cameras)]
    lines = [_line(config, clip, folder / f"{cameras}-{number}", count) for number, count in enumerate(counts)]
    threads = [threading.Thread(target=line.run, args=(stop,), daemon=True) for line in lines]
    for thread in threads:
        thread.start()
        time.sleep(1.0 / FPS / cameras)  # cameras in the field do not send in step
    time.sleep(WARM_UP_S)
    cpu_s, started_s = _cpu_s(), time.monotonic()
    measuring.set()
    time.sleep(config.seconds)
    measuring.clear()
    seconds, cpu_s = time.monotonic() - started_s, _cpu_s() - cpu_s
    health = [line.health for line in lines]
    stop.set()
    for thread in threads:
        thread.join(10.0)
    due = seconds * FPS * cameras
    frames = sum(count.frames for count in counts)
    withheld = sum(count.withheld for count in counts)
    ages = sorted(age for count in counts for age in count.lag_ms) or [0.0]
    missing = max(0.0, 1.0 - (frames + cameras) / due)  # the window may cut one frame per camera
    return {
        "cameras": cameras,
        "is_sustained": missing <= MAX_MISSING and not withheld,
        "fps_per_camera": frames / seconds / cameras,
        "missing": missing,
        "dropped": sum(each.dropped for each in health),
        "withheld": withheld,
        "lag_p50_ms": ages[len(ages) // 2],
        "lag_p95_ms": ages[int(0.95 * len(ages))],
        "mask_ms": _median([each.mask_ms for each in health]),
        "detect_ms": _median([each.detect_ms for each in health]),
        "record_ms": _median([each.sink_ms["SegmentRecorder"] for each in health]),
        "cpu_cores": cpu_s / seconds,
        "cpu_cores_per_camera": cpu_s / seconds / cameras,
    }


def _line(config: StreamsConfig, clip: Path, folder: Path, count: _Count) -> Pipeline:
    settings: dict[str, Any] = {"size": config.size} if config.masker == "paca-seg" else {}
    masker = create_masker(config.masker, **settings)
    recorder = SegmentRecorder(RecorderConfig(folder, masker.fingerprint, fps=FPS), on_segment=lambda _: None)
    reader = Reader(SourceConfig(str(clip), target_fps=FPS, loop=True, realtime=True))
    detector = create_detector(sorted(DETECTORS)[0])
    return Pipeline(reader, MaskingStage(masker), detector, [recorder, count], events=None)


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system


def _median(values: list[float]) -> float:
    meter = Meter()
    for value in values:
        meter.add(value)
    return meter.median
