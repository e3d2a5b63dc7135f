"""What people decided about alerts."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.reasons import DismissReason
from alerts.states import AlertState
from cameras.models import Camera


class Verdict(models.TextChoices):
    """What a person decided."""

    CONFIRM = "confirm", _("Confirmed")
    DISMISS = "dismiss", _("Dismissed")
    ESCALATE = "escalate", _("Escalated")
    UNDO = "undo", _("Undone")


class Decision(models.Model):
    """What one person decided on one alert, when, and what they had seen."""

    alert = models.ForeignKey("alerts.Alert", on_delete=models.CASCADE, related_name="decisions")
    camera = models.ForeignKey(
        Camera,
        on_delete=models.PROTECT,
        related_name="+",
        blank=True,
        editable=False,
        db_index=False,
        help_text="The alert's, which never changes: a site's decisions are found among millions without their alerts.",
    )
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    reason = models.CharField(max_length=10, choices=DismissReason.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    role = models.CharField(max_length=16)
    at = models.DateTimeField(default=timezone.now)
    after_s = models.FloatField(help_text="Seconds from the alert's appearance to this decision.")
    watched_s = models.FloatField(
        default=0.0, help_text="Seconds of the clip that were played on this screen before it."
    )
    is_confidence_shown = models.BooleanField(default=True, help_text="Whether the page told the confidence before it.")
    is_bulk = models.BooleanField(default=False, help_text="Dismissed together with others of its incident.")
    seen = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="Alert and queue at that moment (alerts/seen.py); empty: from before they were kept, or an undo.",
    )
    state_before = models.CharField(max_length=10, choices=AlertState.choices, default=AlertState.NEW)
    revokes = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="revoked_by",
        help_text="The decision that this one takes back; nothing is deleted.",
    )

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(verdict="dismiss") | ~models.Q(reason=""),
                name="decision_dismissal_has_a_reason",
                violation_error_message=_("A dismissal needs a reason."),
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="undo", revokes__isnull=False)
                | (~models.Q(verdict="undo") & models.Q(revokes=None)),
                name="decision_undo_names_what_it_revokes",
            ),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="decision_newest"),  # the supervisors' list, page by page
            models.Index(fields=["camera", "-at", "-id"], name="decision_camera_newest"),  # of a camera, a small site
            models.Index(fields=["by", "-at", "-id"], name="decision_by_newest"),  # of a person
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.by}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it with its alert's camera."""
        if self.camera_id is None:
            self.camera_id = self.alert.camera_id
        super().save(*args, **kwargs)

    @property
    def after(self) -> timedelta:
        """Time from the alert's appearance to this decision."""
        return timedelta(seconds=self.after_s)
