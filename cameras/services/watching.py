"""Watching live is an action too: it leaves a trace, in the trail of each site."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from uuid import UUID, uuid4

from django.db import transaction

from cameras.access import Watcher
from cameras.models import Camera
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record, current_request_id


def wall_opened(*, cameras: Sequence[Camera], actor: User) -> None:
    """Record that a person opened the wall. Audit: `wall.opened`, one entry per site, so that its auditors see it."""
    by_site = groupby(sorted(cameras, key=lambda camera: camera.site_id), key=lambda camera: camera.site_id)
    reset = current_request_id.set(current_request_id.get() or uuid4())
    try:
        with transaction.atomic():
            for site_id, shown in by_site:
                keys = [camera.pk for camera in shown]
                audit_record(action="wall.opened", actor=actor, site_id=site_id, details={"cameras": keys})
    finally:
        current_request_id.reset(reset)


def cameras_watched(*, watcher: Watcher, cameras: Iterable[int], view_id: UUID, is_still: bool = False) -> None:
    """Record that a connection begins to show cameras live. Audit: `camera.watched`, one entry per camera.

    The caller asks once per connection and camera and shows nothing before; `view_id` is the connection's. A still is
    one picture: it has no length, and no `watching_ended` follows.
    """
    details = {"still": True} if is_still else {}
    actor = User.objects.get(pk=watcher.user_id or 0)
    reset = current_request_id.set(view_id)
    try:
        with transaction.atomic():
            for camera in Camera.objects.filter(pk__in=list(cameras)).order_by("pk"):
                audit_record(
                    action="camera.watched",
                    actor=actor,
                    subject=f"camera:{camera.pk}",
                    site_id=camera.site_id,
                    details=details,
                )
    finally:
        current_request_id.reset(reset)


def watching_ended(*, watcher: Watcher, seconds: Mapping[int, int], view_id: UUID) -> None:
    """Record for how long a connection showed each camera. Audit: `camera.watch-ended`, one entry per site.

    Only the process that held the connection knows: killed, it says nothing, and the length stays unknown.

    Args:
        watcher: who watched.
        seconds: whole seconds by camera.
        view_id: the one that `cameras_watched` was given.
    """
    if not seconds:
        return
    actor = User.objects.get(pk=watcher.user_id or 0)
    cameras = Camera.objects.filter(pk__in=list(seconds)).order_by("site_id", "pk")
    reset = current_request_id.set(view_id)
    try:
        with transaction.atomic():
            for site_id, shown in groupby(cameras, key=lambda camera: camera.site_id):
                keys = [camera.pk for camera in shown]
                lengths = {str(key): seconds[key] for key in keys}
                details = {"cameras": keys, "seconds": lengths}
                audit_record(action="camera.watch-ended", actor=actor, site_id=site_id, details=details)
    finally:
        current_request_id.reset(reset)
