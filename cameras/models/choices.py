"""What a camera can be set to, by name."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Modality(models.TextChoices):
    """Where masking and detection run, and what may be kept (docs/modalities in DESIGN)."""

    CENTRAL = "central", _("Central")
    HYBRID = "hybrid", _("Hybrid")
    EDGE = "edge", _("Edge")


class MaskingStyle(models.TextChoices):
    """How covered areas look; the names are the core's."""

    SILHOUETTE = "silhouette", _("Silhouette (solid)")
    EDGE = "edge", _("Outline")
    LA3D_PIXELATE = "la3d-pixelate", _("Adaptive pixels (LA3D)")
    LA3D_BLUR = "la3d-blur", _("Adaptive blur (LA3D)")


class VehicleMasking(models.TextChoices):
    """How much of a vehicle is covered; the names are the core's."""

    PLATES = "plates", _("Where plates are (lower half)")
    WHOLE = "whole", _("The whole vehicle")
