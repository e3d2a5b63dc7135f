"""Hours of faults on one of four cameras, in one process: does it always come back, do the others notice, does it leak?

`python -m tests.soak --cycles 300 --json FILE` (`make soak`) plays a clip from a real RTSP server to four whole lines
(read, mask, detect, record). The first camera's line is cut, stalled, filled with garbage or left hanging again and
again; the others run beside it. Ends with 1, and says why, where a bar of `judge` is missed.
"""

import argparse
import gc
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2

from inference.commands.machine import describe_machine
from inference.core.decode.reader import Reader
from inference.core.decode.source import SourceConfig
from inference.core.detection.registry import DETECTORS, create_detector
from inference.core.frames import MaskedFrame
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from inference.core.pipeline import Pipeline
from inference.core.recording.segments import RecorderConfig, Segment, SegmentRecorder
from tests.faulty_line import FaultyLine
from tests.rtsp_server import RtspServer, make_clip

FPS: Final = 5.0
FAULTS: Final = ("cut", "stall", "garbage", "hang")
FAULT_S: Final = (0.5, 7.0)
WITHIN_S: Final = 40.0
BACK_S: Final = 10.0
MOST_GROWTH: Final = 0.05
SLACK_MIB: Final = 12.0
"""Less growth than this is the allocator's, also where it is more than `MOST_GROWTH` of a small process."""
MOST_MISSING: Final = 0.01
SLACK_HANDLES: Final = 3


@dataclass
class Size:
    """How much this process holds at one moment."""

    memory_mib: float
    files: int
    threads: int

    @classmethod
    def now(cls) -> "Size":
        """Return it as it is after a collection of garbage."""
        gc.collect()
        resident = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
        return cls(
            int(resident.split()[1]) / 1024, len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
        )


@dataclass
class Report:
    """What happened: seconds until back by kind of fault, sizes after each cycle, and what the others gave."""

    cycles: int
    masker: str
    back_s: dict[str, list[float]] = field(default_factory=lambda: {fault: [] for fault in FAULTS})
    sizes: list[Size] = field(default_factory=list)
    seconds: float = 0.0
    others_missing: list[float] = field(default_factory=list)
    others_reconnects: int = 0
    others_longest_gap_s: float = 0.0


class Camera:
    """One whole line, and when it gave its masked frames."""

    def __init__(self, url: str, masker: str, folder: Path) -> None:
        self.count, self.last_at_s, self.longest_gap_s = 0, time.monotonic(), 0.0
        self.reader = Reader(SourceConfig(url, target_fps=FPS, max_width=1280, realtime=True))
        self._masking = MaskingStage(create_masker(masker))
        recorder = SegmentRecorder(RecorderConfig(folder, masker, fps=FPS), self._forget)
        detector = create_detector(sorted(DETECTORS)[0]) if masker != "cover-all" else None
        self._line = Pipeline(self.reader, self._masking, detector, [recorder, self], events=None)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._line.run, args=(self._stop,), daemon=True)
        self._thread.start()

    def write(self, frame: MaskedFrame) -> None:
        """Count a masked frame."""
        now_s = time.monotonic()
        if self.count:
            self.longest_gap_s = max(self.longest_gap_s, now_s - self.last_at_s)
        self.count, self.last_at_s = self.count + (not frame.withheld), now_s

    def close(self) -> None:
        """Nothing to close."""

    def stop(self) -> None:
        """End the line."""
        self._stop.set()
        self._thread.join(10.0)
        self._masking.__exit__(None, None, None)

    def _forget(self, segment: Segment) -> None:
        if segment.ended_at is not None:
            segment.path.unlink(missing_ok=True)


def run(cycles: int, masker: str, folder: Path, seed: int = 1) -> Report:
    """Run `cycles` faults on the first of four cameras."""
    cv2.setNumThreads(1)
    report, chance = Report(cycles, masker), random.Random(seed)
    server = RtspServer(folder)
    make_clip(folder / "clip.mp4", seconds=20.0, fps=10, width=640, height=360, keyframe_s=1.0)
    server.start()
    line = FaultyLine(server.port)
    ill_url = server.url("clip.mp4").replace(str(server.port), str(line.port))
    urls = [ill_url] + [server.url("clip.mp4")] * 3
    cameras = [Camera(url, masker, folder / f"camera-{number}") for number, url in enumerate(urls)]
    ill, others = cameras[0], cameras[1:]
    try:
        for camera in cameras:
            _wait_for_frame(camera, WITHIN_S)
        time.sleep(3.0)
        for other in others:
            other.longest_gap_s = 0.0
        began_s, counts = time.monotonic(), [other.count for other in others]
        for number in range(cycles):
            fault = FAULTS[number % len(FAULTS)]
            line.fail(fault)
            time.sleep(chance.uniform(*FAULT_S))
            line.fail("pass")
            report.back_s[fault].append(round(_wait_for_frame(ill, WITHIN_S), 2))
            time.sleep(1.0)
            report.sizes.append(Size.now())
            _tell(number, fault, report)
        report.seconds = time.monotonic() - began_s
        due = report.seconds * FPS
        report.others_missing = [
            round(max(0.0, 1 - (other.count - before + 1) / due), 4)
            for other, before in zip(others, counts, strict=True)
        ]
        report.others_reconnects = sum(other.reader.reconnects for other in others)
        report.others_longest_gap_s = round(max(other.longest_gap_s for other in others), 2)
    finally:
        for camera in cameras:
            camera.stop()
        line.close()
        server.kill()
    return report


def judge(report: Report) -> list[str]:
    """Return what is wrong, in sentences; empty: all bars are met."""
    wrong = []
    slowest = max((seconds for found in report.back_s.values() for seconds in found), default=0.0)
    if slowest > BACK_S:
        wrong.append(f"Back after {slowest:.1f} s, allowed are {BACK_S:.0f} s.")
    # the first cycles fill caches and pools; what still grows after them leaks
    settled = report.sizes[len(report.sizes) // 4 :]
    if len(settled) >= 2:
        half = len(settled) // 2
        first, last = (_median(part) for part in (settled[: max(1, half)], settled[half:]))
        allowed_mib = max(MOST_GROWTH * first.memory_mib, SLACK_MIB)
        if last.memory_mib - first.memory_mib > allowed_mib:
            wrong.append(f"Memory grew from {first.memory_mib:.0f} to {last.memory_mib:.0f} MiB.")
        for name in ("files", "threads"):
            before, after = getattr(first, name), getattr(last, name)
            if after - before > SLACK_HANDLES:
                wrong.append(f"Open {name} grew from {before} to {after}.")
    if any(missing > MOST_MISSING for missing in report.others_missing):
        wrong.append(f"The other cameras lost frames: {report.others_missing} of 1.")
    if report.others_reconnects:
        wrong.append(f"The other cameras reconnected {report.others_reconnects} times.")
    return wrong


def summary(report: Report, wrong: Sequence[str]) -> dict[str, Any]:
    """Return the report with its extremes, flat enough to read."""
    kinds = {kind: found for kind, found in report.back_s.items() if found}
    return {
        "is_good": not wrong,
        "wrong": list(wrong),
        "cycles": report.cycles,
        "seconds": round(report.seconds),
        "masker": report.masker,
        "back_s_median": {kind: round(statistics.median(found), 2) for kind, found in kinds.items()},
        "back_s_max": {kind: max(found) for kind, found in kinds.items()},
        "others_missing": report.others_missing,
        "others_reconnects": report.others_reconnects,
        "others_longest_gap_s": report.others_longest_gap_s,
        "size_first": asdict(report.sizes[0]) if report.sizes else None,
        "size_last": asdict(report.sizes[-1]) if report.sizes else None,
        "memory_mib": [round(size.memory_mib) for size in report.sizes],
        **describe_machine(),
    }


def _median(sizes: Sequence[Size]) -> Size:
    return Size(
        statistics.median(size.memory_mib for size in sizes),
        round(statistics.median(size.files for size in sizes)),
        round(statistics.median(size.threads for size in sizes)),
    )


def _wait_for_frame(camera: Camera, within_s: float) -> float:
    """Wait for the next masked frame; return the seconds it took, `within_s` if none came."""
    began_s, before = time.monotonic(), camera.count
    while camera.count == before and time.monotonic() - began_s < within_s:
        time.sleep(0.02)
    return time.monotonic() - began_s


def _tell(number: int, fault: str, report: Report) -> None:
    size = report.sizes[-1]
    sys.stderr.write(
        f"{number + 1:4d} {fault:8s} back after {report.back_s[fault][-1]:5.2f} s, {size.memory_mib:.0f} MiB, "
        f"{size.files} files, {size.threads} threads\n"
    )


def main() -> None:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=300)
    parser.add_argument("--masker", default="paca-seg", choices=("paca-seg", "cover-all"))
    parser.add_argument("--json", type=Path, help="write the report here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paca-soak-") as folder:
        report = run(given.cycles, given.masker, Path(folder))
    wrong = judge(report)
    text = json.dumps(summary(report, wrong), indent=1)
    sys.stdout.write(text + "\n")
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(text + "\n")
    if wrong:
        sys.exit("The soak refuses: " + " ".join(wrong))


if __name__ == "__main__":
    main()
