"""Everything a system alert can be about, how soon it is told, and how long it must be calm before it has ended."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Cause(models.TextChoices):
    """What is wrong."""

    CAMERA_LOST = "camera-lost", _("Camera lost")
    CAMERA_UNWATCHED = "camera-unwatched", _("No worker runs the camera")
    MASKING_DOWN = "masking-down", _("Masking down")
    FRAMES_WITHHELD = "frames-withheld", _("Frames withheld")
    DETECTOR_DOWN = "detector-down", _("Detector down")
    RECORDING_STOPPED = "recording-stopped", _("Recording stopped")
    VAULT_STOPPED = "vault-stopped", _("Vault stopped")
    DISK_FILLING = "disk-filling", _("Disk fills up")
    DISK_FULL = "disk-full", _("Disk full")
    ARCHIVE_AWAY = "archive-away", _("Archive away")
    CLOCK_OFFSET = "clock-offset", _("Clock is off")
    WORKER_LOST = "worker-lost", _("Worker lost")
    NO_WORKER = "no-worker", _("No worker at all")
    DATABASE_AWAY = "database-away", _("Database away")
    VALKEY_AWAY = "valkey-away", _("Valkey away")
    UNSUPERVISED = "unsupervised", _("Nothing was supervised")
    BOX_LOST = "box-lost", _("Camera box not heard of")
    ATTESTATION = "attestation", _("Attestation broken or missing")
    SERIOUS_OVERDUE = "serious-overdue", _("Deadline of a serious incident missed")
    LEAKS = "leaks", _("Suspended by the leak watch")


@dataclass(frozen=True, slots=True)
class Rule:
    """How a cause is told.

    Attributes:
        raise_after: a cause that is over sooner is not told.
        calm: how long the cause must be gone before its alert ends; one that comes back sooner is the same alert,
            counted once more. So a camera that comes and goes is one alert.
        is_grave: pictures, masking or alerts are missing now; the others only announce it.
        advice: what to do, in a sentence.
    """

    raise_after: timedelta
    calm: timedelta
    is_grave: bool
    advice: "StrOrPromise"


def _rule(raise_after_s: float, calm_s: float, *, is_grave: bool, advice: "StrOrPromise") -> Rule:
    return Rule(timedelta(seconds=raise_after_s), timedelta(seconds=calm_s), is_grave, advice)


RULES: Final[dict[Cause, Rule]] = {
    # the reader calls a camera lost only after 3 s without a frame
    Cause.CAMERA_LOST: _rule(
        0, 60, is_grave=True, advice=_("Look at the camera's power and network; PACA tries again for ever.")
    ),
    # a worker that starts needs some seconds for its networks
    Cause.CAMERA_UNWATCHED: _rule(
        15, 30, is_grave=True, advice=_("Start a stream worker, or more of them: all are busy or gone.")
    ),
    Cause.MASKING_DOWN: _rule(
        5, 60, is_grave=True, advice=_("Nothing is shown or kept until masking works. The camera's page says why.")
    ),
    # the worker judges a whole minute
    Cause.FRAMES_WITHHELD: _rule(
        0, 180, is_grave=False, advice=_("Look at the reasons on the camera's page: light, focus, a moving camera.")
    ),
    Cause.DETECTOR_DOWN: _rule(
        5, 60, is_grave=True, advice=_("Watch this camera by eye: it raises no alerts until its detector works.")
    ),
    Cause.RECORDING_STOPPED: _rule(
        5, 60, is_grave=True, advice=_("Look at the disk of the footage folder; live view and alerts go on.")
    ),
    Cause.VAULT_STOPPED: _rule(
        5,
        60,
        is_grave=True,
        advice=_(
            "Unmasked video that the policy asks for is not sealed; all else goes on. Look at the disk and the folder "
            "of secrets, or have a custodian register a key."
        ),
    ),
    Cause.DISK_FILLING: _rule(
        0, 3600, is_grave=False, advice=_("Make room, shorten a retention policy, or record fewer cameras.")
    ),
    Cause.DISK_FULL: _rule(
        0, 120, is_grave=True, advice=_("Make room now. Nothing that a policy or a hold keeps is deleted for it.")
    ),
    Cause.ARCHIVE_AWAY: _rule(
        0,
        120,
        is_grave=False,
        advice=_("Look at the archive's address, keys and network. Recordings stay on the disk until it answers."),
    ),
    Cause.CLOCK_OFFSET: _rule(
        10, 120, is_grave=False, advice=_("Synchronise the clocks of all machines (NTP): times of footage are wrong.")
    ),
    Cause.WORKER_LOST: _rule(
        0,
        60,
        is_grave=False,
        advice=_("Others take over its work. Look at its log if it does not come back by itself."),
    ),
    Cause.NO_WORKER: _rule(15, 30, is_grave=True, advice=_("Start the worker of this queue (docs/running.md).")),
    Cause.DATABASE_AWAY: _rule(
        0, 60, is_grave=True, advice=_("Start PostgreSQL. Events wait on disk and are delivered when it answers.")
    ),
    Cause.VALKEY_AWAY: _rule(
        0, 60, is_grave=True, advice=_("Start Valkey. Cameras go on; live view, clips and pushes wait.")
    ),
    Cause.BOX_LOST: _rule(
        10, 60, is_grave=True, advice=_("Look at the box's power and network; its events wait on it and come later.")
    ),
    # records come once a minute; the alert stays until ten minutes in a row are sound
    Cause.ATTESTATION: _rule(
        0,
        600,
        is_grave=True,
        advice=_("Open the box's page, read which minutes are not accounted for, and have an auditor challenge it."),
    ),
    # a deadline is over at once, and so is the alert when somebody was told
    Cause.SERIOUS_OVERDUE: _rule(
        0,
        0,
        is_grave=True,
        advice=_("Tell whoever is to be told, and write it into the report: Oversight, Serious incidents."),
    ),
    # the camera stands still from here on; over at once when a supervisor lets it run
    Cause.LEAKS: _rule(
        0,
        0,
        is_grave=True,
        advice=_(
            "Open the camera's leak watch. Cover what is taken for a person with an always masked zone, or mend light, "
            "focus and view; then a supervisor lets it run again."
        ),
    ),
    Cause.UNSUPERVISED: _rule(
        0, 0, is_grave=True, advice=_("Find out why (log of beat and dispatch), and look at the cameras' gaps.")
    ),
}
PRIVACY: Final = frozenset({Cause.MASKING_DOWN, Cause.FRAMES_WITHHELD})
"""What an administrator follows up because people might have been shown, had PACA not withheld the frames."""

CAMERA_CAUSES: Final = (
    Cause.CAMERA_LOST,
    Cause.MASKING_DOWN,
    Cause.FRAMES_WITHHELD,
    Cause.DETECTOR_DOWN,
    Cause.RECORDING_STOPPED,
    Cause.VAULT_STOPPED,
)
"""What the worker of a camera judges."""
