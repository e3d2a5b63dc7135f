"""Recorded files."""

from django.db import models

from cameras.models.cameras import Camera


class Segment(models.Model):
    """Some seconds of masked video of one camera on disk."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="segments")
    path = models.CharField(max_length=255, unique=True, help_text="Relative to the footage folder.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="Empty while it is written.")
    frame_count = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    masker = models.CharField(max_length=64, help_text="Fingerprint of the masker that made it.")

    class Meta:
        ordering = ["started_at"]
        indexes = [
            models.Index(fields=["camera", "started_at"], name="segment_camera_started"),  # clips, playback, purge
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.started_at:%Y-%m-%d %H:%M:%S}"
