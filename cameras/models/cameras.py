"""Cameras."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.addresses import hide_secrets
from cameras.models.choices import MaskingStyle, Modality, VehicleMasking
from cameras.models.retention import RetentionPolicy
from cameras.models.sites import Site
from cameras.zones import check_zones
from paca_site.sealing import SealedCharField

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from cameras.models.segments import Segment


class Camera(models.Model):
    """One camera: where its stream comes from, where it stands, what it may do."""

    site = models.ForeignKey(Site, verbose_name=_("site"), on_delete=models.PROTECT, related_name="cameras")
    name = models.CharField(_("name"), max_length=80)
    address = SealedCharField(
        _("address"), max_length=500, help_text=_("rtsp://, rtsps://, http:// or https:// address of the stream.")
    )
    modality = models.CharField(_("modality"), max_length=8, choices=Modality.choices, default=Modality.CENTRAL)
    is_enabled = models.BooleanField(_("running"), default=True)
    is_demo = models.BooleanField(default=False)
    frames_per_second = models.PositiveSmallIntegerField(
        _("frames per second"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(25)],
        help_text=_("Frames masked each second, 1 to 25."),
    )
    threshold_percent = models.PositiveSmallIntegerField(
        _("alert threshold (%)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(95)],
        help_text=_("Lower finds more and calls the operator more often, 5 to 95. Empty: the default of the detector."),
    )
    masking_style = models.CharField(
        _("masking style"), max_length=16, choices=MaskingStyle.choices, default=MaskingStyle.SILHOUETTE
    )
    vehicle_masking = models.CharField(
        _("vehicles"), max_length=8, choices=VehicleMasking.choices, default=VehicleMasking.PLATES
    )
    has_shades = models.BooleanField(
        _("tell silhouettes apart by their brightness"),
        default=False,
        help_text=_("In crowds; only with the style Silhouette. Those that touch share one shade."),
    )
    masked_zones = models.JSONField(
        _("always masked"), default=list, blank=True, validators=[check_zones], help_text=_("See cameras/zones.py.")
    )
    exits = models.JSONField(
        _("doors"), default=list, blank=True, validators=[check_zones], help_text=_("Polygons like the zones.")
    )
    latitude = models.FloatField(_("latitude"), validators=[MinValueValidator(-90), MaxValueValidator(90)])
    longitude = models.FloatField(_("longitude"), validators=[MinValueValidator(-180), MaxValueValidator(180)])
    heading_deg = models.PositiveSmallIntegerField(
        _("looks towards (°)"), default=0, validators=[MaxValueValidator(359)], help_text=_("0 north, 90 east.")
    )
    view_deg = models.PositiveSmallIntegerField(
        _("field of view (°)"), default=70, validators=[MinValueValidator(5), MaxValueValidator(360)]
    )
    range_m = models.PositiveSmallIntegerField(
        _("sees as far as (m)"), default=30, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    retention = models.ForeignKey(
        RetentionPolicy, verbose_name=_("retention"), on_delete=models.PROTECT, related_name="cameras"
    )
    purpose = models.CharField(
        _("purpose"), max_length=200, help_text=_("Why this place is watched, in one sentence a passer-by understands.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False, help_text=_("Counts what was saved."))

    segments: "RelatedManager[Segment]"

    class Meta:
        ordering = ["site__name", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="camera_name_once_per_site",
                violation_error_message=_("This site already has a camera of that name."),
            ),
            models.CheckConstraint(condition=models.Q(frames_per_second__range=(1, 25)), name="camera_fps_1_to_25"),
            models.CheckConstraint(
                condition=models.Q(threshold_percent__range=(5, 95)), name="camera_threshold_5_to_95"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a policy that keeps what the modality may not have; the database refuses it too."""
        is_chosen = self.retention_id is not None
        if is_chosen and self.modality != Modality.CENTRAL and self.retention.raw_hours:
            raise ValidationError(
                {"retention": _("This policy keeps unmasked video, which only a central camera may have.")}
            )

    @property
    def keeps_footage(self) -> bool:
        """Whether masked footage of this camera may be stored at all; the edge modality stores none."""
        return self.modality != Modality.EDGE

    @property
    def masking(self) -> dict[str, Any]:
        """The settings of the masker `paca-seg` that belong to this camera."""
        return {
            "style": self.masking_style,
            "shades": self.has_shades and self.masking_style == MaskingStyle.SILHOUETTE,
            "vehicles": self.vehicle_masking,
            "zones": self.masked_zones,
            "exits": self.exits,
        }

    @property
    def public_address(self) -> str:
        """The stream address without its password and tokens, for screens and logs."""
        return hide_secrets(self.address)
