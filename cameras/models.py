"""Sites, cameras, retention policies and recorded segments."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from cameras.addresses import hide_secrets
from cameras.zones import check_zones

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Modality(models.TextChoices):
    """Where masking and detection run, and what may be kept (docs/modalities in DESIGN)."""

    CENTRAL = "central", "Central"
    HYBRID = "hybrid", "Hybrid"
    EDGE = "edge", "Edge"


class MaskingStyle(models.TextChoices):
    """How covered areas look; the names are the core's."""

    SILHOUETTE = "silhouette", "Silhouette (solid)"
    EDGE = "edge", "Outline"
    LA3D_PIXELATE = "la3d-pixelate", "Adaptive pixels (LA3D)"
    LA3D_BLUR = "la3d-blur", "Adaptive blur (LA3D)"


class VehicleMasking(models.TextChoices):
    """How much of a vehicle is covered; the names are the core's."""

    PLATES = "plates", "Where plates are (lower half)"
    WHOLE = "whole", "The whole vehicle"


class Site(models.Model):
    """A place with cameras and people who look after it; the unit of scope."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    time_zone = models.CharField(max_length=64, default="Europe/Oslo", help_text="IANA name, for the times on screen.")
    latitude = models.FloatField(validators=[MinValueValidator(-90), MaxValueValidator(90)])
    longitude = models.FloatField(validators=[MinValueValidator(-180), MaxValueValidator(180)])
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RetentionPolicy(models.Model):
    """How long each kind of data may exist. A ceiling: it is deleted within the hour after."""

    name = models.CharField(max_length=80, unique=True)
    masked_hours = models.PositiveIntegerField(
        "masked recordings (hours)", validators=[MaxValueValidator(24 * 30)], help_text="0 records nothing."
    )
    clip_days = models.PositiveIntegerField(
        "masked alert clips (days)", validators=[MaxValueValidator(365)], help_text="0 makes no clips."
    )
    alert_days = models.PositiveIntegerField(
        "alerts and decisions (days)", validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    legal_basis = models.CharField(max_length=200, help_text="The rule that allows keeping this, and for how long.")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "retention policies"
        constraints = [
            models.CheckConstraint(condition=models.Q(alert_days__gte=1), name="policy_alert_days_at_least_one"),
            models.CheckConstraint(
                condition=models.Q(clip_days__lte=models.F("alert_days")),
                name="policy_clips_not_longer_than_alerts",
                violation_error_message="Clips cannot be kept longer than the alerts they belong to.",
            ),
        ]

    cameras: "RelatedManager[Camera]"

    def __str__(self) -> str:
        return self.name

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


class Camera(models.Model):
    """One camera: where its stream comes from, where it stands, what it may do."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="cameras")
    name = models.CharField(max_length=80)
    address = models.CharField(
        max_length=500, help_text="rtsp://, rtsps://, http:// or https:// address of the stream."
    )
    modality = models.CharField(max_length=8, choices=Modality.choices, default=Modality.CENTRAL)
    is_enabled = models.BooleanField("running", default=True)
    is_demo = models.BooleanField(default=False)
    frames_per_second = models.PositiveSmallIntegerField(
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(25)],
        help_text="Frames masked each second, 1 to 25.",
    )
    threshold_percent = models.PositiveSmallIntegerField(
        "alert threshold (%)",
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(95)],
        help_text="Lower finds more and calls the operator more often, 5 to 95. Empty: the default of the detector.",
    )
    masking_style = models.CharField(max_length=16, choices=MaskingStyle.choices, default=MaskingStyle.SILHOUETTE)
    vehicle_masking = models.CharField(
        "vehicles", max_length=8, choices=VehicleMasking.choices, default=VehicleMasking.PLATES
    )
    has_shades = models.BooleanField(
        "tell silhouettes apart by their brightness",
        default=False,
        help_text="In crowds; only with the style Silhouette. Those that touch share one shade.",
    )
    masked_zones = models.JSONField(
        "always masked", default=list, blank=True, validators=[check_zones], help_text="See cameras/zones.py."
    )
    exits = models.JSONField(
        "doors", default=list, blank=True, validators=[check_zones], help_text="Polygons like the zones."
    )
    latitude = models.FloatField(validators=[MinValueValidator(-90), MaxValueValidator(90)])
    longitude = models.FloatField(validators=[MinValueValidator(-180), MaxValueValidator(180)])
    heading_deg = models.PositiveSmallIntegerField(
        "looks towards (°)", default=0, validators=[MaxValueValidator(359)], help_text="0 north, 90 east."
    )
    view_deg = models.PositiveSmallIntegerField(
        "field of view (°)", default=70, validators=[MinValueValidator(5), MaxValueValidator(360)]
    )
    range_m = models.PositiveSmallIntegerField(
        "sees as far as (m)", default=30, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    retention = models.ForeignKey(RetentionPolicy, on_delete=models.PROTECT, related_name="cameras")
    purpose = models.CharField(
        max_length=200, help_text="Why this place is watched, in one sentence a passer-by understands."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False, help_text="Counts what was saved.")

    segments: "RelatedManager[Segment]"

    class Meta:
        ordering = ["site__name", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="camera_name_once_per_site",
                violation_error_message="This site already has a camera of that name.",
            ),
            models.CheckConstraint(condition=models.Q(frames_per_second__range=(1, 25)), name="camera_fps_1_to_25"),
            models.CheckConstraint(
                condition=models.Q(threshold_percent__range=(5, 95)), name="camera_threshold_5_to_95"
            ),
        ]

    def __str__(self) -> str:
        return self.name

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


class Segment(models.Model):
    """Some seconds of masked video of one camera on disk."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="segments")
    path = models.CharField(max_length=255, unique=True, help_text="Relative to the footage folder.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="Empty while it is written.")
    frame_count = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    masker = models.CharField(max_length=64, help_text="Fingerprint of the masker that made it.")

    class Meta:
        ordering = ["started_at"]
        indexes = [
            models.Index(fields=["camera", "started_at"], name="segment_camera_started"),  # clips, playback, purge
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.started_at:%Y-%m-%d %H:%M:%S}"


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    """Holds, narrowed."""

    def current(self) -> "LegalHoldQuerySet":
        """Holds that protect now; one whose time is over still does until its end is recorded."""
        return self.filter(ended_at=None)


class LegalHold(models.Model):
    """What a case needs of one camera, from minute to minute: no policy deletes it while the hold stands."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="holds")
    starts_at = models.DateTimeField(help_text="Footage from here ...")
    ends_at = models.DateTimeField(help_text="... to here is held.")
    case = models.CharField("case number", max_length=80, help_text="As the court or the police has it.")
    reason = models.CharField(max_length=300, help_text="Why this footage must outlive its policy.")
    review_on = models.DateField("review on", help_text="The day to ask whether it is still needed.")
    expires_at = models.DateTimeField("ends by itself", help_text="The hold ends then, unless it is lifted before.")
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
                violation_error_message="The end must be after the start.",
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
