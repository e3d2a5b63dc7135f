"""The masking of a camera box: the core's stage, counted, and only under a mask policy that still holds."""

from inference.core.frames import MaskedFrame, RawFrame
from inference.core.masking.stage import MaskingStage
from inference.core.masking.withhold import withhold
from inference.edge.ledger import Ledger
from inference.edge.policy import Policy


class CountedMasking:
    """The `Masking` of a box's line. While the policy is outdated every frame is withheld, unseen by the masker."""

    def __init__(self, stage: MaskingStage, policy: Policy, ledger: Ledger) -> None:
        self._stage, self._policy, self._ledger = stage, policy, ledger

    def push(self, frame: RawFrame) -> list[MaskedFrame]:
        """Take the next frame; give those that are ready."""
        self._ledger.enters(frame)
        try:
            outdated = self._policy.outdated()
            ready = [*self._stage.flush(), withhold(frame, outdated)] if outdated else self._stage.push(frame)
        except Exception:
            self._ledger.fails()
            raise
        self._ledger.leaves(ready)
        return ready

    def flush(self) -> list[MaskedFrame]:
        """Give all frames still held back."""
        ready = self._stage.flush()
        self._ledger.leaves(ready)
        return ready
