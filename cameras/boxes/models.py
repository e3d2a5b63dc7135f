"""Camera boxes: their keys, which cameras they run, what they attest, and what they were asked to prove."""

import hashlib
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, Site

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager
    from django_stubs_ext import StrOrPromise

PERSON = settings.AUTH_USER_MODEL
SILENT_AFTER_S = 10.0
"""A box reports once a second."""
STATES = {
    "active": _("In use"),
    "silent": _("Not heard of"),
    "waiting": _("Waits for its code"),
    "expired": _("Its code has expired"),
    "revoked": _("Revoked"),
}


class Box(models.Model):
    """One camera box of a site.

    `enrolment` counts how often it was enrolled; each enrolment begins a new chain of attestations. While a key is
    being rotated both halves hold: the next one becomes the key with the first request that it signs.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="boxes")
    name = models.CharField(_("name"), max_length=80, help_text=_("Where it hangs, or what stands on its label."))
    public_key = models.CharField(max_length=64, blank=True, editable=False)
    next_key = models.CharField(max_length=64, blank=True, editable=False)
    key_since = models.DateTimeField(null=True, editable=False)
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    code_expires_at = models.DateTimeField(null=True, editable=False)
    enrolment = models.PositiveIntegerField(default=0, editable=False)
    enrolled_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(PERSON, null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    revoke_reason = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(PERSON, editable=False, on_delete=models.PROTECT, related_name="+")
    config_version = models.PositiveIntegerField(default=0, editable=False)
    config_digest = models.CharField(max_length=64, blank=True, editable=False)
    # what it last said of itself
    seen_at = models.DateTimeField(null=True, editable=False)
    release = models.CharField(max_length=20, blank=True, editable=False)
    clock_offset_s = models.FloatField(null=True, editable=False, help_text="Box minus server.")
    config_held = models.PositiveIntegerField(default=0, editable=False)
    events_waiting = models.PositiveIntegerField(default=0, editable=False)
    events_lost = models.PositiveIntegerField(default=0, editable=False)

    placements: "RelatedManager[Placement]"
    attestations: "RelatedManager[Attestation]"
    challenges: "RelatedManager[Challenge]"

    class Meta:
        ordering = ["site__name", "name"]
        verbose_name_plural = "boxes"
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="box_name_once_per_site",
                violation_error_message=_("This site already has a box of that name."),
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at=None) | models.Q(public_key="", next_key="", code_hash=""),
                name="box_revoked_has_no_key",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """A key of `STATES`."""
        now = timezone.now()
        if self.revoked_at is not None:
            return "revoked"
        if not self.public_key:
            return "waiting" if self.code_expires_at and self.code_expires_at > now else "expired"
        silent_s = (now - self.seen_at).total_seconds() if self.seen_at else SILENT_AFTER_S + 1
        return "silent" if silent_s > SILENT_AFTER_S else "active"

    @property
    def fingerprint(self) -> str:
        """What people compare with what the box prints: the same as `inference.core.boxes.requests.fingerprint`."""
        digest = hashlib.sha256(bytes.fromhex(self.public_key)).hexdigest()
        return " ".join(digest[start : start + 4] for start in range(0, 16, 4))

    @property
    def state_label(self) -> "StrOrPromise":
        """The word for its state."""
        return STATES[self.state]


class Placement(models.Model):
    """A camera that a box runs; while it stands, nobody else opens the camera."""

    box = models.ForeignKey(Box, on_delete=models.CASCADE, related_name="placements")
    camera = models.OneToOneField(Camera, on_delete=models.CASCADE, related_name="placement")

    line: "LineHealth"

    class Meta:
        ordering = ["camera__name"]

    def __str__(self) -> str:
        return f"{self.camera_id} at box {self.box_id}"

    @property
    def health(self) -> dict[str, Any]:
        """What the box last said of the camera's line; empty before it said anything. `line` should be loaded."""
        line: LineHealth | None = getattr(self, "line", None)
        return dict(line.told) if line else {}


class LineHealth(models.Model):
    """What a box last said of one of its lines.

    Beside the placement, as it is written each second: who remembers which cameras have boxes asks whether a placement
    was written (cameras/row_state.py).
    """

    placement = models.OneToOneField(Placement, on_delete=models.CASCADE, related_name="line", primary_key=True)
    told = models.JSONField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.placement_id} {self.at:%H:%M:%S}"


class UsedNonce(models.Model):
    """A request that was taken; the same is not taken again. Forgotten when its time alone would refuse it."""

    box = models.ForeignKey(Box, on_delete=models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["box", "nonce"], name="box_nonce_once")]
        indexes = [models.Index(fields=["at"], name="box_nonce_at")]  # forgotten by age

    def __str__(self) -> str:
        return f"{self.box_id} {self.nonce}"


class Attestation(models.Model):
    """One minute of a box, as it signed it, and what the server found wrong with it."""

    box = models.ForeignKey(Box, on_delete=models.CASCADE, related_name="attestations")
    enrolment = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    text = models.TextField(help_text="As signed: inference/core/boxes/attesting.py.")
    hash = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    decoded = models.PositiveBigIntegerField()
    masked = models.PositiveBigIntegerField()
    withheld = models.PositiveBigIntegerField()
    discarded = models.PositiveBigIntegerField()
    fault = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-enrolment", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["box", "enrolment", "number"], name="attestation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.box_id} {self.enrolment}.{self.number}"


class Challenge(models.Model):
    """A question to a box: sign this nonce now, with the head of your chain."""

    box = models.ForeignKey(Box, on_delete=models.CASCADE, related_name="challenges")
    nonce = models.CharField(max_length=32, unique=True)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True, help_text="The answer as signed.")
    signature = models.CharField(max_length=128, blank=True)
    fault = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"{self.box_id} {self.nonce}"
