"""Writing cameras and policies. Each call is one transaction with its audit entry; workers are told on commit."""

import json
import logging
import secrets
from dataclasses import dataclass
from typing import Any

import redis
from celery import current_app
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.forms import model_to_dict
from django.utils.translation import gettext
from kombu.exceptions import OperationalError

from cameras.addresses import hide_secrets
from cameras.ceilings.telling import ceilings_told
from cameras.live import TESTED, stop_key, test_key, valkey
from cameras.models import Camera, RetentionPolicy
from cameras.running import reasons_against_start
from paca_site.accounts.models import User
from paca_site.audit.services import audit_lock, audit_record
from paca_site.sealing import seal_text

logger = logging.getLogger(__name__)
SECRET_FIELDS = {"address"}
TEST_EXPIRES_S = 30
"""A test that no worker has taken by then is not run any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOutcome:
    """What a worker found at an address: size, rate and the first masked frame (`jpeg`, base64), or why nothing."""

    __test__ = False

    is_ok: bool
    error: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    codec: str = ""
    jpeg: str = ""


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    changed = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    return {name: ["changed", "changed"] if name in SECRET_FIELDS else value for name, value in changed.items()}


def stream_restart(camera_id: int) -> None:
    """Tell the worker that runs the camera to end its turn, so that the next one reads the new settings."""
    try:
        valkey().set(stop_key(camera_id), "1", ex=15)
    except redis.RedisError as error:  # the turn ends by itself at the latest after PACA_STREAM_TURN_S
        logger.warning("camera %s: its worker could not be told of the change (%s)", camera_id, error)


def streams_restart(policy: RetentionPolicy) -> None:
    """Tell the workers of all cameras under a policy."""
    for camera_id in Camera.objects.filter(retention=policy, is_enabled=True).values_list("pk", flat=True):
        stream_restart(camera_id)


def camera_save(*, camera: Camera, actor: User | None) -> Camera:
    """Create or change a camera. Audit: `camera.created`, `camera.changed`, `camera.started`, `camera.stopped`.

    Raises:
        ValidationError: a field or a combination is not allowed, its policy is above a ceiling, or the stored camera is
            newer than this one.
    """
    camera.full_clean()
    with transaction.atomic():
        before = {}
        audit_lock()  # a new name locks the key of the row, which alerts need after this lock; ceilings take it too
        if camera.pk:
            stored = Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)
            if stored.version != camera.version:
                raise ValidationError(gettext("Somebody else saved this camera a moment ago. Open it anew."))
            if stored.modality != camera.modality:
                raise ValidationError(
                    {"modality": gettext("A modality is changed on its own page, which says what that destroys.")}
                )
            camera.version += 1
            before = model_to_dict(stored)
        with ceilings_told():
            camera.save()
        changes = _changes(before, model_to_dict(camera))
        action = "camera.changed" if before else "camera.created"
        if before and set(changes) == {"is_enabled"}:
            action = "camera.started" if camera.is_enabled else "camera.stopped"
        if changes:
            audit_record(
                action=action,
                actor=actor,
                subject=f"camera:{camera.pk}",
                site_id=camera.site_id,
                details={"name": camera.name, "changes": changes},
            )
        if before:
            transaction.on_commit(lambda: stream_restart(camera.pk))
    return camera


def camera_switch(*, camera: Camera, is_enabled: bool, actor: User | None) -> None:
    """Start or stop a camera and touch nothing else of it. Audit: `camera.started`, `camera.stopped`.

    Its version rises, so that a form opened before cannot start what was stopped meanwhile.

    Raises:
        ValidationError: it may not be started; one message a reason (cameras/running.py).
    """
    if is_enabled and not camera.is_enabled:
        reasons = reasons_against_start(camera)
        if reasons:
            raise ValidationError(reasons)
    with transaction.atomic():
        audit_lock()  # as in `camera_save`
        changed = Camera.objects.filter(pk=camera.pk, is_enabled=not is_enabled).update(
            is_enabled=is_enabled, version=F("version") + 1
        )
        if changed:
            audit_record(
                action="camera.started" if is_enabled else "camera.stopped",
                actor=actor,
                subject=f"camera:{camera.pk}",
                site_id=camera.site_id,
                details={"name": camera.name, "changes": {"is_enabled": [not is_enabled, is_enabled]}},
            )
            transaction.on_commit(lambda: stream_restart(camera.pk))
    camera.is_enabled = is_enabled


def policy_save(*, policy: RetentionPolicy, actor: User | None) -> RetentionPolicy:
    """Create or change a retention policy. Audit: `policy.created`, `policy.changed`.

    Cameras under a changed policy start a new turn, so that one that must record nothing any more stops at once.

    Raises:
        ValidationError: a field or a combination is not allowed, or a camera would be above a ceiling.
    """
    policy.full_clean()
    with transaction.atomic():
        before = {}
        audit_lock()  # as in `camera_save`: new cameras need the key of the row
        if policy.pk:
            before = model_to_dict(RetentionPolicy.objects.select_for_update(no_key=True).get(pk=policy.pk))
        with ceilings_told():
            policy.save()
        changes = _changes(before, model_to_dict(policy))
        if changes:
            audit_record(
                action="policy.changed" if before else "policy.created",
                actor=actor,
                subject=f"policy:{policy.pk}",
                details={"name": policy.name, "changes": changes},
            )
            transaction.on_commit(lambda: streams_restart(policy))
    return policy


class TestUnavailable(Exception):  # noqa: N818 - a state of affairs, not a fault
    """No test can be asked for now: Valkey does not answer."""

    __test__ = False  # not a test class, whatever its name says to pytest


def camera_test_start(*, address: str, actor: User, camera: Camera | None = None) -> str:
    """Ask a worker to open an address and mask its first frame. Audit: `camera.tested`, at the site of `camera`.

    Without a camera, as it is not saved yet, the entry has no site and every auditor reads it.

    Returns:
        A token; `camera_test_result` gives the outcome for three minutes.

    Raises:
        TestUnavailable: the request cannot be handed to a worker.
    """
    token = secrets.token_urlsafe(16)
    with transaction.atomic():
        audit_record(
            action="camera.tested",
            actor=actor,
            subject=f"camera:{camera.pk}" if camera else "",
            site_id=camera.site_id if camera else None,
            details={"address": hide_secrets(address)},
        )
    try:
        # sealed, as whoever reads the queue shall not learn the password
        arguments = [token, seal_text(address, TESTED), (camera or Camera()).masking]
        current_app.send_task("inference.tasks.test_camera", args=arguments, expires=TEST_EXPIRES_S)
    except (OperationalError, redis.RedisError) as error:
        raise TestUnavailable(gettext("The workers cannot be reached: Valkey does not answer.")) from error
    return token


def camera_test_result(token: str) -> TestOutcome | None:
    """Return the outcome of a test, or None while there is none.

    Raises:
        TestUnavailable: Valkey does not answer.
    """
    try:
        found = valkey().get(test_key(token))
    except redis.RedisError as error:
        raise TestUnavailable(gettext("The test's outcome cannot be read: Valkey does not answer.")) from error
    if not isinstance(found, bytes):
        return None
    told = json.loads(found)
    if not told.get("ok"):
        return TestOutcome(is_ok=False, error=str(told.get("error") or gettext("The camera gave no picture.")))
    return TestOutcome(
        is_ok=True,
        width=int(told["width"]),
        height=int(told["height"]),
        fps=float(told["fps"]),
        codec=str(told["codec"]),
        jpeg=str(told["jpeg"]),
    )
