"""The longest that a policy may keep anything for cameras of a modality or under a jurisdiction."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Trim
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Modality

LIMITS = ("raw_hours", "masked_hours", "clip_days", "alert_days")


class Ceiling(models.Model):
    """What the law of a place, or of the house, allows at most; empty limits say nothing.

    The database refuses (migration 0002) whatever would leave a camera's policy above one: a policy, a camera, a signed
    authorisation or a ceiling.
    """

    modality = models.CharField(
        _("modality"), max_length=10, choices=Modality.choices, blank=True, help_text=_("Empty: of every modality.")
    )
    jurisdiction = models.CharField(
        _("jurisdiction"),
        max_length=80,
        blank=True,
        help_text=_("As the cameras' authorisations have it; capitals do not matter. Empty: everywhere."),
    )
    raw_hours = models.PositiveIntegerField(
        _("unmasked video in the sealed vault (hours)"), null=True, blank=True, validators=[MaxValueValidator(24 * 30)]
    )
    masked_hours = models.PositiveIntegerField(
        _("masked recordings (hours)"), null=True, blank=True, validators=[MaxValueValidator(24 * 30)]
    )
    clip_days = models.PositiveIntegerField(
        _("masked alert clips (days)"), null=True, blank=True, validators=[MaxValueValidator(365)]
    )
    alert_days = models.PositiveIntegerField(
        _("alerts and decisions (days)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )
    legal_basis = models.CharField(
        _("legal basis"), max_length=200, help_text=_("The rule that sets it: act and section, or the house's own.")
    )
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, editable=False, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(editable=False, default=timezone.now)

    class Meta:
        ordering = ["jurisdiction", "modality"]
        constraints = [
            models.UniqueConstraint(
                Lower(Trim("jurisdiction")),
                "modality",
                name="ceiling_once_for_each_place_and_modality",
                violation_error_message=_("There is a ceiling for these already: change that one."),
            ),
            models.CheckConstraint(
                condition=Q(raw_hours__isnull=False)
                | Q(masked_hours__isnull=False)
                | Q(clip_days__isnull=False)
                | Q(alert_days__isnull=False),
                name="ceiling_limits_something",
                violation_error_message=_("Give at least one limit."),
            ),
        ]

    def __str__(self) -> str:
        return self.where

    def clean(self) -> None:
        """Refuse what cannot be meant."""
        self.jurisdiction = self.jurisdiction.strip()
        if self.modality == Modality.EDGE and any(getattr(self, name) for name in LIMITS[:3]):
            raise ValidationError(_("An edge camera stores no footage: only alerts and decisions can be limited."))
        if self.modality == Modality.HYBRID and self.raw_hours:
            raise ValidationError({"raw_hours": _("A hybrid camera keeps no unmasked video. Leave it empty.")})

    @property
    def where(self) -> str:
        """Which cameras it is for, in words."""
        modality = str(self.get_modality_display()) if self.modality else ""
        return ", ".join(part for part in (modality, self.jurisdiction) if part) or str(_("all cameras"))
