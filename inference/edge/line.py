"""One camera of a box, in a thread: the core's line with the box's sinks, until it is told to stop."""

import logging
import threading
from dataclasses import dataclass
from typing import Any, Final

import cv2

from inference.core.decode.reader import Reader
from inference.core.decode.source import SourceConfig
from inference.core.detection.base import Detector
from inference.core.detection.registry import create_detector
from inference.core.errors import CoreError
from inference.core.masking.network import NetworkConfig, shared_network
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from inference.core.pipeline import Pipeline
from inference.edge.ledger import Ledger
from inference.edge.masking import CountedMasking
from inference.edge.outbox import Outbox
from inference.edge.policy import CameraOrder, Policy
from inference.edge.server import SignedServer
from inference.edge.sinks import EventKeeper, FrameSender

logger = logging.getLogger(__name__)
cv2.setNumThreads(1)

DETECTOR: Final = "paca-detect"
MAX_WIDTH: Final = 1280
AGAIN_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all lines of a box share.

    Attributes:
        policy: what the server told; whether it still holds.
        server: where frames go.
        outbox: where events go.
        news: set when something new lies in the outbox.
    """

    policy: Policy
    server: SignedServer
    outbox: Outbox
    news: threading.Event


class CameraLine(threading.Thread):
    """Runs one camera. Without a masker no picture exists at all; without a detector masking goes on and says so."""

    def __init__(self, order: CameraOrder, address: str, around: Surroundings, ledger: Ledger) -> None:
        super().__init__(name=f"camera-{order.id}", daemon=True)
        self.order = order
        self._address, self._around, self._ledger = address, around, ledger
        self._stopped = threading.Event()
        self._pipeline: Pipeline | None = None
        self._sender: FrameSender | None = None
        self._masker = self._fault = self._detector_fault = ""

    def stop(self) -> None:
        """End the line; `join` waits for its last frames."""
        self._stopped.set()

    def set_watched(self, is_watched: bool) -> None:
        """Somebody watches this camera, or nobody does."""
        if self._sender is not None:
            self._sender.is_watched = is_watched

    def run(self) -> None:
        """Run until stopped; what cannot be built is tried again."""
        while not self._stopped.is_set():
            try:
                self._run_once()
            except CoreError as error:
                self._fault = str(error)
                logger.exception("camera %s: no line", self.order.id)
                self._stopped.wait(AGAIN_S)

    def _run_once(self) -> None:
        order = self.order
        masker = create_masker("paca-seg", network=shared_network(NetworkConfig()), **order.masking_options)
        self._masker, self._fault = masker.fingerprint, ""
        detector = self._detector() if order.modality == "edge" else None
        reader = Reader(
            SourceConfig(self._address, target_fps=order.fps, max_width=MAX_WIDTH, loop=True, realtime=True)
        )
        around = self._around
        sender = self._sender = FrameSender(around.server, order.id, order.modality, self._masker)
        keeper = EventKeeper(around.outbox, order.id, around.news)
        self._ledger.begin(reader)
        try:
            with MaskingStage(masker) as stage:
                masking = CountedMasking(stage, around.policy, self._ledger)
                pipeline = self._pipeline = Pipeline(reader, masking, detector, [sender], keeper)
                pipeline.run(self._stopped)
        finally:
            self._ledger.end()

    def _detector(self) -> Detector | None:
        percent = self.order.threshold_percent
        threshold = None if percent is None else percent / 100
        try:
            detector = create_detector(DETECTOR, threshold=threshold, masker=self._masker, language=self.order.language)
        except CoreError as error:
            self._detector_fault = f"down: {error}"
            logger.exception("camera %s: no detector", self.order.id)
            return None
        self._detector_fault = ""
        return detector

    def health(self) -> dict[str, Any]:
        """Return how this camera does, as the server is told."""
        told: dict[str, Any] = {"masker": self._masker, "state": "connecting", "masking": "ok", "detector": "off"}
        if self._fault:
            return told | {"masking": f"down: {self._fault}"}
        if self._pipeline is None:
            return told
        now, sender = self._pipeline.health, self._sender
        return told | {
            "state": now.state,
            "masking": now.masking,
            "detector": self._detector_fault or now.detector,
            "fps_in": round(now.fps_in, 2),
            "fps_out": round(now.fps_out, 2),
            "mask_ms": round(now.mask_ms, 2),
            "detect_ms": round(now.detect_ms, 2),
            "lag_ms": round(now.lag_p95_ms, 1),
            "frames_masked": now.masked,
            "frames_withheld": now.withheld,
            "frames_dropped": now.dropped,
            "reconnects": now.reconnects,
            "last_frame_at": now.last_frame_at.isoformat() if now.last_frame_at else None,
            "frames_sent": sender.sent if sender else 0,
            "frames_unsent": sender.dropped if sender else 0,
            "bytes_sent": sender.sent_bytes if sender else 0,
        }
