"""Changing the modality of a camera that exists: asked for, destroyed in order, switched.

    asked -> (5 min, may be given up) -> begun -> done

The camera stays off from the first row to the last (cameras/modality/gate.py). Each step may be done twice: killed
between any two, the next look at open changes goes on. What the new modality may not have is gone before the camera is
switched; the database refuses the switch otherwise (cameras/custody).
"""

import logging
from datetime import datetime

import redis
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from alerts.models import Alert
from alerts.services.retention import camera_clips, clips_destroy_all
from cameras.boxes.models import Placement
from cameras.custody.models import SealedHour
from cameras.custody.services.shredding import sealed_destroy_all
from cameras.footage import delete_files, footage_path
from cameras.holds import held_alert, purge_lock
from cameras.live import lease_key, valkey
from cameras.modality.effects import Effects, change_effects
from cameras.modality.models import COOL_OFF, REASON_MIN, ChangeState, ModalityChange
from cameras.models import Camera, Modality, Segment
from cameras.services.cameras import stream_restart
from cameras.services.retention import segments_destroy_all
from paca_site.accounts.models import Role, User
from paca_site.audit.services import audit_lock, audit_record

logger = logging.getLogger(__name__)


def effects_of(camera: Camera, after: Modality) -> Effects:
    """Count what a change to `after` would destroy and keep, and what stands against it."""
    clips = camera_clips(camera)
    return change_effects(camera, after, clips=clips.count(), held_clips=clips.filter(held_alert()).exists())


def changes_of(camera: Camera) -> list[ModalityChange]:
    """Return the latest ten changes of a camera that the caller may configure, newest first."""
    return list(ModalityChange.objects.filter(camera=camera).select_related("asked_by", "camera")[:10])


def change_ask(*, camera: Camera, after: Modality, actor: User, reason: str) -> ModalityChange:
    """Ask for a change; the camera stops now, and destroying begins after `COOL_OFF`. Audit: `modality.asked`.

    Raises:
        ValidationError: not an administrator, the same modality, no reason, a change is open, or something stands
            against it (a hold, a policy with unmasked video).
    """
    reason = reason.strip()
    if not actor.has_role(Role.ADMINISTRATOR):
        raise ValidationError(gettext("Only administrators change a modality."))
    if after == camera.modality:
        raise ValidationError(gettext("The camera has this modality already."))
    if len(reason) < REASON_MIN:
        raise ValidationError(
            gettext("Give a reason of at least {least} characters; {given} are given.").format(
                least=REASON_MIN, given=len(reason)
            )
        )
    effects = effects_of(camera, after)
    if effects.against:
        raise ValidationError(list(effects.against))
    try:
        with transaction.atomic():
            change = ModalityChange.objects.create(
                camera=camera,
                before=camera.modality,
                after=after,
                reason=reason[:300],
                asked_by=actor,
                asked_at=timezone.now(),
            )
            _record(
                change,
                "modality.asked",
                actor,
                {"sealed": effects.sealed, "recordings": effects.recordings, "clips": effects.clips},
            )
            transaction.on_commit(lambda: stream_restart(camera.pk))
    except IntegrityError as error:
        raise ValidationError(gettext("A change of this camera's modality is open already.")) from error
    return change


def change_give_up(*, change: ModalityChange, actor: User) -> None:
    """Give up a change of which nothing was destroyed yet; the camera may run again. Audit: `modality.given-up`.

    Raises:
        ValidationError: it has begun, or has ended.
    """
    with transaction.atomic():
        given_up = ModalityChange.objects.filter(pk=change.pk, state=ChangeState.ASKED).update(
            state=ChangeState.GIVEN_UP, ended_at=timezone.now(), waits_for=""
        )
        if not given_up:
            raise ValidationError(gettext("It has begun: what it destroys may be gone already. It goes on to its end."))
        _record(change, "modality.given-up", actor, {})


def changes_finish(now: datetime | None = None) -> int:
    """Go on with every open change whose time has come. Returns how many were done; one that fails keeps no other."""
    now = now or timezone.now()
    count = 0
    for change in ModalityChange.objects.current().select_related("camera__retention", "camera__site"):
        if change.state == ChangeState.ASKED and now - change.asked_at < COOL_OFF:
            continue
        try:
            waits_for = change_go_on(change)
        except (DatabaseError, redis.RedisError, OSError):
            logger.exception("camera %s: its change of modality goes on later", change.camera_id)
            waits_for = gettext("It failed and is tried again every 15 s; the worker's log says why.")
        ModalityChange.objects.current().filter(pk=change.pk).update(waits_for=waits_for[:300])
        count += not waits_for
    return count


def change_go_on(change: ModalityChange) -> str:
    """Destroy what the new modality may not have, then switch. Audit: `modality.changed`.

    Returns:
        Why it cannot be finished now, in a sentence; empty: it is done.
    """
    camera, after = change.camera, Modality(change.after)
    if valkey().exists(lease_key(camera.pk)):
        stream_restart(camera.pk)
        return gettext("A worker still runs the camera; it ends within seconds.")
    if against := effects_of(camera, after).against:
        return " ".join(against)
    if not ModalityChange.objects.current().filter(pk=change.pk).update(state=ChangeState.BEGUN):
        return gettext("It was given up.")
    reason = f"modality changed from {change.before} to {change.after}: {change.reason}"
    if after != Modality.CENTRAL:
        sealed_destroy_all(camera=camera, reason=reason)
    if after == Modality.EDGE:
        clips_destroy_all(camera=camera, reason=reason)
        segments_destroy_all(camera=camera, reason=reason)
        _rest_remove(camera.pk)
    waits_for = _switch(change, camera, after)
    if after == Modality.EDGE and not waits_for:
        _rest_remove(camera.pk)  # a clip that was being cut; killed here, the hourly purge finds it (`orphans_delete`)
    return waits_for


def _switch(change: ModalityChange, camera: Camera, after: Modality) -> str:
    with transaction.atomic():
        audit_lock()  # as in `camera_save`
        purge_lock(camera.pk)
        left = (after != Modality.CENTRAL and SealedHour.objects.filter(camera=camera).exists()) or (
            after == Modality.EDGE and (Segment.objects.filter(camera=camera).exists() or camera_clips(camera).exists())
        )
        if left:
            return gettext("Something of it cannot be deleted now: it is held, or its place does not answer.")
        Camera.objects.filter(pk=camera.pk).update(modality=after, version=F("version") + 1)
        if after == Modality.CENTRAL:
            Placement.objects.filter(camera=camera).delete()
        ModalityChange.objects.filter(pk=change.pk).update(
            state=ChangeState.DONE, ended_at=timezone.now(), waits_for=""
        )
        _record(change, "modality.changed", None, {"alerts": Alert.objects.filter(camera=camera).count()})
        transaction.on_commit(lambda: stream_restart(camera.pk))
    return ""


def _rest_remove(camera_id: int) -> None:
    """Remove files of the camera that no row names: a worker that died, or was cutting a clip, left them."""
    root = footage_path("")
    for folder in ("segments", "clips"):
        found = sorted(path for path in footage_path(f"{folder}/{camera_id}").rglob("*") if path.is_file())
        named = set(Segment.objects.filter(camera=camera_id).values_list("path", flat=True))
        named |= {
            path for row in camera_clips(Camera(pk=camera_id)).values_list("clip_path", "poster_path") for path in row
        }
        delete_files(name for path in found if (name := path.relative_to(root).as_posix()) not in named)


def _record(change: ModalityChange, action: str, actor: User | None, more: dict[str, int]) -> None:
    camera = change.camera
    audit_record(
        action=action,
        actor=actor,
        subject=f"camera:{camera.pk}",
        site_id=camera.site_id,
        details={
            "name": camera.name,
            "before": change.before,
            "after": change.after,
            "reason": change.reason,
            "asked_by": change.asked_by.username,
            **more,
        },
    )
