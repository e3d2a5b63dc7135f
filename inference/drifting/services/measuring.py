"""From hours of scores and decided alerts to each camera's newest comparison."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from alerts.models import Alert, AlertState
from cameras.models import Camera
from inference.drifting.figures import DAYS, CalibrationDrift, Day, Decided, ScoreDrift, calibration_drift, score_drift
from inference.drifting.models import Drift, DriftState
from inference.models import ScoreHour


def drifts_measure(*, now: datetime | None = None) -> int:
    """Compare the last week of each camera that runs with the four before; safe to run twice. Returns how many drift.

    Numbers of numbers: no audit. A camera that is off keeps no comparison: what it was is no statement about it now.
    """
    now = now or timezone.now()
    cameras = Camera.objects.filter(is_enabled=True)
    Drift.objects.exclude(camera__in=cameras).delete()
    return sum(drift_measure(camera, now).is_flagged for camera in cameras)


def drift_measure(camera: Camera, now: datetime) -> Drift:
    """Compare one camera and store what came of it."""
    days, thresholds = _days(camera, now)
    scores, calibration = score_drift(days), calibration_drift(_decided(camera, now))
    values = {"measured_at": now, **_scores(scores, thresholds), **_calibration(calibration)}
    is_flagged = DriftState.DRIFT in {values["scores"], values["calibration"]}
    before = Drift.objects.filter(camera=camera).values_list("flagged_since", flat=True).first()
    values["flagged_since"] = (before or now) if is_flagged else None
    return Drift.objects.update_or_create(camera=camera, defaults=values)[0]


def _scores(found: ScoreDrift | None, thresholds: list[int]) -> dict[str, Any]:
    if found is None:
        return {"scores": DriftState.FEW, "scores_p": None, "factor": None, "threshold_percent": None}
    return {
        "scores": DriftState.DRIFT if found.is_drift else DriftState.STEADY,
        "scores_p": found.p,
        "factor": found.factor,
        "threshold_percent": thresholds[found.at],
    }


def _calibration(found: CalibrationDrift | None) -> dict[str, Any]:
    if found is None:
        few = dict.fromkeys(("calibration_p", "decided", "confirmed", "expected"))
        return {"calibration": DriftState.FEW, **few}
    return {
        "calibration": DriftState.DRIFT if found.is_drift else DriftState.STEADY,
        "calibration_p": found.p,
        "decided": found.decided,
        "confirmed": found.confirmed,
        "expected": found.expected,
    }


def _days(camera: Camera, now: datetime) -> tuple[list[Day], list[int]]:
    """Add hours up to days of 24 hours before `now`, of the newest detector weights only."""
    hours = ScoreHour.objects.filter(camera=camera, hour__gt=now - timedelta(days=DAYS), hour__lte=now)
    newest = hours.select_related("release").order_by("-hour", "-pk").first()
    if newest is None:
        return [], []
    days: dict[int, tuple[float, list[int]]] = {}
    rows = hours.filter(release=newest.release).values_list("hour", "observed_s", "events")
    for at, observed_s, events in rows:
        ago = (now - at).days
        seen_s, counts = days.get(ago, (0.0, [0] * len(events)))
        days[ago] = seen_s + observed_s, [a + b for a, b in zip(counts, events, strict=True)]
    found = [Day(ago, seen_s / 3600, tuple(counts)) for ago, (seen_s, counts) in sorted(days.items())]
    return found, list(newest.release.thresholds)


def _decided(camera: Camera, now: datetime) -> list[Decided]:
    """Return decided alerts, of each incident the one with most confidence: those of one are decided as one."""
    rows: Iterable[tuple[int, int | None, datetime, float, str]] = (
        Alert.objects.filter(
            camera=camera,
            state__in=(AlertState.CONFIRMED, AlertState.DISMISSED),
            started_at__gt=now - timedelta(days=DAYS),
            started_at__lte=now,
        )
        .order_by("confidence", "pk")
        .values_list("pk", "incident_id", "started_at", "confidence", "state")
    )
    one_each = {
        (incident, 0 if incident else pk): Decided((now - at).days, confidence, state == AlertState.CONFIRMED)
        for pk, incident, at, confidence, state in rows
    }
    return list(one_each.values())
