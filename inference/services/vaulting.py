"""The raw vault of a camera that runs: whether it has one, its rows, and what a killed worker left behind."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.custody.checks import folders_against
from cameras.custody.models import CustodianKey, SealedHour
from cameras.custody.places import SEALED, sealed_folder, secrets_folder
from cameras.custody.services.shredding import shred
from cameras.footage import footage_path
from cameras.models import Camera, Modality
from cameras.services.retention import BATCH
from inference.core.errors import VaultError
from inference.core.vault.keys import hour_of
from inference.core.vault.raw_vault import RawVault, Sealed, VaultConfig
from inference.core.vault.reading import Content, inspect
from inference.writer import StreamWriter
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)
SETTLED_S: Final = 60.0
"""A file written to within this time may still get its row from its own vault."""


def vault_of(camera: Camera, writer: StreamWriter) -> tuple[RawVault | None, str]:
    """Return the vault of a camera, if it has one; and why it has none where its policy asks for one.

    Off by default: only a central camera whose policy keeps unmasked video has one, and only while a custodian's key
    is registered. Without a key nothing is sealed, as nobody could ever open it; nor where the secrets would lie with
    what they open.
    """
    if camera.modality != Modality.CENTRAL or not camera.retention.raw_for:
        return None, ""
    if against := folders_against():
        return None, against
    key = CustodianKey.objects.current().first()
    if key is None:
        return None, gettext("The policy keeps unmasked video, but no custodian's key is registered.")
    config = VaultConfig(
        camera=camera.pk,
        folder=sealed_folder(camera.pk),
        secrets=secrets_folder(camera.pk),
        custodian=X25519PublicKey.from_public_bytes(bytes.fromhex(key.public_key)),
        fps=camera.frames_per_second,
    )
    return RawVault(config, sealed_writer(camera.pk, key.pk, writer)), ""


def sealed_writer(camera_id: int, key_id: int, writer: StreamWriter) -> Callable[[Sealed], None]:
    """Return the vault's callback: a row when a file is begun, its end when it is over, nothing if it held nothing."""

    def on_sealed(sealed: Sealed) -> None:
        path = _relative(sealed.path)
        if sealed.ended_at is None:
            begun = _values(sealed, camera_id, key_id)
            writer.put(lambda: SealedHour.objects.get_or_create(path=path, defaults=begun))
        elif not sealed.frames:
            writer.put(lambda: _forget(camera_id, [path]))
        else:
            over = {
                "state": SealedHour.State.CLOSED if sealed.is_whole else SealedHour.State.CUT,
                "ended_at": sealed.ended_at,
                "frame_count": sealed.frames,
                "chunk_count": sealed.chunks,
                "size_bytes": sealed.bytes,
            }
            # only where its row still is: what was destroyed meanwhile gets none again
            writer.put(lambda: SealedHour.objects.filter(path=path).update(**over))

    return on_sealed


def vault_repair(camera_id: int) -> int:
    """Close the open rows of a camera whose lease the caller holds, as far as their files go; destroy empty ones.

    Files without a row get one. A file that cannot be read now keeps its row for the next turn. Audit:
    `retention.purged`, kind "sealed files that hold nothing".

    Returns:
        How many rows were repaired.
    """
    rows, empty = list(SealedHour.objects.filter(camera_id=camera_id, state=SealedHour.State.OPEN)), []
    for row in rows:
        path = footage_path(row.path)
        try:
            content = inspect(path)
        except (VaultError, FileNotFoundError) as error:
            logger.warning("camera %s: sealed file %s holds nothing: %s", camera_id, row.path, error)
            empty.append(row.path)
        except OSError:
            logger.exception("camera %s: sealed file %s cannot be read now; it is kept", camera_id, row.path)
        else:
            if content.chunks:
                SealedHour.objects.filter(pk=row.pk).update(**_found(path, content))
            else:
                empty.append(row.path)
    if empty:
        with transaction.atomic():
            _forget(camera_id, empty)
    vault_adopt(camera_id, settled_s=0.0)
    return len(rows)


def vault_adopt(camera_id: int, *, settled_s: float = SETTLED_S) -> int:
    """Give sealed files without a row the row that a dead worker or an absent database did not. Returns how many.

    The header says all that is needed. One that names another camera, an unknown custodian or a time to come gets no
    row, and is destroyed an hour later (`sealed_orphans_purge`).

    Args:
        camera_id: whose files.
        settled_s: files written to within so many seconds are left alone; 0 only while holding the camera's lease.
    """
    paths = sorted(sealed_folder(camera_id).glob(f"*{SEALED}"))
    count, before_s = 0, timezone.now().timestamp() - settled_s
    for start in range(0, len(paths), BATCH):
        batch = {_relative(path): path for path in paths[start : start + BATCH]}
        known = set(SealedHour.objects.filter(path__in=batch).values_list("path", flat=True))
        for relative in sorted(batch.keys() - known):
            try:
                if batch[relative].stat().st_mtime <= before_s:
                    count += _is_adopted(camera_id, relative, batch[relative])
            except (VaultError, OSError, DatabaseError) as error:
                logger.warning("%s has no row and gets none (%s)", relative, error)
    if count:
        logger.warning("camera %s: %s sealed files had no row and got one", camera_id, count)
    return count


def _is_adopted(camera_id: int, relative: str, path: Path) -> bool:
    content = inspect(path)
    header = content.header
    if header.bound.camera != camera_id or hour_of(header.started_at) != header.bound.hour:
        raise VaultError(f"{relative} says that it is of camera {header.bound.camera}, {header.started_at}.")
    if header.started_at > timezone.now() or not content.chunks:
        raise VaultError(f"{relative} starts at {header.started_at} and has {content.chunks} chunks.")
    key = CustodianKey.objects.filter(fingerprint=header.custodian).first()
    if key is None:
        raise VaultError(f"{relative} is sealed for the custodian key {header.custodian[:16]}, which is unknown.")
    values = {
        "camera_id": camera_id,
        "custodian_key_id": key.pk,
        "hour": header.bound.hour,
        "sealed_key": header.sealed_key,
        "started_at": header.started_at,
        "width": header.width,
        "height": header.height,
        **_found(path, content),
    }
    with transaction.atomic():
        return SealedHour.objects.get_or_create(path=relative, defaults=values)[1]


def _found(path: Path, content: Content) -> dict[str, Any]:
    """Return what a file tells without its key; how many frames it holds is told by no one, and its end by its age."""
    written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return {
        "state": SealedHour.State.CLOSED if content.is_closed else SealedHour.State.CUT,
        "ended_at": max(content.header.started_at, written_at),
        "chunk_count": content.chunks,
        "size_bytes": content.bytes,
    }


def _values(sealed: Sealed, camera_id: int, key_id: int) -> dict[str, Any]:
    return {
        "camera_id": camera_id,
        "custodian_key_id": key_id,
        "hour": sealed.header.bound.hour,
        "sealed_key": sealed.header.sealed_key,
        "started_at": sealed.header.started_at,
        "width": sealed.header.width,
        "height": sealed.header.height,
    }


def _forget(camera_id: int, paths: list[str]) -> None:
    """Destroy sealed files that hold nothing, and their rows; inside the caller's transaction."""
    for path in paths:
        shred(path)
    SealedHour.objects.filter(path__in=paths).delete()
    audit_record(
        action="retention.purged",
        actor=None,
        subject=f"camera:{camera_id}",
        site_id=Camera.objects.values_list("site_id", flat=True).get(pk=camera_id),
        details={"kind": "sealed files that hold nothing", "count": len(paths)},
    )


def _relative(path: Path) -> str:
    return path.resolve().relative_to(Path(settings.FOOTAGE_DIR).resolve()).as_posix()
