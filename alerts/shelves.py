"""Shelves: alerts put aside until a moment, with a reason, one by one or for a camera under maintenance."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from cameras.models import Camera


class ShelfQuerySet(models.QuerySet["Shelf"]):
    """Shelves, narrowed."""

    def unended(self) -> "ShelfQuerySet":
        """Those that hold or are still to come."""
        return self.filter(ended_at=None, until__gt=timezone.now())

    def covering(self, camera: Camera) -> "ShelfQuerySet":
        """Maintenance windows of a camera that hold now."""
        return self.unended().filter(camera=camera, alert=None, starts_at__lte=timezone.now())


class Shelf(models.Model):
    """One alert, or all new alerts of a camera under maintenance, out of the queue until a moment; never unseen.

    Shelved alerts stay in the list of shelved ones, can be opened and decided there, and return by themselves.
    """

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="shelves")
    alert = models.ForeignKey(
        "alerts.Alert",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="shelves",
        help_text="Empty: a maintenance window, for all alerts that the camera raises in it.",
    )
    starts_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shelves")
    role = models.CharField(max_length=16)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="shelves_ended"
    )
    objects = ShelfQuerySet.as_manager()

    class Meta:
        ordering = ["until", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(until__gt=models.F("starts_at")), name="shelf_ends_after_start"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="shelf_has_a_reason"),
            models.UniqueConstraint(
                fields=["alert"],
                condition=models.Q(ended_at=None, alert__isnull=False),
                name="shelf_one_at_a_time_per_alert",
            ),
        ]
        indexes = [
            models.Index(
                fields=["until"], name="shelf_unended", condition=models.Q(ended_at=None)
            ),  # the beat, the list
        ]

    def __str__(self) -> str:
        return f"alert {self.alert_id}" if self.alert_id else f"maintenance of {self.camera}"

    @property
    def is_running(self) -> bool:
        """Whether it has begun; its end is somebody else's question."""
        return self.starts_at <= timezone.now()
