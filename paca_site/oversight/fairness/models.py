"""What is known of the place that a site watches, from outside PACA."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Site

LEAST_KM2, MOST_KM2, MOST_RESIDENTS = 0.001, 10_000.0, 50_000_000


class SiteFacts(models.Model):
    """Area and residents of the place around a site, and who says so; each may be unknown, but not both."""

    site = models.OneToOneField(Site, on_delete=models.PROTECT, related_name="facts")
    area_km2 = models.FloatField(
        _("area (km²)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(LEAST_KM2), MaxValueValidator(MOST_KM2)],
        help_text=_("Of the place that its cameras watch, streets and squares with the houses on them."),
    )
    residents = models.PositiveIntegerField(
        _("residents"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_RESIDENTS)],
        help_text=_("Registered in that area; visitors are not among them."),
    )
    source = models.CharField(
        _("source"), max_length=200, help_text=_("Where the numbers are from, such as: municipal register, 2026.")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "site facts"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(area_km2__isnull=False) | models.Q(residents__isnull=False),
                name="site_facts_say_something",
                violation_error_message=_("Give the area, the residents, or both."),
            ),
            models.CheckConstraint(
                condition=models.Q(area_km2=None) | models.Q(area_km2__gte=LEAST_KM2), name="site_facts_area_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"facts of site {self.site_id}"
