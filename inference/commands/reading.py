"""Read and mask the input of a command, with a progress bar."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from tqdm import tqdm

from inference.core.decode.address import parse_address
from inference.core.decode.reader import Reader, ReaderConfig
from inference.core.decode.source import SourceConfig, open_source
from inference.core.errors import DecodeError
from inference.core.frames import MaskedFrame, RawFrame
from inference.core.masking.stage import MaskingStage

QUEUE = 16
WARM_UP_S: Final = 10.0
"""Stream time masked again before the first frame given by a reading that continues an earlier one: longer than a
masker holds people it no longer sees (`PacaSegConfig.hold_s`, 3 s), so that nobody held is forgotten at the seam."""
SAME_S: Final = 1e-6
LOST_S: Final = 10.0
"""How much longer than asked for a stream is waited for where no frame comes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where an earlier reading of the same file ended: the frame `index` at `pts_s` seconds was the last one given."""

    index: int
    pts_s: float


class Input:
    """The input of a command: a reader that loses nothing of a file, and how much there is to come.

    Attributes:
        address: what is read.
        shown: the address without its password.
        fps: frames per second to come.
        is_live: whether the far end sets the pace and there is no natural end.
        frames_total: how many frames to come, if known.
    """

    def __init__(self, address: str, target_fps: float | None = None) -> None:
        """Open `address` once to see what it is.

        Raises:
            DecodeError: it cannot be opened.
        """
        config = SourceConfig(address, target_fps=target_fps)
        with open_source(config) as source:
            self.fps = min(source.fps, target_fps or source.fps)
            self.is_live = source.is_live
            self.frames_total = round(source.frames_total * self.fps / source.fps) or None
        self.address = parse_address(address)
        self.shown = self.address.shown
        # A camera does not wait: there, a full queue drops frames (never masks), and a lost stream is reopened.
        self.reader = Reader(config, ReaderConfig(queue_size=QUEUE, is_lossless=not self.is_live))

    def masked(
        self,
        stage: MaskingStage,
        action: str,
        seconds: float | None,
        *,
        after: Mark | None = None,
        is_quiet: bool = False,
    ) -> Generator[MaskedFrame, None, None]:
        """Give every frame, masked, until the end, `seconds` of stream time, or (streams) Ctrl-C.

        With `after`, the frames up to that mark are decoded but not given; the masker glances at them (how sharp this
        film is, whether its view changed), and only the last `WARM_UP_S` of them are masked, so that the frames given
        are masked as if the reading had never been interrupted. (Decoding from the start is slower than a jump, but
        exact in every container, and far cheaper than masking.)

        Raises:
            DecodeError: it gave no frame, cannot be read any further, or does not hold what it held before `after`.
            KeyboardInterrupt: a file was interrupted: half of it must not look like all of it.
        """
        total = self.frames_total
        if seconds is not None:
            total = min(total or sys.maxsize, round(seconds * self.fps) or 1)
        shown_only_on_a_terminal = True if is_quiet else None
        with (
            _ending_on_interrupt(self.is_live) as is_asked_to_end,
            tqdm(
                total=total,
                desc=action,
                unit=" frames",
                file=sys.stderr,
                dynamic_ncols=True,
                disable=shown_only_on_a_terminal,
            ) as bar,
        ):
            for frame in self._after(stage, self._raw(seconds, is_asked_to_end, bar), after):
                if after is None or frame.index > after.index:
                    yield frame

    def _after(self, stage: MaskingStage, frames: Iterator[RawFrame], after: Mark | None) -> Iterator[MaskedFrame]:
        """Mask `frames` from a while before `after` on; check that the mark is where it was."""
        is_same = after is None
        for raw in frames:
            if after is not None and raw.index == after.index:
                is_same = abs(raw.pts_s - after.pts_s) < SAME_S
            if after is not None and raw.index >= after.index and not is_same:
                break
            if after is None or raw.pts_s >= after.pts_s - WARM_UP_S:
                yield from stage.push(raw)
            else:
                stage.glance(raw)
        if not is_same:
            raise DecodeError(f"{self.shown} does not give the frames that it gave before.")
        yield from stage.flush()

    def _raw(self, seconds: float | None, is_asked_to_end: Callable[[], bool], bar: "tqdm[Any]") -> Iterator[RawFrame]:
        count = 0
        clock = _StreamClock()
        started_s = time.monotonic()
        try:
            self.reader.start()
            while not self.reader.is_ended and not is_asked_to_end():
                raw = self.reader.get(0.5)
                if raw is None:
                    if self.is_live and seconds is not None and time.monotonic() - started_s > seconds + LOST_S:
                        break  # a camera that is lost must not keep the command beyond what was asked for
                    continue
                if self.is_live:
                    raw = clock.place(raw)
                if seconds is not None and raw.pts_s >= seconds:
                    break
                count += 1
                yield raw
                bar.update()
        finally:
            self.reader.stop()
        if not count:
            raise DecodeError(f"{self.shown} gave no frame.")


class _StreamClock:
    """Stream time over reconnections, each of which begins at 0 again: the gap lasts as long as it did on the wall."""

    def __init__(self) -> None:
        self._last: RawFrame | None = None
        self._offset_s = 0.0

    def place(self, raw: RawFrame) -> RawFrame:
        """Return `raw` at its time since the first frame of all."""
        last = self._last
        if last is not None and raw.discontinuity and raw.pts_s + self._offset_s <= last.pts_s:
            gap_s = (raw.captured_at - last.captured_at).total_seconds()
            self._offset_s = last.pts_s + max(gap_s, 0.001) - raw.pts_s
        self._last = replace(raw, pts_s=raw.pts_s + self._offset_s)
        return self._last


@contextmanager
def _ending_on_interrupt(is_live: bool) -> Iterator[Callable[[], bool]]:
    """For a stream, which has no other end than Ctrl-C, turn it into a question: was it pressed?"""
    asked_to_end = threading.Event()
    if not is_live:
        yield asked_to_end.is_set
        return
    before = signal.signal(signal.SIGINT, lambda *_: asked_to_end.set())
    try:
        yield asked_to_end.is_set
    finally:
        signal.signal(signal.SIGINT, before)
