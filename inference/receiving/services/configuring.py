"""What a box is told to do: which cameras, how masked, how sensitive. Signed, and counted up with each change."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cameras.boxes.models import Box
from cameras.models import Camera, Modality
from cameras.running import reasons_against
from paca_site.audit.services import canonical_json
from paca_site.audit.signing import Purpose, sign, signing_key


def _camera(camera: Camera, reasons: list[str]) -> dict[str, Any]:
    if camera.modality == Modality.CENTRAL:
        reasons = [*reasons, "It is masked centrally now."]
    if not camera.is_enabled:
        reasons = [*reasons, "It is stopped."]
    return {
        "id": camera.pk,
        "name": camera.name,
        "modality": camera.modality,
        "address": camera.address,
        "fps": camera.frames_per_second,
        "threshold_percent": camera.threshold_percent,
        "masking": camera.masking,
        "version": camera.version,
        "reasons": reasons,
    }


def config_content(box: Box) -> dict[str, Any]:
    """Return what a box is to do now: its cameras, and of those that may not run why. Constant query count."""
    placements = box.placements.select_related("camera__site", "camera__retention")
    cameras = [placement.camera for placement in placements]
    against = reasons_against(cameras)
    return {
        "site": box.site.name,
        "language": settings.LANGUAGE_CODE,
        "cameras": [_camera(camera, against.get(camera.pk, [])) for camera in cameras],
    }


def config_version(box: Box, content: dict[str, Any]) -> int:
    """Return the number of what a box is to do now, counting it up where it changed."""
    digest = hashlib.sha256(canonical_json(content).encode()).hexdigest()
    if digest == box.config_digest:
        return box.config_version
    with transaction.atomic():
        held = Box.objects.select_for_update().get(pk=box.pk)
        if held.config_digest != digest:
            held.config_digest, held.config_version = digest, held.config_version + 1
            held.save(update_fields=["config_digest", "config_version"])
    return held.config_version


def config_signed(box: Box) -> dict[str, str]:
    """Return what a box is to do, signed with the installation's key; good for `PACA_BOX_POLICY_HOURS`."""
    content, now = config_content(box), timezone.now()
    document = {
        **content,
        "box": box.pk,
        "enrolment": box.enrolment,
        "version": config_version(box, content),
        "issued_at": now.isoformat(),
        "valid_until": (now + timedelta(hours=settings.BOX_POLICY_HOURS)).isoformat(),
    }
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    key = signing_key(settings.CHECKPOINT_KEY)
    return {"text": text, "signature": sign(key, Purpose.BOX_CONFIGURATION, text)}


def server_key() -> str:
    """Return the public half of the installation's key, which a box learns when it is enrolled."""
    return signing_key(settings.CHECKPOINT_KEY).public_key().public_bytes_raw().hex()
