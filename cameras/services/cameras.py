"""Writing cameras and policies. Each call is one transaction with its audit entry; workers are told on commit."""

import logging
import secrets
from typing import Any

import redis
from celery import current_app
from django.db import transaction
from django.forms import model_to_dict

from cameras.live import stop_key, test_key, valkey
from cameras.models import Camera, RetentionPolicy
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)
SECRET_FIELDS = {"address"}


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    changed = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    return {name: ["changed", "changed"] if name in SECRET_FIELDS else value for name, value in changed.items()}


def stream_restart(camera_id: int) -> None:
    """Tell the worker that runs the camera to end its turn, so that the next one reads the new settings."""
    try:
        valkey().set(stop_key(camera_id), "1", ex=15)
    except redis.RedisError as error:  # the turn ends by itself at the latest after PACA_STREAM_TURN_S
        logger.warning("camera %s: its worker could not be told of the change (%s)", camera_id, error)


def camera_save(*, camera: Camera, actor: User | None) -> Camera:
    """Create or change a camera. Audit: `camera.created`, `camera.changed`, `camera.started`, `camera.stopped`.

    Raises:
        ValidationError: a field or a combination is not allowed.
    """
    camera.full_clean()
    with transaction.atomic():
        before = {}
        if camera.pk:
            before = model_to_dict(Camera.objects.select_for_update().get(pk=camera.pk))
        camera.save()
        changes = _changes(before, model_to_dict(camera))
        action = "camera.changed" if before else "camera.created"
        if before and set(changes) == {"is_enabled"}:
            action = "camera.started" if camera.is_enabled else "camera.stopped"
        if changes:
            audit_record(
                action=action, actor=actor, subject=f"camera:{camera.pk}", site_id=camera.site_id,
                details={"name": camera.name, "changes": changes},
            )
        transaction.on_commit(lambda: stream_restart(camera.pk))
    return camera


def policy_save(*, policy: RetentionPolicy, actor: User | None) -> RetentionPolicy:
    """Create or change a retention policy. Audit: `policy.created`, `policy.changed`."""
    policy.full_clean()
    with transaction.atomic():
        before = {}
        if policy.pk:
            before = model_to_dict(RetentionPolicy.objects.select_for_update().get(pk=policy.pk))
        policy.save()
        changes = _changes(before, model_to_dict(policy))
        if changes:
            audit_record(
                action="policy.changed" if before else "policy.created", actor=actor, subject=f"policy:{policy.pk}",
                details={"name": policy.name, "changes": changes},
            )
    return policy


def camera_test_start(*, address: str, actor: User) -> str:
    """Ask a worker to open an address and mask its first frame. Audit: `camera.tested`.

    Returns:
        A token; `camera_test_result` gives the outcome for three minutes.
    """
    token = secrets.token_urlsafe(16)
    shown = Camera(address=address).public_address
    with transaction.atomic():
        audit_record(action="camera.tested", actor=actor, details={"address": shown})
        transaction.on_commit(
            lambda: current_app.send_task("inference.tasks.test_camera", args=[token, address], expires=30)
        )
    return token


def camera_test_result(token: str) -> bytes | None:
    """Return the outcome of a test as JSON (`ok`, `error`, `width`, `height`, `fps`, `codec`, `jpeg` base64), or None."""
    found = valkey().get(test_key(token))
    return found if isinstance(found, bytes) else None
