"""`mask IN OUT`: write a masked copy of a video file or a stream. No unmasked frame is ever written."""

import argparse
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from inference.commands.options import add_input, check_report_path, offline_stage, report
from inference.commands.reading import Input
from inference.core.frames import MaskedFrame
from inference.core.recording.masked_file import MaskedFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_input(parser)
    parser.add_argument("output", metavar="OUT", type=Path, help="masked .mp4 (H.264, no sound); never overwritten")


def run(options: argparse.Namespace) -> int:
    """Mask the whole input at its full rate and with its own times; memory does not grow with its length."""
    check_report_path(options.json)
    output = MaskedFile(options.output)  # refuses before anything is read
    source = Input(options.input)
    output.set_fps(source.fps)
    work = _Work(output)
    started_s = time.monotonic()
    try:
        with offline_stage(options) as stage:
            work.masker = stage.fingerprint
            for frame in source.masked(stage, "masking", options.seconds):
                work.take(frame)
        output.close()
    finally:
        output.discard()
    report(_summary(options, source, work, time.monotonic() - started_s), options.json)
    if work.withheld:
        sys.stderr.write(f"{work.withheld} of {work.frames} frames are withheld (flat): {work.reason}\n")
    return 0


class _Work:
    """Counts and writes what was masked."""

    def __init__(self, output: MaskedFile) -> None:
        self.masker = ""
        self.frames = self.withheld = self.width = self.height = 0
        self.last_s = 0.0
        self.reason = ""
        self.mask_ms: list[float] = []
        self._output = output

    def take(self, frame: MaskedFrame) -> None:
        self._output.write(frame)
        if not self.frames:
            self.height, self.width = frame.image.shape[:2]
        self.frames += 1
        self.last_s = frame.pts_s
        if frame.withheld:
            self.withheld, self.reason = self.withheld + 1, frame.withheld
        self.mask_ms[self.frames % 1000 : self.frames % 1000 + 1] = [frame.mask_ms]  # a ring: memory stays flat


def _summary(options: argparse.Namespace, source: Input, work: _Work, spent_s: float) -> dict[str, Any]:
    return {
        "input": source.shown,
        "output": str(options.output),
        "masker": work.masker,
        "size": options.size,
        "style": options.style,
        "frames": work.frames,
        "withheld": work.withheld,
        "damaged": source.reader.damaged,
        "dropped": source.reader.dropped,
        "width": work.width,
        "height": work.height,
        "fps": source.fps,
        "duration_s": work.last_s,
        "mask_ms_per_frame": median(work.mask_ms),
        "spent_s": spent_s,
    }
