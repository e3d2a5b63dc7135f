"""From the machine's event to the operator's alert: stored once, whatever is delivered twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from alerts.models import Alert, AlertState, ClipState, Severity
from alerts.services.grouping import incident_for
from alerts.services.pushing import alert_push
from alerts.shelves import Shelf
from alerts.timers import acknowledge_within
from cameras.authorising.standing import kinds_allowed
from cameras.models import Camera
from paca_site.audit.services import audit_record

HIGH_CONFIDENCE, MEDIUM_CONFIDENCE = 80.0, 50.0


class KindNotAuthorisedError(Exception):
    """No authorisation of the camera in force names this kind of event: it must not become an alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """What a worker (or a camera box) says about one event; the fields are those of `AnomalyEvent`, JSON-able."""

    event_id: str
    kind: str
    sentence: str
    facts: Mapping[str, float]
    confidence: float
    score: float
    threshold: float
    started_at: datetime
    peak_at: datetime
    ended_at: datetime | None
    region: Sequence[Sequence[float]]
    regions: Sequence[Any]
    scores: Sequence[Any]
    masker: str
    detector: str


def severity_of(report: EventReport) -> Severity:
    """Return how soon somebody should look: a person on the ground, or high confidence, is urgent."""
    if report.kind == "person-on-ground" or report.confidence >= HIGH_CONFIDENCE:
        return Severity.HIGH
    return Severity.MEDIUM if report.confidence >= MEDIUM_CONFIDENCE else Severity.LOW


def _values(report: EventReport) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "sentence": report.sentence,
        "facts": dict(report.facts),
        "confidence": report.confidence,
        "score": report.score,
        "threshold": report.threshold,
        "started_at": report.started_at,
        "peak_at": report.peak_at,
        "ended_at": report.ended_at,
        "region": [list(point) for point in report.region],
        "regions": list(report.regions),
        "scores": list(report.scores),
        "masker": report.masker,
        "detector": report.detector,
        "is_end_assumed": False,
        "reported_at": timezone.now(),
    }


def alert_raise(*, camera_id: int, report: EventReport) -> tuple[Alert, bool]:
    """Store an event as an alert, or bring the alert it already is up to date. Idempotent on (camera, event id).

    Side effects: audit `alert.raised` for a new one; pushes "look" to the site's screens on commit.

    Returns:
        The alert, and whether it is new.

    Raises:
        Camera.DoesNotExist: the camera was removed.
        KindNotAuthorisedError: nothing was stored.
    """
    camera = Camera.objects.select_related("retention").get(pk=camera_id)
    known = Alert.objects.filter(camera_id=camera_id, event_id=report.event_id).first()
    is_allowed = (known is not None and known.kind == report.kind) or report.kind in kinds_allowed(camera)
    if known is not None:  # an event whose kind has become one that is not authorised stays what it was
        report = report if is_allowed else replace(report, kind=known.kind, sentence=known.sentence)
        return _extend(known, report), False
    if not is_allowed:
        raise KindNotAuthorisedError(f"Camera {camera_id} is not authorised for the kind {report.kind!r}.")
    has_clip = camera.keeps_footage and camera.retention.clip_days > 0 and camera.retention.masked_hours > 0
    alert = Alert(
        camera=camera,
        event_id=report.event_id,
        severity=severity_of(report),
        due_at=timezone.now() + acknowledge_within(severity_of(report)),
        clip_state=ClipState.PENDING if has_clip else ClipState.NONE,
        **_values(report),
    )
    alert.full_clean(exclude=["camera"], validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            window = Shelf.objects.covering(camera).order_by("-until").first()
            if window is not None:  # under maintenance: stored and listed, but not in the queue
                alert.shelf, alert.shelved_until, alert.due_at = window, window.until, None
            alert.incident = incident_for(camera=camera, started_at=report.started_at)
            alert.save()
            transaction.on_commit(lambda: alert_push(alert.pk, is_new=True))
            audit_record(
                action="alert.raised",
                actor=None,
                subject=f"alert:{alert.pk}",
                site_id=camera.site_id,
                details={
                    "camera": camera.pk,
                    "event": report.event_id,
                    "kind": report.kind,
                    "confidence": round(report.confidence, 1),
                    "masker": report.masker,
                    "detector": report.detector,
                },
            )
    except IntegrityError:  # another delivery of the same event was first
        return _extend(Alert.objects.get(camera_id=camera_id, event_id=report.event_id), report), False
    return alert, True


def _extend(alert: Alert, report: EventReport) -> Alert:
    """Bring an alert up to date while its event goes on; never back to an earlier state of the event.

    An end that was only assumed (`alert_close_stale`) is taken back when the event turns out to go on.
    """
    with transaction.atomic():
        # two deliverers may hold different states of one event: the second waits here and then sees the first one's
        alert = Alert.objects.select_for_update().get(pk=alert.pk)
        if report.ended_at is None and ((alert.ended_at and not alert.is_end_assumed) or report.score < alert.score):
            return alert  # an event's highest score never falls: this state is an older one
        values = _values(report)
        values["severity"] = max(alert.severity, severity_of(report))
        Alert.objects.filter(pk=alert.pk).update(**values)
        sooner = alert.raised_at + acknowledge_within(values["severity"])  # where it has become more urgent
        untaken = Alert.objects.filter(pk=alert.pk, state=AlertState.NEW, claimed_by=None, call_level=0)
        untaken.filter(due_at__gt=sooner).update(due_at=sooner)
        transaction.on_commit(lambda: alert_push(alert.pk))
    alert.refresh_from_db()
    return alert


def alert_close_stale(*, alert: Alert, silent_since: datetime) -> bool:
    """Give an alert whose worker fell silent the last moment that was told of as its end; pushes. False if it spoke.

    Args:
        alert: an alert without an end.
        silent_since: it is left alone if it was reported after this.
    """
    told_until = alert.started_at + timedelta(seconds=float(alert.facts.get("duration_s", 0.0)))
    ended_at = max(alert.peak_at, told_until)
    with transaction.atomic():
        silent = Alert.objects.filter(pk=alert.pk, ended_at=None, reported_at__lt=silent_since)
        is_closed = silent.update(ended_at=ended_at, is_end_assumed=True) == 1
        if is_closed:
            transaction.on_commit(lambda: alert_push(alert.pk))
    return is_closed
