"""Look at a source once: what it is, and its first frame (which still has to be masked before anyone sees it)."""

import threading
from dataclasses import dataclass, field
from typing import Final

from inference.core.decode.source import FrameSource, SourceConfig, open_source
from inference.core.errors import DecodeError
from inference.core.frames import RawFrame

DEADLINE_S: Final = 15.0
"""Somebody waits at a page for the outcome."""

MOST_FRAMES: Final = 64
"""Frames kept at once, also where stream time stands still."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a source says about itself.

    Attributes:
        width, height: pixels of the frames given (after `max_width`).
        fps: declared rate, frames per second.
        codec: short name, such as `h264`.
        frames: the first frames, raw: hand them to a masker and to nothing else.
    """

    width: int
    height: int
    fps: float
    codec: str
    frames: tuple[RawFrame, ...] = field(repr=False)


def probe(config: SourceConfig, deadline_s: float = DEADLINE_S, *, seconds: float = 0.0) -> ProbeResult:
    """Open the source, take its first frame and those of `seconds` after it, close it, all within `deadline_s` seconds.

    The time-outs of `config` hold for one read each: a source that trickles, or a name server that is silent, could
    go on without end. A look that is given up ends by itself, in a thread that keeps no process alive.

    Raises:
        DecodeError: it cannot be opened or gives no frame, or not in time.
        ValueError: the address is none.
    """
    look = _Look(config, seconds)
    look.start()
    look.join(deadline_s)
    if look.result is not None:
        return look.result
    if look.fault is not None:
        raise look.fault
    if look.is_alive():
        look.give_up()
        raise DecodeError(f"The source gave no frame within {deadline_s:g} s.")
    raise DecodeError("The source could not be looked at; the log says why.")


class _Look(threading.Thread):
    """One look at a source; `result` or `fault` is set when it ends."""

    def __init__(self, config: SourceConfig, seconds: float) -> None:
        super().__init__(name="probe", daemon=True)
        self._seconds = seconds
        self.result: ProbeResult | None = None
        self.fault: DecodeError | ValueError | None = None
        self._config = config
        self._source: FrameSource | None = None
        self._is_given_up = threading.Event()

    def run(self) -> None:
        try:
            with open_source(self._config) as source:
                self._source = source
                if not self._is_given_up.is_set():
                    self.result = _first(source, self._seconds)
        except (DecodeError, ValueError) as error:
            self.fault = error

    def give_up(self) -> None:
        self._is_given_up.set()
        if self._source is not None:
            self._source.interrupt()


def _first(source: FrameSource, seconds: float) -> ProbeResult:
    frames: list[RawFrame] = []
    for frame in source:
        frames.append(frame)
        if frame.pts_s - frames[0].pts_s >= seconds or len(frames) == MOST_FRAMES:
            break
    if not frames:
        raise DecodeError(f"{source.address.shown!r} opened, but ended before its first frame.")
    height, width = frames[0].image.shape[:2]
    return ProbeResult(width, height, source.fps, source.codec, tuple(frames))
