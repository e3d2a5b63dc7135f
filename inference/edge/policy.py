"""What the server told this box to do: signed, versioned, kept on disk, and believed for a limited time only."""

import json
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from inference.core.boxes.requests import CONFIGURATION, MAX_SKEW_S, is_signed
from inference.core.errors import CoreError
from inference.edge.identity import Card
from inference.edge.outbox import Outbox

logger = logging.getLogger(__name__)
STORED: Final = "configuration"
LATE_S: Final = 10.0
"""A newer version that is known and not held for so long makes the one that is held outdated."""


class PolicyError(CoreError):
    """A configuration is not the server's, not for this box, or too old."""


@dataclass(frozen=True, slots=True)
class CameraOrder:
    """What the server says of one camera. Two that are equal need no new line."""

    id: int
    name: str
    modality: str
    address: str
    fps: float
    threshold_percent: int | None
    masking: str
    reasons: tuple[str, ...]
    language: str

    @property
    def may_run(self) -> bool:
        """Whether nothing stands against it, and masking belongs to this box."""
        return not self.reasons and self.modality in {"hybrid", "edge"}

    @property
    def masking_options(self) -> dict[str, Any]:
        """Options of the masker."""
        options: dict[str, Any] = json.loads(self.masking)
        return options


@dataclass(frozen=True, slots=True)
class _Held:
    """A configuration that was checked.

    Attributes:
        issued_at, valid_until: by the server's clock.
        until_s: of the monotonic clock: its time is over then, however the box's clock is set meanwhile.
    """

    version: int
    issued_at: datetime
    valid_until: datetime
    until_s: float
    cameras: list[CameraOrder]


def _order(camera: Mapping[str, Any], language: str) -> CameraOrder:
    percent = camera["threshold_percent"]
    return CameraOrder(
        id=int(camera["id"]),
        name=str(camera["name"]),
        modality=str(camera["modality"]),
        address=str(camera["address"]),
        fps=float(camera["fps"]),
        threshold_percent=None if percent is None else int(percent),
        masking=json.dumps(dict(camera["masking"]), sort_keys=True),
        reasons=tuple(str(reason) for reason in camera["reasons"]),
        language=language,
    )


class Policy:
    """The configuration that holds now. Safe from several threads.

    Nothing holds before the first one was read, and none after its time is over: then every frame is withheld.
    """

    def __init__(self, card: Card, outbox: Outbox) -> None:
        self._card, self._outbox = card, outbox
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._newest, self._newest_since_s = 0, 0.0
        stored = outbox.fact(STORED)
        if stored:
            try:
                self.take(json.loads(stored))
            except (PolicyError, ValueError, TypeError) as error:
                logger.warning("The stored configuration does not hold: %s", error)

    @property
    def version(self) -> int:
        """Number of the configuration that is held, 0 before the first."""
        return self._held.version if self._held else 0

    @property
    def cameras(self) -> list[CameraOrder]:
        """The cameras of this box."""
        return list(self._held.cameras) if self._held else []

    def take(self, signed: Mapping[str, Any]) -> None:
        """Check a configuration and let it hold; it is on disk before it does.

        Raises:
            PolicyError: it is not signed by the server, is another box's, an older one, or not valid now.
        """
        text, signature = str(signed.get("text", "")), str(signed.get("signature", ""))
        if not is_signed(self._card.server_key, CONFIGURATION, text, signature):
            raise PolicyError("The configuration is not signed by the server that enrolled this box.")
        document = json.loads(text)
        try:
            mine = (document["box"], document["enrolment"]) == (self._card.box, self._card.enrolment)
            version = int(document["version"])
            issued_at, valid_until = (datetime.fromisoformat(document[name]) for name in ("issued_at", "valid_until"))
            until_s = time.monotonic() + (valid_until - issued_at).total_seconds()
            cameras = [_order(camera, str(document.get("language", "en"))) for camera in document["cameras"]]
        except (KeyError, TypeError, ValueError) as error:
            raise PolicyError(f"The configuration lacks or garbles {error}: box and server do not fit.") from error
        if not mine:
            raise PolicyError("The configuration is that of another box, or of an earlier enrolment.")
        with self._lock:
            if version < self.version:
                raise PolicyError(f"Version {version} is older than version {self.version}, which is held.")
            self._outbox.fact_set(STORED, json.dumps({"text": text, "signature": signature}))
            self._held = _Held(version, issued_at, valid_until, until_s, cameras)

    def heard_of(self, version: int) -> None:
        """The server says which version is the newest."""
        with self._lock:
            if version != self._newest:
                self._newest, self._newest_since_s = version, time.monotonic()

    def outdated(self) -> str:
        """Return why the mask policy no longer holds, in words; empty if it does."""
        held = self._held
        if held is None:
            return "the box has no mask policy yet"
        now = datetime.now(UTC)
        if now < held.issued_at - timedelta(seconds=MAX_SKEW_S):
            return "the clock of the box stands before the time of its mask policy"
        if now > held.valid_until or time.monotonic() > held.until_s:
            return "the mask policy is out of date: the box has not heard from the server for too long"
        if self._newest > held.version and time.monotonic() - self._newest_since_s > LATE_S:
            return "the mask policy is out of date: a newer one could not be read"
        return ""
