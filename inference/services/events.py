"""Delivering events to the alerts app, exactly once in effect: spool, store, clear."""

import logging
from datetime import timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from alerts.models import Alert, ClipState
from alerts.services.raising import alert_raise
from cameras.models import Camera
from inference.spool import spool_parse, spool_waiting

logger = logging.getLogger(__name__)


def event_deliver(path: Path) -> Alert | None:
    """Store a spooled event as an alert and, once that is committed, clear it from the spool and ask for its clip.

    The file is read here and not before: it always holds the newest state of its event.

    Returns:
        The alert, or None if there is nothing left to deliver or the camera no longer exists.

    Raises:
        ValueError: the file is not an event.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None  # delivered already
    camera_id, report = spool_parse(content)
    try:
        alert, is_new = alert_raise(camera_id=camera_id, report=report)
    except Camera.DoesNotExist:
        logger.warning("event %s is of camera %s, which no longer exists: dropped", report.event_id, camera_id)
        path.unlink(missing_ok=True)
        return None
    transaction.on_commit(lambda: _clear(path, content))
    if alert.clip_state in {ClipState.PENDING, ClipState.READY} and (is_new or report.ended_at is not None):
        transaction.on_commit(lambda: clip_request(alert.pk, is_final=report.ended_at is not None))
    return alert


def _clear(path: Path, content: bytes) -> None:
    """Delete a delivered event, unless a newer state of it was written meanwhile."""
    try:
        if path.read_bytes() == content:
            path.unlink()
    except FileNotFoundError:
        return


def clip_request(alert_id: int, *, is_final: bool) -> None:
    """Ask a worker for the alert's clip: a first one soon, the whole one when the post-roll is recorded.

    If the broker is away, `ensure_clips` asks again later.
    """
    delays = [1.0, settings.CLIP_POST_ROLL_S + 2.0] if is_final else [2.0]
    for delay_s in delays:
        try:
            current_app.send_task("inference.tasks.make_clip", args=[alert_id], countdown=delay_s)
        except (BrokerError, RedisError) as error:
            logger.warning("alert %s: its clip could not be asked for now (%s)", alert_id, error)
            return


def spool_deliver() -> int:
    """Deliver what earlier processes left in the spool. Returns how many events were stored."""
    count = 0
    for path in spool_waiting():
        try:
            count += event_deliver(path) is not None
        except (ValueError, KeyError, TypeError) as error:
            logger.error("spooled event %s cannot be read (%s): set aside", path.name, error)
            path.rename(path.with_suffix(".unreadable"))
    return count


def clips_missing() -> list[int]:
    """Return alerts of the last hour whose clip should be there and is not."""
    now = timezone.now()
    waiting = Alert.objects.filter(
        clip_state=ClipState.PENDING, raised_at__gt=now - timedelta(hours=1), raised_at__lt=now - timedelta(seconds=15)
    )
    return list(waiting.values_list("pk", flat=True)[:50])


def events_close_stale() -> int:
    """End alerts whose event never ended because its worker died, 90 s after its peak. Returns how many."""
    now = timezone.now()
    limit = now - timedelta(seconds=90)
    with transaction.atomic():
        return Alert.objects.filter(ended_at=None, peak_at__lt=limit, raised_at__lt=limit).update(ended_at=limit)
