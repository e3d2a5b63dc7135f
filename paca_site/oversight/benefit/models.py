"""What each camera took on each day: hours, work and space. Numbers only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, Site


class CameraDay(models.Model):
    """One camera on one day, UTC."""

    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="days")
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, related_name="+", help_text=_("Of the camera on that day.")
    )
    day = models.DateField()
    observed_s = models.FloatField(default=0.0, help_text=_("Seconds of masked video in which events were looked for."))
    frames_per_second = models.PositiveSmallIntegerField(help_text=_("As the camera was set when last looked at."))
    frame_ms = models.FloatField(default=0.0, help_text=_("Masking and detection of one frame: mean of the samples."))
    samples = models.PositiveIntegerField(default=0)
    kept_bytes = models.BigIntegerField(default=0, help_text=_("Most of its recordings that were kept at once."))

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["camera", "day"], name="camera_day_once"),
            models.CheckConstraint(
                condition=models.Q(observed_s__gte=0, frame_ms__gte=0, kept_bytes__gte=0),
                name="camera_day_nothing_negative",
            ),
        ]
        indexes = [models.Index(fields=["site", "day"], name="camera_day_site")]  # a month of a site

    def __str__(self) -> str:
        return f"camera {self.camera_id} on {self.day}"

    @property
    def work_s(self) -> float:
        """Seconds of one core that masking and detection took, as far as the samples tell."""
        return self.observed_s * self.frames_per_second * self.frame_ms / 1000.0
