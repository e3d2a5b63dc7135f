"""What belongs together: an incident joins alerts of near cameras and times; a flood says that there are too many."""

from django.db import models
from django.utils import timezone

from cameras.models import Site


class Incident(models.Model):
    """Alerts that are probably one thing that happens. It groups the queue and hides nothing."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="incidents", db_index=False)
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["site", "opened_at"], name="incident_site_opened"),  # the purge looks for old ones
        ]

    def __str__(self) -> str:
        return f"incident {self.pk}"


class Flood(models.Model):
    """A time in which a site raised more alerts than its operators can judge one by one."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="floods")
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    alerts = models.PositiveIntegerField(help_text="Alerts in the 10 minutes before it started.")
    operators = models.PositiveSmallIntegerField(help_text="People who worked on the site's alerts in that time.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site"], condition=models.Q(ended_at=None), name="flood_one_at_a_time_per_site"
            ),
        ]

    def __str__(self) -> str:
        return f"flood at site {self.site_id} since {self.started_at:%Y-%m-%d %H:%M}"
