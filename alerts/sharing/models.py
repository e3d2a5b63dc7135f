"""An incident that was given to one person, so that several do not begin with the same."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.incidents import Incident


class ShareState(models.TextChoices):
    """Where a share is: offered waits for a word, accepted is theirs, everything else is over."""

    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DONE = "done", _("Done")


CURRENT = (ShareState.OFFERED, ShareState.ACCEPTED)


class ShareQuerySet(models.QuerySet["Share"]):
    """Shares, narrowed."""

    def current(self) -> "ShareQuerySet":
        """Those that hold: offered or accepted."""
        return self.filter(state__in=CURRENT)


class Share(models.Model):
    """One incident for one person. It says who begins with it; it hides nothing and locks nobody out."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="shares")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shares")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_assigned = models.BooleanField(default=False, help_text="Given, not offered: theirs without asking.")
    state = models.CharField(max_length=9, choices=ShareState.choices, default=ShareState.OFFERED)
    at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=models.Q(state__in=["offered", "accepted"]),
                name="share_one_current_per_incident",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["offered", "accepted"], ended_at=None)
                | (~models.Q(state__in=["offered", "accepted"]) & models.Q(ended_at__isnull=False)),
                name="share_ended_when_over",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident} for {self.to}: {self.state}"
