"""What of a site's live configuration an answer can depend on: read from the rows, compared, fingerprinted.

Nothing here listens to changes. What holds now is read, what was signed is stored, and the two are compared whenever
somebody asks; so no way of changing a row (a form, a command, SQL) can be missed.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.assessing.models import RunningNetwork
from cameras.models import Camera

WHOLE_SITE: Final = "site"
"""The key of what holds for all cameras of a site; all other keys are those of cameras."""

Configuration = dict[str, dict[str, Any]]
"""Value by aspect and key (`WHOLE_SITE` or a camera's), as JSON has it."""


class Aspect(models.TextChoices):
    """One part of the configuration. The values stand in questionnaires (docs/assessments.md)."""

    CAMERAS = "cameras", _("Which cameras there are, their addresses and rates")
    PLACE = "place", _("Where cameras stand and look")
    PURPOSE = "purpose", _("What cameras are for")
    MODALITY = "modality", _("Where masking and detection run")
    RETENTION = "retention", _("What is kept and how long")
    THRESHOLD = "threshold", _("Alert threshold")
    MASKING = "masking", _("Masking settings")
    MASKER = "masker", _("The network that masks")
    DETECTOR = "detector", _("The network that detects")
    EVENT_KINDS = "event-kinds", _("What the detector can call")


NETWORK_ASPECTS: Final = {
    RunningNetwork.Kind.MASKER: Aspect.MASKER,
    RunningNetwork.Kind.DETECTOR: Aspect.DETECTOR,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was when the assessment was submitted.

    Attributes:
        aspect: which part; a value of `Aspect`.
        key: the camera's key, or `WHOLE_SITE`.
        change: `added`, `removed` or `changed`.
        was: the value that was signed; None where there was none.
        now: the value now; None where there is none any more.
    """

    aspect: str
    key: str
    change: str
    was: Any
    now: Any

    @property
    def camera_id(self) -> int | None:
        """The camera, or None for the whole site."""
        return None if self.key == WHOLE_SITE else int(self.key)

    @property
    def has_grace(self) -> bool:
        """Whether cameras that run may go on for a while: not new ones, and not under another modality."""
        return not (self.change == "added" or self.aspect == Aspect.MODALITY)

    @property
    def label(self) -> str:
        """In words: which part, and whether a camera came or went."""
        if self.change == "added":
            return gettext("a new camera")
        return gettext("a camera is gone") if self.change == "removed" else Aspect(self.aspect).label.lower()

    def concerns(self, camera_id: int) -> bool:
        """Return whether it counts against a camera: its own change, or one of the whole site."""
        return self.change != "removed" and self.camera_id in (None, camera_id)


def _of_camera(camera: Camera) -> dict[Aspect, Any]:
    policy = camera.retention
    return {
        # without passwords: they may be renewed, and are nobody's to read
        Aspect.CAMERAS: {"address": camera.public_address, "frames per second": camera.frames_per_second},
        Aspect.PLACE: {
            "latitude": camera.latitude,
            "longitude": camera.longitude,
            "heading (°)": camera.heading_deg,
            "view (°)": camera.view_deg,
            "range (m)": camera.range_m,
        },
        Aspect.PURPOSE: camera.purpose,
        Aspect.MODALITY: camera.modality,
        Aspect.RETENTION: {
            "masked recordings (h)": policy.masked_hours,
            "clips (days)": policy.clip_days,
            "alerts (days)": policy.alert_days,
            "legal basis": policy.legal_basis,
            # only where there are some: what was signed before this could be chosen stays as it was signed
            **({"sealed unmasked video (h)": policy.raw_hours} if policy.raw_hours else {}),
        },
        Aspect.THRESHOLD: camera.threshold_percent,
        Aspect.MASKING: camera.masking,
    }


def live_configurations(site_ids: Collection[int]) -> dict[int, Configuration]:
    """Return how each site is configured now; two queries, however many sites."""
    found: dict[int, Configuration] = {pk: {aspect.value: {} for aspect in Aspect} for pk in site_ids}
    for camera in Camera.objects.filter(site__in=site_ids).select_related("retention"):
        for aspect, value in _of_camera(camera).items():
            found[camera.site_id][aspect.value][str(camera.pk)] = value
    own: dict[int | None, list[RunningNetwork]] = defaultdict(list)
    for network in RunningNetwork.objects.filter(models.Q(site=None) | models.Q(site__in=site_ids)):
        own[network.site_id].append(network)
    for site_id, configuration in found.items():
        for network in (*own[None], *own[site_id]):  # a site's own wins over what runs everywhere
            aspect = NETWORK_ASPECTS[RunningNetwork.Kind(network.kind)]
            configuration[aspect][WHOLE_SITE] = {"name": network.name, "weights": network.weights}
            if network.kind == RunningNetwork.Kind.DETECTOR:
                configuration[Aspect.EVENT_KINDS][WHOLE_SITE] = network.event_kinds
    return found


def fingerprints(configuration: Configuration) -> dict[str, str]:
    """Return one SHA-256 (hex) for each aspect of a configuration."""
    return {aspect: _fingerprint(values) for aspect, values in configuration.items()}


def _fingerprint(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def differences(was: Configuration, now: Configuration) -> list[Difference]:
    """Return what differs, aspect by aspect. A camera that came or went is one difference, of `Aspect.CAMERAS`.

    An aspect that a newer version of PACA added is no difference: no question that was signed could know of it.
    """
    before, after = was.get(Aspect.CAMERAS, {}), now.get(Aspect.CAMERAS, {})
    found = [Difference(Aspect.CAMERAS, key, "added", None, after[key]) for key in sorted(after.keys() - before.keys())]
    found += [
        Difference(Aspect.CAMERAS, key, "removed", before[key], None) for key in sorted(before.keys() - after.keys())
    ]
    came_or_went = before.keys() ^ after.keys()
    for aspect in Aspect.values:
        if aspect not in was:
            continue
        for key in sorted((was[aspect].keys() | now[aspect].keys()) - came_or_went):
            old, new = was[aspect].get(key), now[aspect].get(key)
            if old != new:
                found.append(Difference(aspect, key, "changed", old, new))
    return found
