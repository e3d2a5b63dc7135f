"""What a box says of itself once a second, and what it hears back: who is watched, which configuration, challenges."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Final

import redis
from django.utils import timezone

from alerts.system.causes import Cause
from alerts.system.services.telling import Finding, findings_tell
from cameras.boxes.models import Box, LineHealth, Placement, UsedNonce
from cameras.boxes.services.challenging import challenges_open
from cameras.conditions import HELD_BACK, reasons_in_short
from cameras.live import valkey, watched_key
from cameras.models import Modality
from inference.core.boxes.requests import MAX_SKEW_S
from inference.core.masking.withhold import DOWN
from inference.models import StreamState, StreamStatus
from inference.receiving.gate import RefusalError
from inference.receiving.services.configuring import config_content, config_version

logger = logging.getLogger(__name__)
NUMBERS: Final = ("fps_in", "fps_out", "mask_ms", "detect_ms", "lag_ms")
COUNTS: Final = ("frames_masked", "frames_withheld", "frames_dropped", "reconnects")
NONCES_KEPT: Final = timedelta(seconds=4 * MAX_SKEW_S)


def report_take(*, box: Box, report: Mapping[str, Any], release: str, sent_at: datetime) -> dict[str, Any]:
    """Take note of how a box and its cameras do.

    Side effects: the box's row and its placements; of edge cameras also health and system alerts, as a worker would
    write them (a hybrid camera has a worker, which writes its own); nonces that time alone refuses are forgotten.

    Raises:
        RefusalError: a number is none.
    """
    now = timezone.now()
    healths = report.get("cameras", {})
    if not isinstance(healths, dict):
        raise RefusalError("malformed", "`cameras` must be an object by camera.")
    Box.objects.filter(pk=box.pk).update(
        seen_at=now,
        release=release[:20],
        clock_offset_s=round((sent_at - now).total_seconds(), 2),
        config_held=_count(report, "config"),
        events_waiting=_count(report, "events_waiting"),
        events_lost=_count(report, "events_lost"),
    )
    content = config_content(box)
    reasons = {camera["id"]: camera["reasons"] for camera in content["cameras"]}
    placements = list(box.placements.select_related("camera"))
    for placement in placements:
        health = healths.get(str(placement.camera_id))
        if isinstance(health, dict):
            _camera_take(placement, _values(health, now), reasons[placement.camera_id], health, now)
    UsedNonce.objects.filter(box=box, at__lt=now - NONCES_KEPT).delete()
    return {
        "at": now.isoformat(),
        "config": config_version(box, content),
        "watched": watched([placement.camera_id for placement in placements]),
        "challenges": challenges_open(box),
    }


def watched(camera_ids: list[int]) -> list[int]:
    """Return which cameras somebody watches now; none where Valkey, through which pictures travel, is away."""
    try:
        return [pk for pk in camera_ids if valkey().exists(watched_key(pk))]
    except redis.RedisError as error:
        logger.warning("who watches is unknown: Valkey does not answer (%s)", error)
        return []


def _camera_take(
    placement: Placement, values: dict[str, Any], reasons: list[str], health: Mapping[str, Any], now: datetime
) -> None:
    LineHealth.objects.update_or_create(placement=placement, defaults={"told": {**health}, "at": now})
    if placement.camera.modality != Modality.EDGE or not placement.camera.is_enabled:
        return
    if reasons:
        values |= {"status": HELD_BACK, "reason": reasons_in_short(reasons), "faults": {}}
    StreamState.objects.update_or_create(camera_id=placement.camera_id, defaults=values)
    subject = f"camera:{placement.camera_id}"
    findings_tell(
        [Finding(Cause(cause), subject, why, now, placement.camera_id) for cause, why in values["faults"].items()]
    )


def _values(health: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the row of a camera's health.

    Raises:
        RefusalError: a number is none.
    """
    state, masking, detector = (str(health.get(name, ""))[:300] for name in ("state", "masking", "detector"))
    faults = _faults(state, masking, detector)
    status = StreamStatus.CONNECTING
    if faults.get(Cause.CAMERA_LOST):
        status = StreamStatus.LOST
    elif faults.get(Cause.MASKING_DOWN):
        status = StreamStatus.MASKING_DOWN
    elif state == "live":
        status = StreamStatus.LIVE
    last = health.get("last_frame_at")
    try:
        last_frame_at = datetime.fromisoformat(last) if last else None
    except (TypeError, ValueError) as error:
        raise RefusalError("malformed", f"`last_frame_at` must be ISO 8601, got {last!r}.") from error
    return {
        "status": status,
        "reason": "; ".join(why for why in faults.values() if why)[:200],
        "faults": faults,
        **{name: _number(health, name) for name in NUMBERS},
        **{name: _count(health, name) for name in COUNTS},
        "last_frame_at": last_frame_at,
        "updated_at": now,
    }


def _faults(state: str, masking: str, detector: str) -> dict[str, str]:
    if state.startswith("lost"):
        return {Cause.CAMERA_LOST: state.removeprefix("lost").removeprefix(": ") or "no frames come"}
    if masking.startswith("down"):
        return {Cause.MASKING_DOWN: masking.removeprefix("down: ").removeprefix(DOWN)}
    if state != "live":
        return {}
    down = detector.removeprefix("down: ") if detector.startswith("down") else ""
    return {Cause.CAMERA_LOST: "", Cause.MASKING_DOWN: "", Cause.DETECTOR_DOWN: down}


def _number(values: Mapping[str, Any], name: str) -> float:
    given = values.get(name, 0.0)
    if not isinstance(given, int | float) or not isfinite(given) or not 0 <= given < 1e9:
        raise RefusalError("malformed", f"`{name}` must be a number from 0, got {given!r}.")
    return float(given)


def _count(values: Mapping[str, Any], name: str) -> int:
    return int(min(_number(values, name), 2**31 - 1))
