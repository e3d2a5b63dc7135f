"""Shifts: who had the desk, and what they handed over to whom."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from cameras.models import Site
from paca_site.accounts.local_time import NEUTRAL


class Shift(models.Model):
    """One person's time at the desk. Its end keeps the handover sheet, which the next person signs too."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shifts")
    sites = models.ManyToManyField(Site, related_name="shifts", help_text="What the sheet tells of.")
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When the person signed the sheet.")
    on_break_since = models.DateTimeField(null=True, blank=True, help_text="Of the break that goes on now.")
    rested_at = models.DateTimeField(null=True, blank=True, help_text="End of the last break.")
    notes = models.CharField(max_length=2000, blank=True)
    sheet = models.JSONField(
        default=dict, blank=True, help_text="What was open at the end, as alerts/handover.py has it."
    )
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of sheet and notes: what both signed.")
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="shifts_accepted"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    purged_at = models.DateTimeField(null=True, blank=True, help_text="When sheet and notes were deleted.")

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(ended_at=None), name="shift_one_at_a_time_per_person"
            ),
            models.CheckConstraint(
                condition=models.Q(on_break_since=None) | models.Q(ended_at=None), name="shift_break_ends_with_it"
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_by=None, accepted_at=None)
                | models.Q(accepted_by__isnull=False, accepted_at__isnull=False, ended_at__isnull=False),
                name="shift_accepted_after_its_end",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_by=None) | ~models.Q(accepted_by=models.F("person")),
                name="shift_accepted_by_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} since {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def zone(self) -> str:
        """Time zone of its times on screen: the one that all its sites have; `NEUTRAL` where they differ."""
        zones = set(self.sites.values_list("time_zone", flat=True))
        return zones.pop() if len(zones) == 1 else NEUTRAL
