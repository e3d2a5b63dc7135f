"""Taking released footage out: written down, then made piece by piece, and signed only once the trail tells of it."""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.exporting.models import MOST_REASON, ExportGrant, FootageExport
from cameras.warrants.models import SHORTEST_REASON, FootageRelease, ReleasedKey, ReleasePart
from cameras.warrants.services.deciding import recorded, release_record
from cameras.warrants.services.viewing import (
    release_halves,
    release_unlock,
    released_files,
    viewer_check,
    viewer_words,
)
from paca_site.accounts.models import User
from paca_site.audit.export_facts import SOURCE_OF_TIME, export_facts, iso_ms
from paca_site.audit.models import AuditEntry

logger = logging.getLogger(__name__)
KIND: Final = "released-footage"
MOST_FOOTAGE: Final = timedelta(hours=1)
"""Of one export, all its cameras together: some minutes of one core. A longer release leaves as several."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the viewer wants to take out.

    Attributes:
        part: of one camera; None for every camera of the release.
        from_at: aware, from here ...
        to_at: ... to before here.
        reason: why, 10 to 200 characters.
    """

    part: ReleasePart | None
    from_at: datetime
    to_at: datetime
    reason: str


def may_export(release: FootageRelease) -> bool:
    """Return whether the custodian allowed this release to leave as a file."""
    return ExportGrant.objects.filter(release=release).exists()


def export_begin(*, release: FootageRelease, actor: User, code: str, asked: Asked) -> FootageExport:
    """Write down that the viewer takes footage out, before any of it is opened. Audit: `warrant.export-begun`.

    Raises:
        ValidationError: the release is not open to this person, may not leave as a file, the code is wrong, the time
            is not in it or too long, nothing is sealed of it, or a field is not allowed.
    """
    with recorded(release, actor, "export"):
        _check(release, actor)
    release_unlock(release=release, actor=actor, code=code)
    with recorded(release, actor, "export"), transaction.atomic():
        found = FootageRelease.objects.select_for_update(no_key=True).get(pk=release.pk)
        _check(found, actor)
        reason = asked.reason.strip()
        if not SHORTEST_REASON <= len(reason) <= MOST_REASON:
            raise ValidationError(
                gettext("The reason must have {least} to {most} characters; it has {count}.").format(
                    least=SHORTEST_REASON, most=MOST_REASON, count=len(reason)
                )
            )
        _check_time(found, asked)
        export = FootageExport.objects.create(
            release=found,
            part=asked.part,
            starts_at=asked.from_at,
            ends_at=asked.to_at,
            reason=reason,
            exported_by=actor,
        )
        release_record("warrant.export-begun", found, actor, **_facts(export))
    return export


def _check(release: FootageRelease, actor: User) -> None:
    viewer_check(release, actor)
    if not may_export(release):
        raise ValidationError(gettext("The custodian did not allow this release to leave as a file."))


def _check_time(release: FootageRelease, asked: Asked) -> None:
    spans = spans_of(release, asked.part, asked.from_at, asked.to_at)
    bounds = [asked.part] if asked.part else list(release.parts.all())
    is_inside = min(part.starts_at for part in bounds) <= asked.from_at
    if not spans or not is_inside or asked.to_at > max(part.ends_at for part in bounds):
        raise ValidationError(gettext("These minutes are not all among those of this release."))
    total = sum((end - start for _, start, end in spans), timedelta())
    if total > MOST_FOOTAGE:
        raise ValidationError(
            gettext(
                "These are {minutes} minutes of footage, all cameras together; one file holds at most {most}."
            ).format(minutes=-(-total // timedelta(minutes=1)), most=MOST_FOOTAGE // timedelta(minutes=1))
        )
    for part, start, end in spans:
        if not released_files(ReleasedKey.objects.filter(part=part), start, end):
            raise ValidationError(
                gettext("The vault has nothing of these minutes of {camera}.").format(camera=part.camera.name)
            )


def spans_of(
    release: FootageRelease, part: ReleasePart | None, start: datetime, end: datetime
) -> list[tuple[ReleasePart, datetime, datetime]]:
    """Return part, from and to of each camera that is asked for, within its own minutes."""
    parts = [part] if part else list(release.parts.select_related("camera"))
    found = [(one, max(start, one.starts_at), min(end, one.ends_at)) for one in parts]
    return [(one, begin, until) for one, begin, until in found if begin < until]


def words_of(export: FootageExport) -> str:
    """Return the words of the watermark: who took it out, under which release and export, when."""
    return (
        f"{viewer_words(export.exported_by)} - release {export.release_id} - export {export.pk} - "
        f"{export.begun_at:%Y-%m-%d %H:%M:%S} UTC"
    )


def question_of(export: FootageExport, code: str) -> dict[str, Any]:
    """Return what the vault is asked for an export."""
    release = export.release
    return {
        "do": "export",
        **release_halves(release, code),
        "words": words_of(export),
        "parts": [
            {
                "part": part.pk,
                "start": start.isoformat(),
                "end": end.isoformat(),
                "files": released_files(ReleasedKey.objects.filter(part=part), start, end),
            }
            for part, start, end in spans_of(release, export.part, export.starts_at, export.ends_at)
        ],
    }


def export_still_allowed(export: FootageExport) -> None:
    """Raise `ValidationError` where the release ended, or the viewer may not watch any more, while a file is made."""
    _check(FootageRelease.objects.get(pk=export.release_id), User.objects.get(pk=export.exported_by_id))


def export_finish(*, export: FootageExport, files: list[dict[str, Any]], hashes: dict[str, str]) -> AuditEntry:
    """Write down what left, before its signature does. Audit: `warrant.exported`, with the SHA-256 of every file.

    Killed after it, the trail tells of more than was received; without it no export is signed.

    Args:
        export: as `export_begin` gave it.
        files: of each video `name`, `sha256`, `size_bytes`, `camera`, `from`, `until`, `frames`.
        hashes: SHA-256 of every file but the manifest, by name.

    Raises:
        ValidationError: the release ended meanwhile, or the export was finished before.
    """
    release, actor = export.release, export.exported_by
    with recorded(release, actor, "finish an export"), transaction.atomic():
        found = FootageRelease.objects.select_for_update(no_key=True).get(pk=release.pk)
        _check(found, User.objects.get(pk=actor.pk))
        now = timezone.now()
        changed = FootageExport.objects.filter(pk=export.pk, finished_at=None).update(finished_at=now, files=files)
        if not changed:
            raise ValidationError(gettext("This export was finished before."))
        export.finished_at, export.files = now, files
        return release_record(
            "warrant.exported", found, actor, **_facts(export), files=hashes, order_sha256=found.order_sha256
        )


def _facts(export: FootageExport) -> dict[str, Any]:
    spans = spans_of(export.release, export.part, export.starts_at, export.ends_at)
    return {
        "export": export.pk,
        "cameras": [part.camera_id for part, _, _ in spans],
        "from": export.starts_at.isoformat(),
        "to": export.ends_at.isoformat(),
        "reason": export.reason,
    }


def export_manifest(export: FootageExport, entry: AuditEntry) -> dict[str, Any]:
    """Return the manifest but its list of hashes: what it is, of when, by whose order and hands."""
    release, actor = export.release, export.exported_by
    steps = {
        "requested": (release.requested_by, release.requested_at),
        "compared_with_the_order": (release.confirmed_by, release.confirmed_at),
        "approved": (release.approved_by, release.approved_at),
    }
    cameras = {part.camera_id: part.camera for part, _, _ in spans_of(release, export.part, *_time(export))}
    return {
        "kind": KIND,
        **export_facts(entry, actor, release.reference, export.reason),
        "release": {
            "id": release.pk,
            "export": export.pk,
            "authority": release.authority,
            "reference": release.reference,
            "legal_basis": release.legal_basis,
            "order_sha256": release.order_sha256,
            **{step: {"by": by.username if by else None, "at": iso_ms(at)} for step, (by, at) in steps.items()},
            "open_until": iso_ms(release.expires_at),
        },
        "asked_for": {"from": iso_ms(export.starts_at), "to": iso_ms(export.ends_at)},
        "cameras": [
            {"id": camera.pk, "name": camera.name, "site": release.site.name, "modality": camera.modality}
            for camera in cameras.values()
        ],
        "footage": [{name: value for name, value in file.items() if name not in HASHED} for file in export.files],
        "source_of_time": SOURCE_OF_TIME,
        "masked": False,
        "watermark": {
            "words": words_of(export),
            "where": "tilted over every frame; below it a strip with the time of the frame (UTC) and the same words",
            "encoding": "pictures were decoded from the sealed recording, marked, and encoded anew (H.264)",
        },
    }


HASHED: Final = ("sha256", "size_bytes")
"""Stand in the manifest's own list of files."""


def _time(export: FootageExport) -> tuple[datetime, datetime]:
    return export.starts_at, export.ends_at


def video_facts(begun: bytes, ended: bytes, number: int, cameras: dict[int, int]) -> dict[str, Any]:
    """Return name, camera, from, until, frames and size of a picture of one video, from the vault's two records.

    Args:
        begun: JSON of the record that begins it.
        ended: JSON of the record that ends it.
        number: of the video in its export, from 1.
        cameras: camera by part.
    """
    told, over = json.loads(begun), json.loads(ended)
    start = datetime.fromisoformat(told["start"]).astimezone(UTC)
    camera = cameras[told["part"]]
    return {
        "name": video_name(camera, number, start),
        "camera": camera,
        "from": iso_ms(start),
        "until": iso_ms(datetime.fromisoformat(over["until"])),
        "frames": over["frames"],
        "width": told["width"],
        "height": told["height"],
    }


def video_name(camera: int, number: int, start: datetime) -> str:
    """Return the name of a video in an export: in order, of which camera, from when on (UTC)."""
    return f"{number:03d}-camera-{camera}-{start:%Y%m%dT%H%M%SZ}.mp4"
