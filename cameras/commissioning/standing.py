"""How each camera stands: its newest go or no-go, and whether that still holds for what runs now.

Nothing listens to changes: what held at the walk is stored, what holds now is read, and the two are compared whenever
somebody asks (as in cameras/assessing/aspects.py). Besides, the fingerprint in the newest recording is compared: it is
what the worker or the camera box really masked with.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import F, OuterRef, Subquery, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext

from cameras.assessing.aspects import WHOLE_SITE, Aspect, live_configurations
from cameras.commissioning.models import Run
from cameras.models import Camera, Segment

HOLDS_FOR: Final = (Aspect.MASKING, Aspect.MASKER, Aspect.DETECTOR, Aspect.PLACE)
"""What a commissioning holds for; of a camera that looks elsewhere nothing was seen yet."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one camera stands.

    Attributes:
        camera: it.
        verdict: its newest go or no-go; None: there is none.
        current: its commissioning under way; None: none.
        changed: which of `HOLDS_FOR` are others since the verdict, in words.
    """

    camera: Camera
    verdict: Run | None
    current: Run | None
    changed: tuple[str, ...]

    @property
    def has_go(self) -> bool:
        """Whether a go holds for what runs now."""
        return bool(self.verdict and self.verdict.is_go and not self.changed)

    @property
    def needs_attention(self) -> bool:
        """Whether it belongs into a list of cameras: no go, out of date, or missing where one is required."""
        return not self.has_go and (self.verdict is not None or settings.COMMISSION_REQUIRED)

    @property
    def sentence(self) -> str:
        """All of it, in a sentence."""
        if self.verdict is None:
            return gettext("Not commissioned: nobody has measured how well people are masked at this camera.")
        day = f"{self.verdict.signed_at:%Y-%m-%d}"
        told = gettext("Go of {day}.") if self.verdict.is_go else gettext("No go of {day}.")
        told = told.format(day=day)
        if not self.changed:
            return told
        return told + " " + gettext("Out of date, as this changed since: {what}.").format(what=", ".join(self.changed))


def prints_of(cameras: Sequence[Camera]) -> dict[int, dict[str, str]]:
    """Return the SHA-256 of each aspect a commissioning holds for, by camera; two queries."""
    live = live_configurations({camera.site_id for camera in cameras})
    return {
        camera.pk: {aspect.value: _print(live[camera.site_id][aspect.value], camera) for aspect in HOLDS_FOR}
        for camera in cameras
    }


def _print(values: dict[str, Any], camera: Camera) -> str:
    text = json.dumps([values.get(str(camera.pk)), values.get(WHOLE_SITE)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def standings_of(cameras: Sequence[Camera], now: datetime | None = None) -> dict[int, Standing]:
    """Return how cameras stand, by key; a fixed number of queries."""
    verdicts = newest_verdicts(cameras)
    open_runs = Run.objects.current(now or timezone.now()).filter(camera__in=cameras)
    current = {run.camera_id: run for run in open_runs}
    # without a verdict nothing can be out of date
    judged = [camera for camera in cameras if camera.pk in verdicts]
    prints = prints_of(judged) if judged else {}
    newest = Segment.objects.filter(camera=OuterRef("pk")).order_by("-started_at")
    recorded = Camera.objects.filter(pk__in=[camera.pk for camera in judged])
    maskers = dict(recorded.values_list("pk", Subquery(newest.values("masker")[:1]))) if judged else {}
    return {
        camera.pk: Standing(
            camera,
            verdict := verdicts.get(camera.pk),
            current.get(camera.pk),
            _changed(verdict, prints[camera.pk], maskers.get(camera.pk)) if verdict else (),
        )
        for camera in cameras
    }


def newest_verdicts(cameras: Sequence[Camera]) -> dict[int, Run]:
    """Return the newest go or no-go of cameras, by key; one query."""
    ranked = (
        Run.objects.signed()
        .filter(camera__in=cameras)
        .annotate(
            rank=Window(RowNumber(), partition_by=[F("camera")], order_by=[F("signed_at").desc(), F("pk").desc()])
        )
        .filter(rank=1)
        .select_related("signed_by", "began_by")
    )
    return {run.camera_id: run for run in ranked}


def _changed(verdict: Run, prints: dict[str, str], masker: str | None) -> tuple[str, ...]:
    changed = [aspect for aspect in HOLDS_FOR if verdict.prints.get(aspect.value) != prints[aspect.value]]
    # the weights as they ship may be the same while a camera box, or another version, masks with others
    if masker and masker != verdict.masker and not {Aspect.MASKING, Aspect.MASKER} & set(changed):
        changed.append(Aspect.MASKER)
    return tuple(str(aspect.label).lower() for aspect in changed)
