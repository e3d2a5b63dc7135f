"""Boxes come, get keys, rotate them and go."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.boxes.models import Box, Placement
from cameras.models import Camera, Modality
from cameras.services.cameras import stream_restart
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record

CODE_LIFE: Final = timedelta(minutes=15)
CODE_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH: Final = 15
"""75 bits: not to be guessed in fifteen minutes, so that a plain hash keeps it."""
SHORTEST_REASON: Final = 10


def _code_hash(code: str) -> str:
    return hashlib.sha256(re.sub(r"[\s-]", "", code.upper()).encode()).hexdigest()


def _code_set(box: Box) -> str:
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    box.code_hash, box.code_expires_at = _code_hash(letters), timezone.now() + CODE_LIFE
    return "-".join(letters[start : start + 5] for start in range(0, CODE_LENGTH, 5))


def box_create(*, box: Box, cameras: Sequence[Camera], actor: User) -> str:
    """Make a box with its cameras and its first code. Audit: `box.created`.

    Returns:
        The code, which is stored as a hash only: it is shown this once.

    Raises:
        ValidationError: a name twice, a camera of another site, of another box, or of the central modality.
    """
    box.created_by = actor
    box.full_clean()
    with transaction.atomic():
        code = _code_set(box)
        box.save()
        _place(box, cameras)
        audit_record(
            action="box.created",
            actor=actor,
            subject=f"box:{box.pk}",
            site_id=box.site_id,
            details={"name": box.name, "cameras": sorted(camera.pk for camera in cameras)},
        )
    return code


def box_change_cameras(*, box: Box, cameras: Sequence[Camera], actor: User) -> None:
    """Let a box run these cameras and no others. Audit: `box.changed`. The workers of both are told.

    Raises:
        ValidationError: as in `box_create`.
    """
    with transaction.atomic():
        Box.objects.select_for_update().get(pk=box.pk)
        before = set(box.placements.values_list("camera_id", flat=True))
        after = {camera.pk for camera in cameras}
        box.placements.filter(camera__in=before - after).delete()
        _place(box, [camera for camera in cameras if camera.pk not in before])
        if before == after:
            return
        for pk in before - after:
            transaction.on_commit(partial(stream_restart, pk))
        audit_record(
            action="box.changed",
            actor=actor,
            subject=f"box:{box.pk}",
            site_id=box.site_id,
            details={"cameras": [sorted(before), sorted(after)]},
        )


def _place(box: Box, cameras: Sequence[Camera]) -> None:
    for camera in cameras:
        if camera.site_id != box.site_id:
            raise ValidationError(gettext("{name} stands at another site.").format(name=camera.name))
        if camera.modality == Modality.CENTRAL:
            raise ValidationError(gettext("{name} is masked centrally: it needs no box.").format(name=camera.name))
        try:
            with transaction.atomic():
                Placement.objects.create(box=box, camera=camera)
        except IntegrityError as error:
            raise ValidationError(gettext("{name} has a box already.").format(name=camera.name)) from error
        transaction.on_commit(partial(stream_restart, camera.pk))


def box_code_make(*, box: Box, actor: User) -> str:
    """Make a new code: for a box that never came, or one whose key is to be replaced. Audit: `box.code-made`.

    The old key goes on until the code is used. Returns the code, which is shown this once.
    """
    with transaction.atomic():
        box = Box.objects.select_for_update().get(pk=box.pk)
        code = _code_set(box)
        box.revoked_at, box.revoked_by, box.revoke_reason = None, None, ""
        box.save()
        audit_record(action="box.code-made", actor=actor, subject=f"box:{box.pk}", site_id=box.site_id)
    return code


def box_enrol(*, code: str, public_key: str) -> Box | None:
    """Give the box of a code its key, once. Audit: `box.enrolled`.

    Returns:
        The box, or None where the code is none, was used, or has expired: the caller says the same of all three.
    """
    with transaction.atomic():
        found = Box.objects.select_for_update().filter(code_hash=_code_hash(code), code_expires_at__gt=timezone.now())
        box = found.exclude(code_hash="").first()
        if box is None:
            return None
        now = timezone.now()
        box.public_key, box.next_key, box.key_since = public_key, "", now
        box.code_hash, box.code_expires_at = "", None
        box.enrolment, box.enrolled_at = box.enrolment + 1, now
        box.save()
        audit_record(
            action="box.enrolled",
            actor=None,
            subject=f"box:{box.pk}",
            site_id=box.site_id,
            details={"key": public_key, "enrolment": box.enrolment},
        )
    return box


def box_key_announce(*, box: Box, next_key: str) -> None:
    """Take note of the key that a box will use next; the box has signed for it with both. Safe to run twice."""
    Box.objects.filter(pk=box.pk, revoked_at=None).update(next_key=next_key)


def box_key_promote(*, box: Box) -> Box:
    """Make the next key the only one: the box has just used it. Audit: `box.key-rotated`."""
    with transaction.atomic():
        box = Box.objects.select_for_update().get(pk=box.pk)
        if not box.next_key:  # another request of the box was first
            return box
        before, box.public_key, box.next_key, box.key_since = box.public_key, box.next_key, "", timezone.now()
        box.save(update_fields=["public_key", "next_key", "key_since"])
        audit_record(
            action="box.key-rotated",
            actor=None,
            subject=f"box:{box.pk}",
            site_id=box.site_id,
            details={"key": [before, box.public_key]},
        )
    return box


def box_revoke(*, box: Box, actor: User, reason: str) -> None:
    """Take a box its keys: nothing it sends is taken any more. Audit: `box.revoked`.

    Its cameras stay with it, so that no worker opens them instead and raw pictures leave the place.

    Raises:
        ValidationError: the reason is too short, or it is revoked already.
    """
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ValidationError(gettext("Say why in at least {count} characters.").format(count=SHORTEST_REASON))
    with transaction.atomic():
        fresh = {"revoked_at": timezone.now(), "revoked_by": actor, "revoke_reason": reason[:300]}
        keys = {"public_key": "", "next_key": "", "code_hash": "", "code_expires_at": None}
        if not Box.objects.filter(pk=box.pk, revoked_at=None).update(**fresh, **keys):
            raise ValidationError(gettext("Somebody has revoked it already."))
        audit_record(
            action="box.revoked",
            actor=actor,
            subject=f"box:{box.pk}",
            site_id=box.site_id,
            details={"reason": reason[:300], "key": box.public_key},
        )
