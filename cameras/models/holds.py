"""Legal holds."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models.cameras import Camera


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    """Holds, narrowed."""

    def current(self) -> "LegalHoldQuerySet":
        """Holds that protect now; one whose time is over still does until its end is recorded."""
        return self.filter(ended_at=None)


class LegalHold(models.Model):
    """What a case needs of one camera, from minute to minute: no policy deletes it while the hold stands."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="holds")
    starts_at = models.DateTimeField(help_text=_("Footage from here ..."))
    ends_at = models.DateTimeField(help_text=_("... to here is held."))
    case = models.CharField(_("case number"), max_length=80, help_text=_("As the court or the police has it."))
    reason = models.CharField(_("reason"), max_length=300, help_text=_("Why this footage must outlive its policy."))
    review_on = models.DateField(_("review on"), help_text=_("The day to ask whether it is still needed."))
    expires_at = models.DateTimeField(
        _("ends by itself"), help_text=_("The hold ends then, unless it is lifted before.")
    )
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="placed_holds")
    placed_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="lifted_holds"
    )
    end_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="hold_ends_after_it_starts",
                violation_error_message=_("The end must be after the start."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["camera", "starts_at"],
                name="hold_current_camera",
                condition=models.Q(ended_at=None),  # asked for every batch of a purge; few current among many
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: camera {self.camera_id}"

    @property
    def is_current(self) -> bool:
        """Whether it protects now."""
        return self.ended_at is None

    @property
    def is_review_due(self) -> bool:
        """Whether somebody must ask today if it is still needed."""
        return self.is_current and self.review_on <= timezone.now().date()
