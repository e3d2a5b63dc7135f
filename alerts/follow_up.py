"""What people leave on an alert besides decisions: what they did about it, and that they were told the confidence."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class ConfidenceReveal(models.Model):
    """One person has watched enough of an alert's clip to be told the confidence (see alerts/clip_first.py)."""

    alert = models.ForeignKey("alerts.Alert", on_delete=models.CASCADE, related_name="reveals")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reveals")
    at = models.DateTimeField(default=timezone.now)
    watched_s = models.FloatField(help_text=_("Seconds of the clip that were played on this screen before it."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "to"], name="reveal_once_per_alert_and_person"),
        ]

    def __str__(self) -> str:
        return gettext("{to} after {watched_s:.0f} s of alert {alert_id}").format(
            to=self.to, watched_s=self.watched_s, alert_id=self.alert_id
        )


class Measure(models.TextChoices):
    """What was done about a confirmed alert; chosen by number key, in this order."""

    PATROL = "patrol", _("Patrol sent")
    AMBULANCE = "ambulance", _("Ambulance called")
    POLICE = "police", _("Police informed")
    FIRE = "fire", _("Fire brigade called")
    STAFF = "staff", _("Staff on site informed")
    OTHER = "other", _("Other (say what)")
    NONE = "none", _("Nothing was needed")


class ActionTaken(models.Model):
    """What one person did about a confirmed alert: one row for each measure; it closes the alert."""

    alert = models.ForeignKey("alerts.Alert", on_delete=models.CASCADE, related_name="actions")
    measure = models.CharField(max_length=10, choices=Measure.choices)
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="actions_taken")
    role = models.CharField(max_length=16)
    at = models.DateTimeField(default=timezone.now)
    after_s = models.FloatField(help_text=_("Seconds from the alert's appearance."))

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["alert", "measure"], name="action_each_measure_once_per_alert"),
        ]

    def __str__(self) -> str:
        return gettext("{measure} for alert {alert_id}").format(
            measure=self.get_measure_display(), alert_id=self.alert_id
        )
