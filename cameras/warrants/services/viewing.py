"""Watching a release: what is asked for is written down first, then opened, marked and shown."""

import base64
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from cameras.custody.models import SealedHour
from cameras.custody.places import secret_path
from cameras.footage import footage_path
from cameras.warrants.models import FootageRelease, ReleasedKey, Viewing
from cameras.warrants.services.deciding import recorded, release_record
from cameras.warrants.standing import viewer_against
from cameras.warrants.vault_door import VaultRefused, ask_vault
from paca_site.accounts.models import User

STRETCH: Final = timedelta(seconds=30)
"""Shown at once."""


def release_unlock(*, release: FootageRelease, actor: User, code: str) -> None:
    """Check the code of a release; nothing is stored. Audit, where it is wrong: `warrant.attempt-refused`.

    Raises:
        ValidationError: the release is not open to this person, or the code is wrong.
        VaultRefused: the vault did not answer.
    """
    with recorded(release, actor, "unlock"):
        viewer_check(release, actor)
        files = [_asked(key) for key in _not_destroyed(ReleasedKey.objects.filter(part__release=release))]
        if not files:
            raise ValidationError(gettext("Nothing of this release is in the vault any more."))
        try:
            ask_vault({"do": "check", **release_halves(release, code), "files": files})
        except VaultRefused as error:
            raise ValidationError(str(error)) from error


def release_watch(*, release: FootageRelease, actor: User, part_pk: int, from_at: datetime) -> Viewing:
    """Write down that the viewer watches `STRETCH` of a part from a moment on. Audit: `warrant.watched`.

    Raises:
        ValidationError: the release is not open to this person, or the moment is not in it.
    """
    with recorded(release, actor, "watch"), transaction.atomic():
        found = FootageRelease.objects.select_for_update(no_key=True).get(pk=release.pk)
        viewer_check(found, actor)
        part = found.parts.filter(pk=part_pk).first()
        if part is None or not part.starts_at <= from_at < part.ends_at:
            raise ValidationError(gettext("This moment is not among the minutes of this release."))
        viewing = Viewing.objects.create(
            part=part,
            from_at=from_at,
            until_at=min(from_at + STRETCH, part.ends_at),
            viewed_by=actor,
            viewed_at=timezone.now(),
        )
        release_record(
            "warrant.watched",
            found,
            actor,
            camera=part.camera_id,
            viewing=viewing.pk,
            **{"from": viewing.from_at.isoformat(), "to": viewing.until_at.isoformat()},
        )
    return viewing


def viewing_video(*, release: FootageRelease, viewing: Viewing, actor: User, code: str) -> bytes:
    """Return what was asked to be seen as MP4, each frame marked with name, release and time.

    Raises:
        ValidationError: the release is not open to this person any more.
        VaultRefused: the code is wrong, nothing was filmed then, or the vault did not answer.
    """
    viewer_check(release, actor)
    keys = ReleasedKey.objects.filter(part=viewing.part_id)
    return ask_vault(
        {
            "do": "show",
            **release_halves(release, code),
            "files": released_files(keys, viewing.from_at, viewing.until_at),
            "start": viewing.from_at.isoformat(),
            "end": viewing.until_at.isoformat(),
            "words": f"{viewer_words(actor)} - release {release.pk} - {viewing.viewed_at:%Y-%m-%d %H:%M:%S} UTC",
        }
    )


def viewer_words(viewer: User) -> str:
    """Return how a watermark names a person."""
    name = viewer.get_full_name()
    return f"{name} ({viewer.username})" if name else viewer.username


def released_files(keys: "QuerySet[ReleasedKey]", start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return the sealed files among `keys` that hold some of a time, with their wrapped keys, as the vault is asked."""
    return [
        _asked(key)
        for key in _not_destroyed(keys).filter(started_at__lt=end).order_by("started_at")
        if key.ended_at is None or key.ended_at >= start
    ]


def _not_destroyed(keys: "QuerySet[ReleasedKey]") -> "QuerySet[ReleasedKey]":
    """Leave out keys of files that were destroyed while the release is open: somebody lifted its hold."""
    return keys.filter(path__in=SealedHour.objects.values("path"))


def _asked(key: ReleasedKey) -> dict[str, Any]:
    return {
        "path": key.path,
        "file": str(footage_path(key.path)),
        "secret": str(secret_path(key.path)),
        "key": _text(key.sealed),
        "is_cut": key.is_cut,
    }


def viewer_check(release: FootageRelease, actor: User) -> None:
    """Raise `ValidationError` unless a release is open to this person now."""
    if release.viewer_id != actor.pk:
        raise ValidationError(gettext("This release names another viewer."))
    if not release.is_open:
        raise ValidationError(gettext("This release is not open (any more)."))
    against = viewer_against(actor, release)
    if against:
        raise ValidationError(against)


def release_halves(release: FootageRelease, code: str) -> dict[str, Any]:
    """Return the part of a question that names a release and gives both halves of its key."""
    return {"release": release.pk, "half": _text(release.half or b""), "code": code}


def _text(content: bytes | memoryview) -> str:
    return base64.b64encode(bytes(content)).decode()
