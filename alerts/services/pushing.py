"""Saying "look" to the screens of a site. A lost push loses nothing: screens also read the database."""

import json
import logging
import time
from typing import Any

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from alerts.models import Alert
from alerts.queue_rows import queue_rows
from alerts.system.muting import is_muted
from paca_site.accounts.language import in_each_language

logger = logging.getLogger(__name__)


def site_group(site_id: int) -> str:
    """Name of the channel group of everybody who may see a site's alerts."""
    return f"alerts.site.{site_id}"


def alert_push(alert_id: int, *, is_new: bool = False, is_call: bool = False) -> None:
    """Send an alert's row, rendered once in each language, to every screen of its site.

    Failure is logged: the database has it.

    Args:
        alert_id: the alert.
        is_new: it has just been raised.
        is_call: somebody more has just been called to it (`call_level` says who).
    """
    alert = Alert.desk.select_related("camera__site", "claimed_by").filter(pk=alert_id).first()
    if alert is None:
        return
    rows = queue_rows(Alert.desk.filter(pk=alert_id), limit=1)
    if not rows:  # deleted since
        return
    told = {
        "type": "alert.changed",
        "alert": alert.pk,
        "camera": alert.camera_id,
        "state": alert.state,
        "severity": alert.severity,
        "is_new": is_new and not alert.is_shelved,
        "is_muted": is_new and is_muted(alert),
        "is_call": is_call,
        "call_level": alert.call_level,
        "holder": alert.holder.pk if alert.holder else None,
        "holder_name": str(alert.holder) if alert.holder else "",
        "is_open": alert.is_open and not alert.is_shelved,  # whether it belongs into the queue
    }
    # written once for all screens that read it in one language
    text = in_each_language(lambda: json.dumps({**told, "html": str(rows[0].html)}))
    message = {"type": "alert.changed", "pushed_s": time.time(), "text": text}
    _send(alert.camera.site_id, message, f"alert {alert_id}")


def desk_push(site_id: int, what: str) -> None:
    """Tell every screen of a site to read its queue anew, as something about the whole of it has changed."""
    _send(site_id, {"type": "desk.changed", "what": what}, what)


def _send(site_id: int, message: dict[str, Any], subject: str) -> None:
    try:
        async_to_sync(get_channel_layer().group_send)(site_group(site_id), message)
    except (redis.RedisError, OSError) as error:
        logger.warning("%s is stored, but could not be pushed (%s)", subject, error)
