"""What of the masked recordings lies in the archive, or may lie there."""

from django.db import models

from cameras.models import Segment


class Archived(models.Model):
    """A recording that is in the archive, or is about to be.

    The row is committed before the first byte is sent and deleted after the archive has deleted its copy. `PROTECT`
    makes the database refuse to forget a recording whose copy may still exist.
    """

    segment = models.OneToOneField(Segment, on_delete=models.PROTECT, related_name="archived")
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, help_text="Empty until the archive has the whole file.")

    class Meta:
        indexes = [
            models.Index(fields=["begun_at"], condition=models.Q(done_at=None), name="archived_waiting"),
        ]

    def __str__(self) -> str:
        return f"segment {self.segment_id} {'in the archive' if self.done_at else 'on its way'}"
