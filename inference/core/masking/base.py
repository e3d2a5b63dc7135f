"""What a masker is. `registry.py` lists them; the contract tests in `tests/inference/core` run over all of them."""

from typing import Protocol

from inference.core.frames import MaskedFrame, RawFrame


class Masker(Protocol):
    """Covers everything that must be covered, through time.

    A masker may hold frames back (look-ahead), so that a person found in frame *t* is covered in *t-1 ... t-k* as well:
    `push` returns the frames that are ready, oldest first, and every pushed frame comes out exactly once, in order,
    by a later `push` or by `flush`. A masker that cannot be sure of a frame raises `MaskingError` or returns it withheld;
    `MaskingStage` (stage.py) turns errors, time-outs and impossible output into withheld frames.
    """

    @property
    def fingerprint(self) -> str:
        """Weights and settings in one short hex string; stored with segments and alerts."""

    def push(self, frame: RawFrame) -> list[MaskedFrame]:
        """Take the next frame; give those that are ready."""

    def flush(self) -> list[MaskedFrame]:
        """Give all frames still held back (end of stream, discontinuity)."""

    def reset(self) -> None:
        """Forget tracks and held frames (they are dropped, never shown)."""
