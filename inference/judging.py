"""What is wrong with one camera's line, by cause, from its health; what cannot be judged yet is left out."""

import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext

from alerts.system.causes import Cause
from inference.core.health import PipelineHealth
from inference.core.masking.withhold import DOWN

WINDOW_S: Final = 60.0
JUDGED_AFTER_S: Final = 45.0
"""A share of fewer seconds than this says nothing about a minute."""
LONG_SHARE: Final = 0.2
"""A camera that withholds more than a fifth of a minute does not show what people think it shows."""


def _down(status: str) -> str:
    return status.removeprefix("down: ").removeprefix(DOWN) if status.startswith("down") else ""


@dataclass(slots=True)
class WithheldShare:
    """Share of frames withheld in the last minute of a turn, with the reasons."""

    _counts: deque[tuple[float, int, int, Mapping[str, int]]] = field(default_factory=deque)

    def add(self, health: PipelineHealth) -> str | None:
        """Take the newest counts; return why they are worth telling, "" if they are not, None if it is too early."""
        now_s = time.monotonic()
        self._counts.append((now_s, health.masked, health.withheld, health.withheld_by_reason))
        while now_s - self._counts[0][0] > WINDOW_S:
            self._counts.popleft()
        at_s, masked, withheld, reasons = self._counts[0]
        total = health.masked + health.withheld - masked - withheld
        if now_s - at_s < JUDGED_AFTER_S or total == 0:
            return None
        share = (health.withheld - withheld) / total
        if share < LONG_SHARE:
            return ""
        more = (Counter(health.withheld_by_reason) - Counter(reasons)).most_common(2)
        words = ", ".join(f"{reason.removeprefix(DOWN)} ({count})" for reason, count in more)
        return gettext("{share} of the last minute's frames: {words}").format(share=f"{share * 100:.0f} %", words=words)


@dataclass(slots=True)
class LineJudge:
    """Judges one turn of one camera.

    Attributes:
        detector_fault: why the turn has no detector, if it should have one.
        vault_fault: why it has no vault, if it should have one.
    """

    detector_fault: str = ""
    vault_fault: str = ""
    _withheld: WithheldShare = field(default_factory=WithheldShare)

    def judge(self, health: PipelineHealth) -> dict[str, str]:
        """Return why each cause is given, "" where it is not; what nobody can know now is absent."""
        if health.state.startswith("lost"):
            return {
                Cause.CAMERA_LOST: health.state.removeprefix("lost").removeprefix(": ") or gettext("no frames come")
            }
        if health.state != "live" or not health.masked + health.withheld:
            return {}
        recorders = [_down(status) for name, status in health.sinks.items() if "Recorder" in name]
        faults: dict[str, str] = {
            Cause.CAMERA_LOST: "",
            Cause.MASKING_DOWN: _down(health.masking),
            Cause.DETECTOR_DOWN: self.detector_fault.removeprefix("Detector down: ") or _down(health.detector),
            Cause.RECORDING_STOPPED: next(filter(None, recorders), ""),
            Cause.VAULT_STOPPED: self.vault_fault or _down(health.sinks.get("Vault", "")),
        }
        withheld = self._withheld.add(health)
        return faults if withheld is None else {**faults, Cause.FRAMES_WITHHELD: withheld}
