"""Whether a release may leave as a file, and what left. Triggers hold the rules too (migrations/0002_rules.py)."""

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from cameras.warrants.models import SHORTEST_REASON, FootageRelease, ReleasePart

MOST_REASON: Final = 200


class ExportGrant(models.Model):
    """The custodian's word, given with the approval, that the viewer may take a release out as a file."""

    release = models.OneToOneField(FootageRelease, on_delete=models.PROTECT, related_name="export_grant")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.release_id} by {self.granted_by_id}"

    if TYPE_CHECKING:
        release_id: int
        granted_by_id: int


class FootageExport(models.Model):
    """One file of released footage: begun before anything is opened, finished before its signature is sent.

    One that was never finished was broken off: what was received of it has no signature and is sound nowhere.
    """

    release = models.ForeignKey(FootageRelease, on_delete=models.PROTECT, related_name="exports")
    part = models.ForeignKey(
        ReleasePart, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: every camera."
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=MOST_REASON, validators=[MinLengthValidator(SHORTEST_REASON)])
    exported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    files = models.JSONField(default=list, help_text="Name, SHA-256, size, camera, from, until, frames of each video.")

    class Meta:
        ordering = ["begun_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="footage_export_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(finished_at=None, files=[]) | Q(finished_at__gte=F("begun_at")) & ~Q(files=[]),
                name="footage_export_finished_whole_or_not",
            ),
        ]

    if TYPE_CHECKING:
        release_id: int
        part_id: int | None
        exported_by_id: int

    def __str__(self) -> str:
        return f"{self.release_id} {self.starts_at:%Y-%m-%d %H:%M:%S}"

    @property
    def seconds(self) -> int:
        """Return how long the time is that was asked for, of each camera."""
        return round((self.ends_at - self.starts_at).total_seconds())
