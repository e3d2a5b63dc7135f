"""Delivering events to the alerts app, exactly once in effect: spool, store, clear."""

import logging
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from alerts.models import Alert, ClipState
from alerts.services.raising import EventReport, KindNotAuthorisedError, alert_close_stale, alert_raise
from cameras.models import Camera
from inference.spool import spool_parse, spool_waiting

logger = logging.getLogger(__name__)
SILENT_S = 90.0
"""A running event is reported once a second; after this long without, its worker is taken for dead."""
MAKEABLE = frozenset({ClipState.PENDING, ClipState.READY})


def event_deliver(path: Path) -> Alert | None:
    """Store a spooled event as an alert and, once that is committed, clear it from the spool and ask for its clip.

    A file that is gone was delivered, or replaced by a newer state of its event, whose delivery follows.

    Returns:
        The alert, or None if there is nothing left to deliver or the camera no longer exists.

    Raises:
        ValueError: the file is not an event.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    camera_id, report = spool_parse(content)
    alert = report_deliver(camera_id, report)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return alert


def report_deliver(camera_id: int, report: EventReport) -> Alert | None:
    """Store what was reported as an alert and, once that is committed, ask for its clip.

    Returns:
        The alert, or None if the camera no longer exists or is not authorised for this kind of event.
    """
    try:
        alert, is_new = alert_raise(camera_id=camera_id, report=report)
    except Camera.DoesNotExist:
        logger.warning("event %s is of camera %s, which no longer exists: dropped", report.event_id, camera_id)
        return None
    except KindNotAuthorisedError:
        return None  # neither stored nor counted
    if alert.clip_state in MAKEABLE and (is_new or report.ended_at is not None):
        transaction.on_commit(lambda: clip_request(alert.pk, is_final=report.ended_at is not None))
    return alert


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
    """Deliver what earlier processes left in the spool. Returns how many events were stored.

    One that can never be stored is set aside; one that the disk refuses to read now is tried again with the next call.

    Raises:
        OperationalError, InterfaceError, PoolTimeout: the database does not answer; everything stays where it is.
    """
    count = 0
    for path in spool_waiting():
        try:
            count += event_deliver(path) is not None
        except (OperationalError, InterfaceError, PoolTimeout):
            raise
        except OSError as error:
            logger.error("spooled event %s cannot be read now (%s)", path.name, error)
        except Exception:
            logger.exception("spooled event %s cannot be stored: set aside", path.name)
            with suppress(FileNotFoundError):  # a newer state has replaced it
                path.rename(path.with_suffix(".unreadable"))
    return count


def events_close_stale() -> int:
    """End alerts whose worker has not reported them for `SILENT_S` and ask for their clips. Returns how many."""
    silent_since = timezone.now() - timedelta(seconds=SILENT_S)
    closed = 0
    for alert in Alert.objects.filter(ended_at=None, reported_at__lt=silent_since)[:200]:
        if alert_close_stale(alert=alert, silent_since=silent_since):
            closed += 1
            if alert.clip_state in MAKEABLE:
                clip_request(alert.pk, is_final=True)
    return closed
