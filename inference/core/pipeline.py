"""The one loop that runs a camera, on the server or on the camera box: read, mask, pass on, detect, raise.

What may fail is kept apart. Only the masker decides whether a frame goes on at all. A sink that raises (a full disk)
stops neither the other sinks nor detection; a detector that raises stops no picture; an event whose receiver refuses it
waits here and is offered again, so that it is neither lost nor doubled (the receiver knows it by `event_id`).
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from inference.core.detection.base import Detector
from inference.core.events import AnomalyEvent
from inference.core.frames import MaskedFrame, RawFrame, require_masked
from inference.core.health import Meter, PipelineHealth, Rate, Reasons
from inference.core.line_part import LinePart, part_names

if TYPE_CHECKING:
    from inference.core.vault.raw_vault import RawVault

logger = logging.getLogger(__name__)

WAIT_S: Final = 0.25
HEALTH_EVERY_S: Final = 1.0
LOST_S: Final = 3.0
"""Without a frame for this long, held frames are released and running events end: nobody knows what happens now."""
RETRY_EVENTS_S: Final = 1.0
MAX_PENDING: Final = 1000
STAGE_FAILED: Final = "the masking stage failed"


class FrameReader(Protocol):
    """Where raw frames come from; `decode.reader.Reader` is one."""

    state: str
    last_frame_at: datetime | None
    decoded: int
    dropped: int
    damaged: int
    reconnects: int

    @property
    def is_ended(self) -> bool:
        """Whether no frame will come any more."""

    def start(self) -> object:
        """Begin to read."""

    def get(self, timeout_s: float) -> RawFrame | None:
        """Give the next frame, or None if none came in time."""

    def stop(self) -> None:
        """End reading."""


class Masking(Protocol):
    """What turns raw frames into masked ones; `masking.stage.MaskingStage` is one. It withholds and does not raise."""

    def push(self, frame: RawFrame) -> list[MaskedFrame]:
        """Take the next frame; give those that are ready."""

    def flush(self) -> list[MaskedFrame]:
        """Give all frames still held back."""


class FrameSink(Protocol):
    """Takes masked frames: a recorder, a live publisher."""

    def write(self, frame: MaskedFrame) -> None:
        """Take one frame."""

    def close(self) -> None:
        """No more frames come."""


class EventSink(Protocol):
    """Takes events. May be offered the same event again after it raised; `event_id` and `phase` tell them apart."""

    def raise_event(self, event: AnomalyEvent) -> None:
        """Take one event; raising means that it was not taken."""


class Pipeline:
    """Runs one camera until told to stop, or until a file ends.

    A raw frame goes to the masking stage and, where there is one, to the encrypted vault. All others get masked frames.

    `health` is replaced about once a second while running and may be read from any thread.
    """

    def __init__(
        self,
        reader: FrameReader,
        masking: Masking,
        detector: Detector | None,
        sinks: Sequence[FrameSink],
        events: EventSink | None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        vault: "RawVault | None" = None,
    ) -> None:
        self._reader, self._masking, self._detector, self._events = reader, masking, detector, events
        self._sinks = [(sink, LinePart(name)) for sink, name in zip(sinks, part_names(sinks), strict=True)]
        self._clock = clock
        self._vault = vault if vault is None else _require_vault(vault)
        self._vault_part = LinePart("Vault")
        self._mask_part = LinePart("Masking")
        self._detect_part = LinePart("Detector", "ok" if detector else "off")
        self._event_part = LinePart("Events")
        self._pending: deque[AnomalyEvent] = deque()
        self._running: set[str] = set()
        self._retry_at_s = 0.0
        self._lag, self._rate_in, self._rate_out = Meter(), Rate(), Rate()
        self._masked = self._withheld = self._raised = 0
        self._withheld_reason = ""
        self._reasons = Reasons()
        self._is_quiet = True
        self._frame_at_s = self._health_at_s = time.monotonic()
        self.health = self._measure()

    @property
    def has_running_event(self) -> bool:
        """Whether an event has started and not yet ended."""
        return bool(self._running)

    def run(self, stop: threading.Event, deadline_s: float | None = None, overtime_s: float = 0.0) -> PipelineHealth:
        """Start the reader and run until `stop` is set, `deadline_s` seconds have passed, or the source has ended.

        While an event runs the deadline is put off, by at most `overtime_s` seconds.
        Then held frames are released, running events end and every sink is closed, whatever happened.

        Raises:
            DecodeError: a source read without loss (a file) cannot be read any further.
        """
        ends_s = time.monotonic() + deadline_s if deadline_s is not None else float("inf")
        self._frame_at_s = time.monotonic()
        self._reader.start()
        try:
            while not stop.is_set() and not self._reader.is_ended:
                if time.monotonic() >= ends_s + (overtime_s if self.has_running_event else 0.0):
                    break
                frame = self._reader.get(WAIT_S)
                if frame is None:
                    self._wait_for_camera()
                else:
                    self._take(frame)
                self._deliver()
                if time.monotonic() - self._health_at_s >= HEALTH_EVERY_S:
                    self._health_at_s = time.monotonic()
                    self.health = self._measure()
        finally:
            self._reader.stop()
            self._finish()
        return self.health

    def _take(self, frame: RawFrame) -> None:
        self._frame_at_s, self._is_quiet = time.monotonic(), False
        self._rate_in.count()
        masked = self._mask_part.run(lambda: self._masking.push(frame))
        if masked is None:
            self._withheld += 1  # the frame ends here: nothing but a masked frame can go on
            self._reasons.count(STAGE_FAILED)
        for ready in masked or ():
            self._pass_on(ready)
        vault = self._vault
        if vault is not None:  # last: sealing makes nobody wait
            self._vault_part.run(lambda: vault.write(frame))

    def _pass_on(self, frame: MaskedFrame) -> None:
        require_masked(frame)
        self._rate_out.count()
        self._withheld_reason = frame.withheld
        if frame.withheld:
            self._withheld += 1
            self._reasons.count(frame.withheld)
        else:
            self._masked += 1
        self._lag.add(max(0.0, (self._clock() - frame.captured_at).total_seconds() * 1000))
        for sink, part in self._sinks:
            part.run(lambda sink=sink: sink.write(frame))  # type: ignore[misc]
        detector = self._detector
        if detector is not None:
            detection = self._detect_part.run(lambda: detector.update(frame))
            if detection is not None:
                self._keep(detection.events)

    def _wait_for_camera(self) -> None:
        """When the camera has been silent for long, show what is held back and end what was running; once."""
        if not self._is_quiet and time.monotonic() - self._frame_at_s > LOST_S:
            self._is_quiet = True
            self._end_running()

    def _end_running(self) -> None:
        for frame in self._mask_part.run(self._masking.flush) or ():
            self._pass_on(frame)
        if self._detector is not None:
            self._keep(self._detect_part.run(self._detector.finish) or ())

    def _keep(self, events: Sequence[AnomalyEvent]) -> None:
        self._pending.extend(events)
        for event in events:
            if event.phase == "ended":
                self._running.discard(event.event_id)
            else:
                self._running.add(event.event_id)
        while len(self._pending) > MAX_PENDING:
            # Of an event that starts and ends, the steps in between can be spared; a start never is.
            spare = next((event for event in self._pending if event.phase == "ongoing"), None)
            if spare is None:
                break
            self._pending.remove(spare)

    def _deliver(self, is_last: bool = False) -> None:
        """Hand over the events that wait, oldest first; a refusal leaves them waiting."""
        events = self._events
        if events is None:
            self._pending.clear()
            return
        if time.monotonic() < self._retry_at_s and not is_last:
            return
        while self._pending:
            event = self._pending[0]
            if self._event_part.run(lambda event=event: _handed_over(events, event)) is None:  # type: ignore[misc]
                self._retry_at_s = time.monotonic() + RETRY_EVENTS_S
                return
            self._pending.popleft()
            self._raised += 1

    def _finish(self) -> None:
        self._end_running()
        self._deliver(is_last=True)
        for sink, part in self._sinks:
            part.run(sink.close)
        if self._vault is not None:
            self._vault_part.run(self._vault.close)
        if self._pending:
            logger.error("%d events could not be handed over before the end of this run.", len(self._pending))
        self.health = self._measure()

    def _measure(self) -> PipelineHealth:
        reader = self._reader
        parts = [part for _, part in self._sinks] + ([self._vault_part] if self._vault is not None else [])
        masking = f"down: {self._withheld_reason}" if self._withheld_reason else self._mask_part.status
        return PipelineHealth(
            at=self._clock(),
            state=reader.state,
            last_frame_at=reader.last_frame_at,
            fps_in=self._rate_in.per_s,
            fps_out=self._rate_out.per_s,
            decoded=reader.decoded,
            dropped=reader.dropped,
            masked=self._masked,
            withheld=self._withheld,
            withheld_by_reason=self._reasons.counts,
            damaged=reader.damaged,
            reconnects=reader.reconnects,
            lag_ms=self._lag.median,
            lag_p95_ms=self._lag.p95,
            mask_ms=self._mask_part.ms.median,
            detect_ms=self._detect_part.ms.median,
            sink_ms={part.name: part.ms.median for part in parts},
            masking=masking,
            detector=self._detect_part.status,
            sinks={part.name: part.status for part in parts},
            events_raised=self._raised,
            events_pending=len(self._pending),
        )


def _handed_over(events: EventSink, event: AnomalyEvent) -> bool:
    events.raise_event(event)
    return True


def _require_vault(vault: object) -> "RawVault":
    """Return `vault` if it is the one class that a raw frame may go to beside the masker."""
    from inference.core.vault.raw_vault import RawVault  # here: a camera box has none, and never loads it

    if type(vault) is not RawVault:
        raise TypeError(f"Only a RawVault takes raw frames, got {type(vault).__name__}.")
    return vault
