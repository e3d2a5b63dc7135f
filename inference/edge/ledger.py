"""What became of each raw frame of one camera, for the attestation. Counts only; safe to read from another thread."""

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field

from inference.core.decode.reader import Reader
from inference.core.frames import MaskedFrame, RawFrame


@dataclass(slots=True)
class _Counts:
    decoded: int = 0
    masked: int = 0
    withheld: int = 0
    discarded: int = 0


@dataclass(slots=True)
class Ledger:
    """Counts over all lines of one camera, from one restart of its line to the next.

    `raw_left` is measured, not reckoned: each raw picture that enters the line is watched until its memory is freed.
    """

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: _Counts = field(default_factory=_Counts)
    _masked: int = 0
    _withheld: int = 0
    _told: _Counts = field(default_factory=_Counts)
    _held_told: int = 0
    _entered: int = 0
    _freed: int = 0
    _reader: Reader | None = None

    def begin(self, reader: Reader) -> None:
        """A line begins with this reader."""
        with self._lock:
            self._reader = reader

    def end(self) -> None:
        """The line has ended: what was still inside it was thrown away unseen."""
        with self._lock:
            if self._reader is None:
                return
            now = self._now()
            self._ended.decoded = now.decoded
            self._ended.discarded = now.decoded - now.masked - now.withheld
            self._reader = None

    def enters(self, frame: RawFrame) -> None:
        """A raw picture enters the masker."""
        with self._lock:
            self._entered += 1
        weakref.finalize(frame.image, self._left).atexit = False

    def _left(self) -> None:
        self._freed += 1  # no lock: the collector may run in a thread that holds it; one addition is atomic enough

    def leaves(self, frames: Sequence[MaskedFrame]) -> None:
        """Frames come out of the masker, masked or withheld."""
        withheld = sum(bool(frame.withheld) for frame in frames)
        with self._lock:
            self._withheld += withheld
            self._masked += len(frames) - withheld

    def fails(self) -> None:
        """The masking stage failed over a frame: it ends there."""
        with self._lock:
            self._withheld += 1

    def _now(self) -> _Counts:
        reader = self._reader
        dropped = reader.dropped if reader else 0  # before `decoded`, so that nothing is ever less than nothing
        decoded = reader.decoded if reader else 0
        ended = self._ended
        return _Counts(ended.decoded + decoded, self._masked, self._withheld, ended.discarded + dropped)

    def minute(self) -> dict[str, int]:
        """Return the counts since the last call, as they are attested."""
        with self._lock:
            now, before = self._now(), self._told
            held = now.decoded - now.masked - now.withheld - now.discarded
            told = {
                "decoded": now.decoded - before.decoded,
                "masked": now.masked - before.masked,
                "withheld": now.withheld - before.withheld,
                "discarded": now.discarded - before.discarded,
                "held_before": self._held_told,
                "held": held,
                "raw_left": max(0, self._entered - self._freed),
            }
            self._told, self._held_told = now, held
        return told
