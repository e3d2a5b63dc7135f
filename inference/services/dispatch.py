"""Seeing to it that every camera runs: once a second, whoever has no lease is given a turn."""

import logging
from typing import Final

from celery import current_app
from django.utils import timezone

from cameras.boxes.models import Placement
from cameras.boxes.running import run_by_workers
from cameras.conditions import HELD_BACK, reasons_in_short
from cameras.live import lease_key, queued_key, valkey
from cameras.models import Camera, RetentionPolicy
from cameras.row_state import Remembered, row_state
from cameras.running import reasons_against
from cameras.services.cameras import stream_restart
from inference.models import StreamState
from inference.services.balancing import shares_even

logger = logging.getLogger(__name__)
QUEUED_MS = 2500
_cameras: Final = Remembered[list[Camera]]()


def streams_ensure() -> list[int]:
    """Queue a turn for each enabled camera that may run and neither runs nor waits. Returns their ids.

    A queued turn that no worker takes within `QUEUED_MS` expires and is queued anew, so turns never pile up. A camera
    that may not run is told to stop, and its state says why.
    """
    cameras = _enabled()
    if not cameras:
        return []
    against = reasons_against(cameras)
    held = valkey().mget([lease_key(camera.pk) for camera in cameras])
    leases = {camera.pk: lease for camera, lease in zip(cameras, held, strict=True)}
    _hold_back({pk: reasons for pk, reasons in against.items() if leases[pk] is None})
    for pk in against:
        if leases[pk] is not None:
            stream_restart(pk)  # its worker looks within a second; the next turn is never queued
    started = []
    for pk in (pk for pk, lease in leases.items() if lease is None and pk not in against):
        if valkey().set(queued_key(pk), "1", nx=True, px=QUEUED_MS):
            current_app.send_task("inference.tasks.run_stream", args=[pk], queue="streams", expires=QUEUED_MS / 1000)
            started.append(pk)
    shares_even({pk: lease for pk, lease in leases.items() if pk not in against})
    return started


def _enabled() -> list[Camera]:
    """Return the enabled cameras that workers run; as they were read before, as long as no row was written."""
    return _cameras.get(
        row_state(Camera, RetentionPolicy, Placement),
        lambda: list(run_by_workers(Camera.objects.filter(is_enabled=True)).select_related("retention")),
    )


def _hold_back(against: dict[int, list[str]]) -> None:
    """Say of cameras that nobody runs why they may not; said anew each second, so that no page takes them for lost."""
    now = timezone.now()
    states = [
        StreamState(camera_id=pk, status=HELD_BACK, reason=reasons_in_short(reasons), updated_at=now, faults={})
        for pk, reasons in against.items()
    ]
    fields = ["status", "reason", "updated_at", "faults"]
    StreamState.objects.bulk_create(states, update_conflicts=True, unique_fields=["camera"], update_fields=fields)
