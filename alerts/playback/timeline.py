"""What of a camera's history there is: footage, gaps with their reasons, alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from alerts.models import Alert
from alerts.playback.window import Window
from alerts.system.causes import Cause
from alerts.system.models import SystemAlert
from cameras.access import segments_to_play
from cameras.models import Camera
from paca_site.audit.models import AuditEntry

GAP: Final = timedelta(seconds=3)
"""Less without footage is no gap: at one frame per second the files themselves are a second apart."""
SLACK: Final = timedelta(seconds=10)
"""What is wrong is noticed some seconds after the last frame, and ends some seconds before the next file."""
WRITING: Final = timedelta(seconds=10)
"""A file without an end is being written, and as long as this at most; after a crash it is measured at the start."""
EXPLAINS: Final = (
    Cause.CAMERA_LOST, Cause.CAMERA_UNWATCHED, Cause.RECORDING_STOPPED, Cause.DISK_FULL, Cause.WORKER_LOST,
    Cause.NO_WORKER, Cause.DATABASE_AWAY, Cause.UNSUPERVISED,
)  # fmt: skip
UNKNOWN: Final = "No reason is recorded"


@dataclass(frozen=True, slots=True)
class Piece:
    """One recorded file: its key, and its place in time."""

    pk: int
    starts_at: datetime
    ends_at: datetime
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Stretch:
    """Footage without a gap, or (with a reason) a gap."""

    starts_at: datetime
    ends_at: datetime
    reason: str = ""

    @property
    def lasted_s(self) -> int:
        """How long, in seconds."""
        return round((self.ends_at - self.starts_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Timeline:
    """One window of one camera's history."""

    pieces: Sequence[Piece]
    footage: Sequence[Stretch]
    gaps: Sequence[Stretch]
    alerts: Sequence[Alert]


def timeline_of(camera: Camera, window: Window, now: datetime | None = None) -> Timeline:
    """Read one window of a camera's history; the number of queries does not depend on how long it is."""
    now = now or timezone.now()
    pieces = _pieces(camera, window, now)
    footage = stretches(pieces, window.starts_at, min(window.ends_at, now))
    causes = _causes(camera, window, now)
    gaps = [
        replace(gap, reason=gap_reason(gap, causes) or UNKNOWN)
        for gap in gaps_between(footage, window.starts_at, min(window.ends_at, now - WRITING))
    ]
    alerts = (
        Alert.desk.on_desk()
        .filter(camera=camera, started_at__lt=window.ends_at)
        .filter(Q(ended_at__gte=window.starts_at) | Q(ended_at=None, started_at__gte=window.starts_at))
    )
    return Timeline(pieces, footage, gaps, list(alerts.order_by("started_at", "pk")))


def stretches(pieces: Iterable[Piece], first: datetime, last: datetime) -> list[Stretch]:
    """Join files that follow each other within `GAP`, cut to the window; files are in order of their start."""
    joined: list[Stretch] = []
    for piece in pieces:
        start, end = max(piece.starts_at, first), min(piece.ends_at, last)
        if end < start:
            continue
        if joined and start - joined[-1].ends_at <= GAP:
            joined[-1] = replace(joined[-1], ends_at=max(joined[-1].ends_at, end))
        else:
            joined.append(Stretch(start, end))
    return joined


def gaps_between(footage: Sequence[Stretch], first: datetime, last: datetime) -> list[Stretch]:
    """Return what a window lacks, before, between and after its footage, where it is longer than `GAP`."""
    edges = [first, *(edge for part in footage for edge in (part.starts_at, part.ends_at)), last]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [Stretch(start, end) for start, end in pairs if end - start > GAP]


def gap_reason(gap: Stretch, causes: Iterable[Stretch]) -> str:
    """Return what was wrong (or meant) meanwhile, each cause once, in order of time; empty where nothing is known."""
    reasons = [
        cause.reason for cause in causes if cause.starts_at < gap.ends_at + SLACK and cause.ends_at > gap.starts_at
    ]
    return "; ".join(dict.fromkeys(reasons))


def _pieces(camera: Camera, window: Window, now: datetime) -> list[Piece]:
    rows = (
        segments_to_play(camera, now)
        .filter(started_at__gte=window.starts_at - timedelta(minutes=2), started_at__lt=window.ends_at)
        .order_by("started_at", "pk")
        .values_list("pk", "started_at", "ended_at")
    )
    found = [Piece(pk, start, end or min(now, start + WRITING), end is not None) for pk, start, end in rows]
    return [piece for piece in found if piece.ends_at >= window.starts_at]


def _causes(camera: Camera, window: Window, now: datetime) -> list[Stretch]:
    """Everything that can explain a gap of the window, in order of its beginning."""
    told = SystemAlert.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=window.starts_at),
        Q(camera=camera) | Q(camera=None),
        cause__in=EXPLAINS,
        began_at__lt=window.ends_at + SLACK,
    )
    far = datetime(2000, 1, 1, tzinfo=UTC) - timedelta(days=2)
    causes = [
        Stretch(row.began_at, row.quiet_since or row.ended_at or now, row.get_cause_display().capitalize())
        for row in told
    ]
    causes += _stops(camera, window, now)
    causes.append(Stretch(far, camera.created_at, gettext("The camera was not there yet")))
    if not camera.keeps_footage:
        causes.append(Stretch(far, now, gettext("Cameras of the edge modality store no footage")))
    elif not camera.retention.masked_hours:
        causes.append(
            Stretch(far, now, gettext("The policy “{name}” records nothing").format(name=camera.retention.name))
        )
    else:
        ceiling = now - camera.retention.masked_for
        causes.append(
            Stretch(
                far, ceiling, gettext("Older than the policy “{name}” keeps footage").format(name=camera.retention.name)
            )
        )
    return sorted(causes, key=lambda cause: cause.starts_at)


def _stops(camera: Camera, window: Window, now: datetime) -> list[Stretch]:
    """When a person had stopped the camera, from the trail."""
    entries = AuditEntry.objects.filter(
        subject=f"camera:{camera.pk}", action__in=("camera.stopped", "camera.started"), at__lt=window.ends_at
    )
    stops: list[Stretch] = []
    stopped_at: datetime | None = None
    for action, at in entries.order_by("number").values_list("action", "at"):
        if action == "camera.stopped":
            stopped_at = stopped_at or at
        elif stopped_at is not None:
            stops.append(Stretch(stopped_at, at, gettext("The camera was stopped by a person")))
            stopped_at = None
    if stopped_at is not None:
        stops.append(Stretch(stopped_at, now, gettext("The camera was stopped by a person")))
    return stops
