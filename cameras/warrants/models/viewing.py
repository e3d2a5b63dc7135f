"""What an open release holds for its viewer, and what the viewer asked to see."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cameras.warrants.models.releases import ReleasePart


class ReleasedKey(models.Model):
    """The data key of one sealed file, wrapped for one release; destroyed when it ends.

    The file is named by its path, not by its row: a row that must go is not kept for a key that opens nothing.
    """

    part = models.ForeignKey(ReleasePart, on_delete=models.PROTECT, related_name="keys")
    path = models.CharField(max_length=255, help_text="Of the sealed file, relative to the footage folder.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="Empty where it was being written.")
    is_cut = models.BooleanField(help_text="No last word is to be expected.")
    sealed = models.BinaryField()

    class Meta:
        ordering = ["part", "started_at"]
        constraints = [models.UniqueConstraint(fields=["part", "path"], name="released_key_once")]

    def __str__(self) -> str:
        return self.path


class Viewing(models.Model):
    """Some seconds of a release that its viewer asked to see; written before anything is opened."""

    part = models.ForeignKey(ReleasePart, on_delete=models.PROTECT, related_name="viewings")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    viewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    viewed_at = models.DateTimeField()

    class Meta:
        ordering = ["viewed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__gt=F("from_at")) & Q(until_at__lte=F("from_at") + timedelta(seconds=60)),
                name="viewing_of_a_minute_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part_id} {self.from_at:%H:%M:%S}"
