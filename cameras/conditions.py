"""How a camera is doing, in one word and one sentence; lists, pages and the wall say the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.line_words import line_words
from cameras.models import Camera, Modality

SILENT_AFTER = timedelta(seconds=10)
"""A worker reports about once a second; after this the last word no longer holds."""

HELD_BACK = "held-back"
"""Written by the dispatcher into the camera's state while something stands against it (cameras/running.py)."""

LABELS = {
    "stopped": _("Stopped"),
    "waiting": _("Waiting for a worker"),
    "silent": _("No worker reports"),
    "connecting": _("Connecting"),
    "live": _("Live"),
    "lost": _("Camera lost"),
    HELD_BACK: _("Not allowed to run"),
    "masking-down": _("Masking down"),
}
BOX_STARTS = _("Its camera box has not reported yet")
BOX_SILENT = _("Its camera box has not reported since {updated_at:%H:%M:%S} UTC")
SAID_BESIDE = {"lost": "Camera lost: ", "masking-down": "Masking down: "}
"""How the core begins its reasons: the word for it is shown beside them, in the reader's language."""
FAULTS = frozenset({"silent", "lost", "masking-down"})

REASON_CHARS = 200


def reasons_in_short(reasons: Iterable[str]) -> str:
    """Join reasons against a camera into what its state can hold: as many as fit whole, then "…"."""
    kept = ""
    for reason in reasons:
        longer = f"{kept} · {reason}" if kept else reason
        if len(longer) > REASON_CHARS - 2:
            return f"{kept} …" if kept else f"{reason[: REASON_CHARS - 2]} …"
        kept = longer
    return kept


@dataclass(frozen=True, slots=True)
class Condition:
    """What a camera is doing now.

    Attributes:
        name: a key of `LABELS`.
        reason: more words, possibly none.
    """

    name: str
    reason: str = ""

    @property
    def label(self) -> str:
        """The word for it."""
        return str(LABELS[self.name])

    @property
    def is_fault(self) -> bool:
        """Whether somebody should look after the camera."""
        return self.name in FAULTS


def camera_condition(camera: Camera, now: datetime | None = None) -> Condition:
    """Return how a camera is doing; `stream_state` should be loaded with it."""
    if not camera.is_enabled:
        return Condition("stopped", gettext("Stopped by an administrator"))
    state = getattr(camera, "stream_state", None)
    is_of_box = camera.modality == Modality.EDGE  # nobody but its box reports of it
    if state is None or state.updated_at is None:
        return Condition("waiting", str(BOX_STARTS) if is_of_box else gettext("No worker has taken it yet"))
    if (now or timezone.now()) - state.updated_at > SILENT_AFTER:
        told = str(BOX_SILENT) if is_of_box else gettext("No worker has reported since {updated_at:%H:%M:%S} UTC")
        return Condition("silent", told.format(updated_at=state.updated_at))
    name = state.status if state.status in LABELS else "waiting"
    return Condition(name, line_words(state.reason.removeprefix(SAID_BESIDE.get(name, ""))))


def camera_conditions(camera_ids: Iterable[int]) -> dict[int, Condition]:
    """Return the conditions of several cameras; one query. Whoever asks has checked who may know."""
    now = timezone.now()
    found = Camera.objects.filter(pk__in=list(camera_ids)).select_related("stream_state")
    return {camera.pk: camera_condition(camera, now) for camera in found}
