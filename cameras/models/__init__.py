"""Sites, cameras, retention policies, recorded segments and legal holds; one module for each noun."""

from cameras.models.cameras import Camera
from cameras.models.choices import MaskingStyle, Modality, VehicleMasking
from cameras.models.holds import LegalHold, LegalHoldQuerySet
from cameras.models.retention import RetentionPolicy
from cameras.models.segments import Segment
from cameras.models.sites import Site

__all__ = [
    "Camera",
    "LegalHold",
    "LegalHoldQuerySet",
    "MaskingStyle",
    "Modality",
    "RetentionPolicy",
    "Segment",
    "Site",
    "VehicleMasking",
]
