"""Counts of the leak watch by hour of a camera, and suspensions: a camera that stands still because of them."""

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext

from cameras.models import Camera

SHORTEST_REASON: Final = 10
"""Characters: enough to be understood a month later."""
LONGEST_REASON: Final = 300


class LeakHour(models.Model):
    """What the watch counted in one hour of a camera: numbers only, no picture, box or moment.

    `spell` is the number of suspensions of the camera that were lifted before: after each, counting begins anew.
    """

    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="leak_hours", db_index=False)
    hour = models.DateTimeField(help_text="Its start.")
    spell = models.PositiveIntegerField(default=0)
    frames = models.PositiveIntegerField(default=0, help_text="Frames looked at.")
    people = models.PositiveIntegerField(default=0, help_text="People seen in them, a group that touches as one.")
    leaks = models.PositiveIntegerField(default=0, help_text="Those of them who were left open.")
    leak_frames = models.PositiveIntegerField(default=0, help_text="Frames in which anybody was left open.")
    skipped = models.PositiveIntegerField(default=0, help_text="Samples not looked at: the watch was busy or rested.")
    failed = models.PositiveIntegerField(default=0, help_text="Looks that broke off.")

    class Meta:
        ordering = ["-hour", "-spell"]
        constraints = [
            # the worker adds to the hour's row; also the index of a camera's newest hours
            models.UniqueConstraint(fields=["camera", "hour", "spell"], name="leak_hour_once"),
            models.CheckConstraint(
                condition=Q(leaks__lte=F("people"), leak_frames__lte=F("leaks")) & Q(leak_frames__lte=F("frames")),
                name="leak_hour_counts_fit",
            ),
        ]
        indexes = [models.Index(fields=["hour"], name="leak_hour_hour")]  # purge

    def __str__(self) -> str:
        return f"{self.camera_id} {self.hour:%Y-%m-%d %H}"


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    """Suspensions, narrowed."""

    def current(self) -> "SuspensionQuerySet":
        """Those that hold now."""
        return self.filter(ended_at=None)


class Suspension(models.Model):
    """A camera that the leak watch stopped, with what it was judged by, until a supervisor lets it run again.

    What it was judged by never changes, and an end is for ever (migration 0002).
    """

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="leak_suspensions", db_index=False)
    began_at = models.DateTimeField()
    since = models.DateTimeField(help_text="Start of the first hour that was judged.")
    frames = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    leaks = models.PositiveIntegerField()
    leak_frames = models.PositiveIntegerField()
    low_per_1000 = models.FloatField(help_text="Lower end of the 95 % interval of leaks per 1,000 people.")
    budget_per_1000 = models.PositiveIntegerField(help_text="What was allowed.")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField(
        max_length=LONGEST_REASON, blank=True, validators=[MinLengthValidator(SHORTEST_REASON)]
    )

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["camera"], condition=Q(ended_at=None), name="suspension_one_current"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, end_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""),
                name="suspension_ended_whole_or_not",
            ),
            models.CheckConstraint(
                condition=Q(low_per_1000__gt=F("budget_per_1000"), leaks__lte=F("people"), leak_frames__lte=F("leaks")),
                name="suspension_above_its_budget",
            ),
        ]
        indexes = [models.Index(fields=["camera", "-began_at"], name="suspension_newest")]

    if TYPE_CHECKING:
        camera_id: int

    def __str__(self) -> str:
        return f"suspension {self.pk} of camera {self.camera_id}"

    @property
    def per_1000(self) -> float:
        """Leaks per 1,000 people that it was judged by."""
        return 1000.0 * self.leaks / self.people if self.people else 0.0

    @property
    def sentence(self) -> str:
        """Why the camera does not run."""
        return gettext(
            "Suspended by the leak watch at {began_at:%Y-%m-%d %H:%M} UTC: {leaks} of {people} people it looked at "
            "were not fully covered, more than {budget} of 1,000."
        ).format(began_at=self.began_at, leaks=self.leaks, people=self.people, budget=self.budget_per_1000)
