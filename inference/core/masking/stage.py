"""The only way through masking: whatever the masker does, what comes out is masked or withheld.

Every pushed frame comes out exactly once and in order. If the masker raises, is late, hangs, is still busy, or gives
something impossible, every frame it has in hand comes out withheld at once: what is not certain is not shown.
Nobody waits longer than the deadline; a masker that hangs is left behind in its thread and a fresh one takes over.
"""

import logging
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from types import TracebackType
from typing import Final, Protocol
from weakref import finalize

from inference.core.errors import MaskingError
from inference.core.frames import MaskedFrame, RawFrame
from inference.core.masking.base import Masker
from inference.core.masking.verify import reason_to_refuse
from inference.core.masking.withhold import withhold
from inference.core.masking.worker import Worker

logger = logging.getLogger(__name__)

LATE: Final = "the masker is too slow"
BUSY: Final = "the masker is still busy with an earlier frame"
HANGS: Final = "the masker hangs"
MAX_REASONS: Final = 32
"""Reasons counted apart; a flood of different error texts must not fill the memory."""


@dataclass(frozen=True, slots=True)
class StageConfig:
    """How patient the stage is.

    Attributes:
        deadline_ms: a frame whose call takes longer is withheld.
        hang_s: a call that takes longer is given up, and the masker with it.
        max_held: frames a masker may hold back; more is a fault.
        max_hanging: given-up maskers that may still hang in their threads; with more, nothing is tried any more.
    """

    deadline_ms: float = 1000.0
    hang_s: float = 10.0
    max_held: int = 64
    max_hanging: int = 3

    def __post_init__(self) -> None:
        for name in ("deadline_ms", "hang_s", "max_held", "max_hanging"):
            given = getattr(self, name)
            if not isfinite(given) or given <= 0:
                raise MaskingError(f"`{name}` must be a number above 0, got {given!r}.")


class FrameWatch(Protocol):
    """Compares what is shown with what was seen, here, where both are; `leak_watch.CameraWatch` is one."""

    def see(self, raw: RawFrame, masked: MaskedFrame) -> None:
        """Take note of a frame that goes on; must not wait, change anything or keep the frame for long."""


class MaskingStage:
    """Runs a masker and lets nothing unmasked through. One per stream; use it from one thread.

    Attributes:
        masked: frames shown so far.
        withheld: frames withheld so far.
        withheld_by_reason: the same by reason, in words for the operator.
        health: "ok", or the reason for which the newest frame was withheld ("masking down: ...").
    """

    def __init__(self, masker: Masker, config: StageConfig | None = None, watch: FrameWatch | None = None) -> None:
        """Take `masker` over: nobody else may call it from now on. `watch` sees each frame that goes on."""
        self._config = config or StageConfig()
        self._masker = masker
        self._fingerprint = masker.fingerprint
        self._worker = Worker("masking")
        self._stop = finalize(self, self._worker.stop)
        self._hanging: list[Worker] = []
        self._pending: deque[RawFrame] = deque()
        self._watch = watch
        self._before: RawFrame | None = None
        self._must_drop = False  # what the masker holds has been withheld already
        self._must_renew = False  # the masker can no longer be believed
        self.masked = 0
        self.withheld = 0
        self.withheld_by_reason: Counter[str] = Counter()
        self.health = "ok"

    @property
    def fingerprint(self) -> str:
        """The masker's fingerprint."""
        return self._fingerprint

    def push(self, raw: RawFrame) -> list[MaskedFrame]:
        """Take the next raw frame; give the frames that are ready, masked or withheld, oldest first.

        Returns after `deadline_ms` at the latest (twice that where a masker has to be replaced).
        """
        self._pending.append(raw)
        trouble = self._trouble()
        if trouble:
            return self._withhold_all(trouble)
        masker, must_drop = self._masker, self._must_drop

        def job() -> list[MaskedFrame]:
            if must_drop:
                masker.flush()  # withheld already; the tracks stay
            return masker.push(raw)

        return self._run(job, is_end=False)

    def glance(self, raw: RawFrame) -> None:
        """Let the masker take note of a frame that nobody will see, before the first one that is pushed."""
        masker = self._masker
        outcome = self._worker.call(lambda: masker.glance(raw), self._config.deadline_ms / 1000.0)
        if outcome is None or outcome.error is not None:
            self._must_renew = True  # what it knows now is in doubt

    def flush(self) -> list[MaskedFrame]:
        """Give all frames still held back, masked or withheld (end of stream, discontinuity)."""
        if not self._pending:
            return []
        trouble = self._trouble()
        return self._withhold_all(trouble) if trouble else self._run(self._masker.flush, is_end=True)

    def hand_over(self) -> object | None:
        """Give what the masker remembers of people and view to the next masker of this stream; None if in doubt."""
        if self._trouble():
            return None
        outcome = self._worker.call(self._masker.hand_over, self._config.deadline_ms / 1000.0)
        return outcome.value if outcome is not None and outcome.error is None else None

    def close(self) -> None:
        """End the stage's thread; frames not flushed are never shown."""
        self._pending.clear()
        self._stop()

    def __enter__(self) -> "MaskingStage":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _trouble(self) -> str:
        """Return why the masker cannot be asked now; empty if it can. Replaces a masker that has to be replaced."""
        if self._worker.busy_s > self._config.hang_s:
            self._hanging = [worker for worker in self._hanging if worker.is_alive()]
            if len(self._hanging) >= self._config.max_hanging:
                return HANGS
            logger.error("A masker hangs and is left behind; a fresh one takes over.")
            self._stop()  # the thread ends if the call ever does
            self._hanging.append(self._worker)
            self._worker = Worker("masking")
            self._stop = finalize(self, self._worker.stop)
            self._must_renew = True
        if self._worker.busy_s > 0:
            return BUSY
        late = self._worker.last_error  # of a call that nobody waited for to the end
        if late is not None and not isinstance(late, MaskingError):
            self._must_renew = True
        return self._renew() if self._must_renew else ""

    def _renew(self) -> str:
        outcome = self._worker.call(self._masker.fresh, self._config.deadline_ms / 1000.0)
        if outcome is None:
            return LATE
        if outcome.error is not None or outcome.value is None:
            logger.error("No fresh masker can be made: %s", type(outcome.error).__name__)
            return f"no masker can be made ({type(outcome.error).__name__})"
        self._masker, self._must_renew, self._must_drop = outcome.value, False, False
        return ""

    def _run(self, job: Callable[[], list[MaskedFrame]], *, is_end: bool) -> list[MaskedFrame]:
        outcome = self._worker.call(job, self._config.deadline_ms / 1000.0)
        if outcome is None:
            self._must_drop = True
            return self._withhold_all(LATE)
        if isinstance(outcome.error, MaskingError):
            self._must_drop = True
            return self._withhold_all(str(outcome.error))
        if outcome.error is not None:
            # Only its name: the text of a foreign error may carry anything.
            self._must_renew = True
            return self._withhold_all(f"the masker failed ({type(outcome.error).__name__})")
        self._must_drop = False
        refusal = self._refusal(outcome.value, is_end=is_end)
        if refusal:
            self._must_renew = True
            return self._withhold_all(refusal)
        return self._pass_on(outcome.value or [])

    def _refusal(self, given: object, *, is_end: bool) -> str:
        """Return why the masker's answer cannot be right; empty if it can."""
        if not isinstance(given, list):
            return f"the masker gave a {type(given).__name__}"
        left = len(self._pending) - len(given)
        if left < 0:
            return "the masker gave more frames than it got"
        if left > 0 and is_end:
            return "the masker lost a frame"
        if left > self._config.max_held:
            return "the masker holds back too many frames"
        around = [self._before, *list(self._pending)]
        for at, frame in enumerate(given):
            neighbours = [around[at], *around[at + 2 : at + 3], around[-1]]
            own = self._pending[at]
            others = [other for other in neighbours if other is not None and other is not own]
            refusal = reason_to_refuse(frame, own, others)
            if refusal:
                return refusal
        return ""

    def _pass_on(self, frames: list[MaskedFrame]) -> list[MaskedFrame]:
        for frame in frames:
            self._before = raw = self._pending.popleft()
            self._count(frame)
            if self._watch is not None:
                self._watch.see(raw, frame)
        return frames

    def _withhold_all(self, reason: str) -> list[MaskedFrame]:
        """Give every frame in hand, withheld."""
        return self._pass_on([withhold(raw, reason) for raw in self._pending])

    def _count(self, frame: MaskedFrame) -> None:
        health = frame.withheld or "ok"
        if health != self.health:
            logger.log(logging.WARNING if frame.withheld else logging.INFO, "Frame %d: %s", frame.index, health)
            self.health = health
        if not frame.withheld:
            self.masked += 1
            return
        self.withheld += 1
        is_known = health in self.withheld_by_reason or len(self.withheld_by_reason) < MAX_REASONS
        self.withheld_by_reason[health if is_known else "masking down: other"] += 1
