"""Custodian keys, sealed hours, and signed records of what was destroyed."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera

hex_64 = RegexValidator(r"\A[0-9a-f]{64}\Z", _("64 digits, each 0 to 9 or a to f."))


class CustodianKeyQuerySet(models.QuerySet["CustodianKey"]):
    """Custodian keys, narrowed."""

    def current(self) -> "CustodianKeyQuerySet":
        """The key that new video is sealed for: one, or none."""
        return self.filter(retired_at=None)


class CustodianKey(models.Model):
    """The public part of a custodian's key. The private part has never been here."""

    public_key = models.CharField(_("public key"), max_length=64, unique=True, validators=[hex_64])
    fingerprint = models.CharField(max_length=64, unique=True, editable=False, validators=[hex_64])
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, editable=False, on_delete=models.PROTECT, related_name="custodian_keys"
    )
    registered_at = models.DateTimeField(db_default=Now(), editable=False)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="retired_keys"
    )
    retired_at = models.DateTimeField(null=True, editable=False)
    retire_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects = CustodianKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-registered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["retired_at"],
                name="custodian_key_one_current",
                condition=models.Q(retired_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(retired_at=None, retired_by=None, retire_reason="")
                | models.Q(retired_at__isnull=False, retired_by__isnull=False) & ~models.Q(retire_reason=""),
                name="custodian_key_retired_whole_or_not",
            ),
        ]

    def __str__(self) -> str:
        return self.fingerprint[:16]


class SealedHour(models.Model):
    """One sealed file: unmasked video of one camera, within one clock hour, under a data key of its own."""

    class State(models.TextChoices):
        """How far its file is."""

        OPEN = "open", _("Being written")
        CLOSED = "closed", _("Whole")
        CUT = "cut", _("Cut off")

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="sealed_hours")
    custodian_key = models.ForeignKey(CustodianKey, on_delete=models.PROTECT, related_name="sealed_hours")
    path = models.CharField(max_length=255, unique=True, help_text="Relative to the footage folder.")
    hour = models.DateTimeField(help_text="The full hour (UTC) it lies in.")
    sealed_key = models.BinaryField(help_text="The data key, wrapped for the custodian, sealed with the file's secret.")
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="Empty while it is written.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    frame_count = models.PositiveIntegerField(default=0)
    chunk_count = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["started_at"]
        indexes = [models.Index(fields=["camera", "started_at"], name="sealed_camera_started")]  # releases, purge
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at=None) | ~models.Q(state="open") & ~models.Q(ended_at=None),
                name="sealed_hour_ended_unless_open",
            ),
        ]

    if TYPE_CHECKING:
        camera_id: int

    def __str__(self) -> str:
        return f"{self.camera_id} {self.started_at:%Y-%m-%d %H:%M:%S}"


class DeletionRecord(models.Model):
    """What was destroyed, when, by which rule: signed, and never changed. Holds nothing of what was destroyed."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="deletion_records")
    made_at = models.DateTimeField()
    text = models.TextField(help_text="Canonical JSON: what is signed.")
    signature = models.CharField(max_length=128, help_text="Ed25519, hex.")
    key = models.CharField(max_length=64, help_text="Fingerprint of the installation's key.")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["camera", "-made_at"], name="deletion_camera_made")]  # the page of a camera

    def __str__(self) -> str:
        return f"{self.camera_id} {self.made_at:%Y-%m-%d %H:%M:%S}"

    if TYPE_CHECKING:
        camera_id: int
