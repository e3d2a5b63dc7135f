"""The plan of a site: one picture, and where on Earth it lies."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from cameras.models import Site


class SitePlan(models.Model):
    """A drawing of a site under its map. The picture stands in the row: no file is left over, none is missing.

    It lies where one point of it (`anchor_x`, `anchor_y`, pixels) is known to be, to scale and turned; without that
    it is kept but not drawn.
    """

    site = models.OneToOneField(Site, on_delete=models.PROTECT, related_name="plan")
    picture = models.BinaryField(help_text="WebP, made anew from what was uploaded: no metadata.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the picture; its name for the browser.")
    stored_at = models.DateTimeField(default=timezone.now)
    stored_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    anchor_x = models.FloatField(null=True, blank=True)
    anchor_y = models.FloatField(null=True, blank=True)
    anchor_latitude = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    anchor_longitude = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    metres_per_px = models.FloatField(null=True, blank=True)
    turned_deg = models.FloatField(null=True, blank=True, help_text="Bearing of the picture's upper edge, 0 north.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    anchor_x=None,
                    anchor_y=None,
                    anchor_latitude=None,
                    anchor_longitude=None,
                    metres_per_px=None,
                    turned_deg=None,
                )
                | models.Q(
                    anchor_x__isnull=False,
                    anchor_y__isnull=False,
                    anchor_latitude__isnull=False,
                    anchor_longitude__isnull=False,
                    metres_per_px__gt=0,
                    turned_deg__isnull=False,
                ),
                name="site_plan_placed_wholly_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"plan of site {self.site_id}"

    @property
    def is_placed(self) -> bool:
        """Whether it is known where it lies."""
        return self.metres_per_px is not None
