"""How long each kind of data may exist."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models.choices import Modality

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from cameras.models.cameras import Camera


def most_raw_hours() -> int:
    """Return the installation's ceiling for unmasked video, in hours (`PACA_RAW_HOURS_MAX`)."""
    return int(settings.RAW_HOURS_MAX)


class RetentionPolicy(models.Model):
    """How long each kind of data may exist. A ceiling: it is deleted within the hour after."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    masked_hours = models.PositiveIntegerField(
        _("masked recordings (hours)"), validators=[MaxValueValidator(24 * 30)], help_text=_("0 records nothing.")
    )
    clip_days = models.PositiveIntegerField(
        _("masked alert clips (days)"), validators=[MaxValueValidator(365)], help_text=_("0 makes no clips.")
    )
    alert_days = models.PositiveIntegerField(
        _("alerts and decisions (days)"), validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    raw_hours = models.PositiveIntegerField(
        _("unmasked video in the sealed vault (hours)"),
        default=0,
        validators=[MaxValueValidator(most_raw_hours)],
        help_text=_("0 keeps none. Only for cameras of the central modality; opened only by release under a warrant."),
    )
    legal_basis = models.CharField(
        _("legal basis"), max_length=200, help_text=_("The rule that allows keeping this, and for how long.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "retention policies"
        constraints = [
            models.CheckConstraint(condition=models.Q(alert_days__gte=1), name="policy_alert_days_at_least_one"),
            models.CheckConstraint(
                condition=models.Q(clip_days__lte=models.F("alert_days")),
                name="policy_clips_not_longer_than_alerts",
                violation_error_message=_("Clips cannot be kept longer than the alerts they belong to."),
            ),
        ]

    cameras: "RelatedManager[Camera]"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse unmasked video for cameras that may have none; the database refuses it too."""
        if self.raw_hours and self.pk and self.cameras.exclude(modality=Modality.CENTRAL).exists():
            raise ValidationError(
                {"raw_hours": _("A hybrid or edge camera has this policy, and may keep no unmasked video. Give 0.")}
            )

    @property
    def raw_for(self) -> timedelta:
        """How long sealed unmasked video may exist; never longer than the installation allows now."""
        return timedelta(hours=min(self.raw_hours, most_raw_hours()))

    @property
    def masked_for(self) -> timedelta:
        """How long masked recordings may exist."""
        return timedelta(hours=self.masked_hours)

    @property
    def clips_for(self) -> timedelta:
        """How long masked clips may exist."""
        return timedelta(days=self.clip_days)

    @property
    def alerts_for(self) -> timedelta:
        """How long alerts may exist."""
        return timedelta(days=self.alert_days)
