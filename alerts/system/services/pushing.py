"""Saying "look" to the screens of those who may know of a system alert. A lost push loses nothing: screens also ask."""

import asyncio
import logging
from typing import Any

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from alerts.system.models import SystemAlert
from paca_site.accounts.language import in_each_language

logger = logging.getLogger(__name__)
WHOLE_SYSTEM = "system.whole"
"""Channel group of those who are told of what concerns no single camera: supervisors and administrators."""


PUSH_S = 2.0
"""A Valkey that hangs must not hold up a worker that says that Valkey is away."""


def system_site_group(site_id: int) -> str:
    """Name of the channel group of those who are told of a site's cameras."""
    return f"system.site.{site_id}"


def system_alert_push(alert_id: int, *, is_new: bool = False) -> None:
    """Tell the screens that an alert has changed. Failure is logged: the database has it."""
    alert = SystemAlert.objects.select_related("camera").filter(pk=alert_id).exclude(raised_at=None).first()
    if alert is None:
        return
    group = system_site_group(alert.camera.site_id) if alert.camera else WHOLE_SYSTEM
    message = {
        "type": "system.changed",
        "alert": alert.pk,
        "camera": alert.camera_id,
        "state": alert.state,
        "is_new": is_new,
        "words": in_each_language(lambda: f"{alert.get_cause_display()}: {alert.about}"),
    }
    try:
        async_to_sync(_send)(group, message)
    except (redis.RedisError, OSError) as error:  # a time-out is an OSError too
        why = str(error) or type(error).__name__
        logger.warning("system alert %s is stored, but could not be pushed (%s)", alert_id, why)


async def _send(group: str, message: dict[str, Any]) -> None:
    await asyncio.wait_for(get_channel_layer().group_send(group, message), PUSH_S)
