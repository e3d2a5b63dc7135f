"""Health of each camera's stream and of each worker, written by the worker; and how the whole system was, by minute.

Also what each threshold of a detector would cost at a camera, by hour.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera


class StreamStatus(models.TextChoices):
    """What a camera is doing."""

    WAITING = "waiting", _("Waiting for a worker")
    CONNECTING = "connecting", _("Connecting")
    LIVE = "live", _("Live")
    LOST = "lost", _("Lost")
    MASKING_DOWN = "masking-down", _("Masking down")


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
    faults = models.JSONField(
        default=dict,
        help_text="What is wrong, by cause (alerts/system/causes.py), empty where nothing is; not judged yet: absent.",
    )
    frames_dropped = models.BigIntegerField(default=0)
    reconnects = models.IntegerField(default=0)
    masked_before = models.BigIntegerField(default=0, help_text="Frames masked in all turns before this one.")
    withheld_before = models.BigIntegerField(default=0, help_text="Frames withheld in all turns before this one.")
    dropped_before = models.BigIntegerField(default=0, help_text="Frames dropped in all turns before this one.")
    reconnects_before = models.BigIntegerField(default=0, help_text="Reconnections in all turns before this one.")
    last_frame_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.camera_id} {self.status}"

    @staticmethod
    def new_turn() -> dict[str, Any]:
        """What to update at the start of a turn, so that the counts of the one before are added up, and judged anew."""
        counts = {"frames_masked": "masked", "frames_withheld": "withheld", "frames_dropped": "dropped"}
        counts["reconnects"] = "reconnects"
        added = {f"{total}_before": models.F(f"{total}_before") + models.F(now) for now, total in counts.items()}
        return {**added, **dict.fromkeys(counts, 0), "withheld_by_reason": {}, "faults": {}}


class WorkerState(models.Model):
    """One worker of a queue: which process it is, and when it was last heard of.

    The name is Celery's (`streams1@host`) and outlives the process: a worker that died and was started again is the
    same worker with another `process`.
    """

    SILENT_AFTER = timedelta(seconds=15)
    """It says every 2 s that it lives; after this it is taken for lost; an overloaded machine makes it late."""

    name = models.CharField(max_length=100, primary_key=True)
    host = models.CharField(max_length=80)
    process = models.PositiveIntegerField(help_text="Process id.")
    queues = models.JSONField(default=list, help_text="Queues from which it takes tasks.")
    threads = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="By the clock of the database.")
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="When it was told to stop; empty: it runs.")
    clock_offset_ms = models.FloatField(default=0, help_text="Its machine's clock minus the database's.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def is_silent(self, now: datetime) -> bool:
        """Whether it has not been heard of for too long, without having been told to stop."""
        return self.stopped_at is None and now - self.seen_at > self.SILENT_AFTER


class SystemSample(models.Model):
    """How the whole system was in one minute; kept for a day (`SAMPLES_KEPT_FOR`), however many cameras there are."""

    at = models.DateTimeField(primary_key=True, help_text="Start of the minute.")
    cameras_running = models.PositiveIntegerField(default=0, help_text="Cameras that should run.")
    cameras_live = models.PositiveIntegerField(default=0)
    fps_in = models.FloatField(default=0, help_text="All cameras together.")
    fps_masked = models.FloatField(default=0, help_text="All cameras together, withheld frames among them.")
    frames_withheld = models.BigIntegerField(default=0, help_text="Of all cameras since they exist.")
    frames_dropped = models.BigIntegerField(default=0, help_text="Of all cameras since they exist.")
    mask_ms = models.FloatField(default=0, help_text="Median over the cameras.")
    detect_ms = models.FloatField(default=0, help_text="Median over the cameras.")
    lag_ms = models.FloatField(default=0, help_text="Of the slowest camera: capture to masked, 95th percentile.")
    streams_waiting = models.PositiveIntegerField(default=0, help_text="Tasks waiting in the queue `streams`.")
    tasks_waiting = models.PositiveIntegerField(default=0, help_text="Tasks waiting in the queue `default`.")
    disk_used_bytes = models.BigIntegerField(default=0)
    disk_free_bytes = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class DetectorRelease(models.Model):
    """What is known of one set of detection weights: its default threshold, and what each threshold finds."""

    weights = models.CharField(max_length=12, primary_key=True, help_text="Identity of all files of the weights.")
    name = models.CharField(max_length=40)
    default_percent = models.FloatField(help_text="Threshold where a camera names none, 0 to 100.")
    thresholds = models.JSONField(help_text="Thresholds that are counted, in percent, rising.")
    found = models.JSONField(default=list, help_text="Share of simulated incidents found at each; empty: not measured.")
    found_events = models.PositiveIntegerField(default=0, help_text="How many incidents that was measured on.")

    def __str__(self) -> str:
        return f"{self.name} {self.weights}"


class ScoreHour(models.Model):
    """How many events each threshold would have started in one hour of a camera. Numbers only; kept for 36 days."""

    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="score_hours")
    release = models.ForeignKey(DetectorRelease, on_delete=models.PROTECT, related_name="hours")
    hour = models.DateTimeField(help_text="Its start.")
    observed_s = models.FloatField(default=0, help_text="Seconds of masked video that were scored.")
    events = models.JSONField(help_text="Number of events at each threshold of the release.")

    class Meta:
        ordering = ["-hour"]
        constraints = [
            # the worker adds to the hour's row; also the index of a camera's newest hours
            models.UniqueConstraint(fields=["camera", "hour", "release"], name="score_hour_once"),
            models.CheckConstraint(condition=models.Q(observed_s__gte=0), name="score_hour_observed_not_negative"),
        ]
        indexes = [models.Index(fields=["hour"], name="score_hour_hour")]  # purge

    def __str__(self) -> str:
        return f"{self.camera_id} {self.hour:%Y-%m-%d %H}"
