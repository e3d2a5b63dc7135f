"""Health of each camera's stream, written by the worker that runs it."""

from django.db import models

from cameras.models import Camera


class StreamStatus(models.TextChoices):
    """What a camera is doing."""

    WAITING = "waiting", "Waiting for a worker"
    CONNECTING = "connecting", "Connecting"
    LIVE = "live", "Live"
    LOST = "lost", "Lost"
    MASKING_DOWN = "masking-down", "Masking down"


class StreamState(models.Model):
    """How one camera's stream is doing, and who may write to it.

    `fence` grows by one with each lease; a worker writes only while the fence is still its own, so one that was
    thought dead and comes back cannot undo the work of its successor.
    """

    camera = models.OneToOneField(Camera, on_delete=models.CASCADE, related_name="stream_state", primary_key=True)
    fence = models.BigIntegerField(default=0)
    owner = models.CharField(max_length=80, blank=True, help_text="Worker process that holds the lease.")
    status = models.CharField(max_length=12, choices=StreamStatus.choices, default=StreamStatus.WAITING)
    reason = models.CharField(max_length=200, blank=True)
    fps_in = models.FloatField(default=0)
    fps_out = models.FloatField(default=0)
    mask_ms = models.FloatField(default=0)
    detect_ms = models.FloatField(default=0)
    lag_ms = models.FloatField(default=0, help_text="Capture to masked, 95th percentile of the last seconds.")
    frames_masked = models.BigIntegerField(default=0)
    frames_withheld = models.BigIntegerField(default=0)
    withheld_by_reason = models.JSONField(default=dict, help_text="Frames withheld in this turn, by reason.")
    frames_dropped = models.BigIntegerField(default=0)
    reconnects = models.IntegerField(default=0)
    last_frame_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.camera_id} {self.status}"
