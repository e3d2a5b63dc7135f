"""Seeing to it that every camera runs: once a second, whoever has no lease is given a turn."""

import logging

from celery import current_app

from cameras.live import lease_key, queued_key, valkey
from cameras.models import Camera

logger = logging.getLogger(__name__)
QUEUED_MS = 2500


def streams_ensure() -> list[int]:
    """Queue a turn for each enabled camera that neither runs nor waits. Returns their ids.

    A queued turn that no worker takes within `QUEUED_MS` expires and is queued anew, so turns never pile up.
    """
    cameras = list(Camera.objects.filter(is_enabled=True).values_list("pk", flat=True))
    if not cameras:
        return []
    held = valkey().mget([lease_key(pk) for pk in cameras])
    idle = [pk for pk, lease in zip(cameras, held, strict=True) if lease is None]
    started = []
    for pk in idle:
        if valkey().set(queued_key(pk), "1", nx=True, px=QUEUED_MS):
            current_app.send_task("inference.tasks.run_stream", args=[pk], queue="streams", expires=QUEUED_MS / 1000)
            started.append(pk)
    return started
