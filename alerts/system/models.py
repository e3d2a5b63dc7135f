"""What is or was wrong with PACA itself, and when somebody last looked whether anything is."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext

from alerts.system.causes import PRIVACY, RULES, Cause, Rule
from cameras.models import Camera

SHIFT = timedelta(hours=12)


class SystemAlertQuerySet(models.QuerySet["SystemAlert"]):
    """System alerts, narrowed."""

    def told(self) -> "SystemAlertQuerySet":
        """Without those that have not lasted long enough to be told."""
        return self.exclude(raised_at=None)

    def current(self) -> "SystemAlertQuerySet":
        """Those to look after: what goes on, and for a shift what has ended without anybody taking note.

        Source: ANSI/ISA-18.2-2016, the state "returned to normal, unacknowledged".
        """
        since = timezone.now() - SHIFT
        return self.told().filter(models.Q(ended_at=None) | models.Q(acknowledged_at=None, ended_at__gt=since))


class SystemAlert(models.Model):
    """One cause at one thing, from its beginning to its end.

    A row begins its life untold (`raised_at` empty) and is deleted if the cause is gone before its rule's
    `raise_after`. `quiet_since` is set while the cause is gone; after the rule's `calm` that moment becomes the end.
    """

    cause = models.CharField(max_length=20, choices=Cause.choices)
    subject = models.CharField(max_length=120, help_text="What it is about: camera:12, worker:streams1@host, disk.")
    camera = models.ForeignKey(
        Camera, on_delete=models.CASCADE, null=True, blank=True, related_name="system_alerts",
        help_text="Empty: it is about the whole system.",
    )  # fmt: skip
    reason = models.CharField(max_length=200, blank=True)
    count = models.PositiveIntegerField(default=1, help_text="How often the cause came back before it had ended.")
    began_at = models.DateTimeField()
    active_since = models.DateTimeField(null=True, help_text="When the cause came, for the last time; see `count`.")
    raised_at = models.DateTimeField(null=True, blank=True, help_text="When it was told; empty: not yet.")
    quiet_since = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    objects = SystemAlertQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "subject"],
                condition=models.Q(ended_at=None),
                name="system_alert_one_open_per_cause_and_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(acknowledged_by=None, acknowledged_at=None)
                | models.Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
                name="system_alert_acknowledged_by_and_at_together",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("began_at")),
                name="system_alert_ends_after_it_began",
            ),
        ]
        indexes = [models.Index(fields=["-began_at"], name="system_alert_began")]  # the history, newest first

    def __str__(self) -> str:
        return f"{self.get_cause_display()}: {self.about}"

    @property
    def rule(self) -> Rule:
        """How this cause is told."""
        return RULES[Cause(self.cause)]

    @property
    def about(self) -> str:
        """What it is about, in words."""
        return self.camera.name if self.camera else self.subject.partition(":")[2] or self.subject

    @property
    def zone(self) -> str:
        """Time zone of its times on screen: the camera's; UTC for the whole system."""
        return self.camera.site.time_zone if self.camera else "UTC"

    @property
    def is_privacy(self) -> bool:
        """Whether it belongs to the administrators' list of withheld pictures."""
        return self.cause in PRIVACY

    @property
    def state(self) -> str:
        """`active`, `quiet` (gone, but not for long enough) or `ended`."""
        if self.ended_at is not None:
            return "ended"
        return "active" if self.quiet_since is None else "quiet"

    @property
    def lasted(self) -> timedelta:
        """From its beginning to its end, or until now."""
        return (self.ended_at or self.quiet_since or timezone.now()) - self.began_at


class Supervision(models.Model):
    """One row: when the system was last checked. A silence here is itself something to be told."""

    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        return gettext("checked at {checked_at:%H:%M:%S}").format(checked_at=self.checked_at)

    def is_silent(self, now: datetime, longest: timedelta) -> bool:
        """Whether nothing was checked for longer than `longest`."""
        return now - self.checked_at > longest
