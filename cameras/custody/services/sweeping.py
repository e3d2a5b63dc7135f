"""Sealed files and secrets that belong to nothing: destroyed, as no policy would ever reach them."""

import logging
import time
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from cameras.custody.models import SealedHour
from cameras.custody.places import FOLDER, SEALED, SECRET
from cameras.custody.services.shredding import secret_destroy, shred
from cameras.footage import footage_path
from cameras.services.retention import ORPHAN_AFTER_S
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)
KIND: Final = "sealed files and secrets without a row"


def sealed_orphans_purge(*, now_s: float | None = None) -> int:
    """Destroy sealed files without a row, and secrets without a file, last written to over an hour ago.

    A worker killed between the two leaves such a secret; a file that cannot be given a row (`vault_adopt`) is one that
    nobody may open. Audit: `retention.purged`, one entry. Returns how many were destroyed.

    Args:
        now_s: seconds since 1970, for tests.
    """
    limit_s = (time.time() if now_s is None else now_s) - ORPHAN_AFTER_S
    root = footage_path(FOLDER)
    files = {f"{FOLDER}/{path.parent.name}/{path.name}": path for path in root.glob(f"*/*{SEALED}")}
    secrets = {
        f"{FOLDER}/{path.parent.name}/{path.name.removesuffix(SECRET)}{SEALED}": path
        for path in Path(settings.VAULT_KEYS).glob(f"*/*{SECRET}")
    }
    # Rows are asked for after the folders were read: what is begun in between has a file, and is new.
    known = set(SealedHour.objects.values_list("path", flat=True))
    old = {path for path, file in files.items() if path not in known and _is_old(file, limit_s)}
    lone = {path for path, file in secrets.items() if path not in known | files.keys() and _is_old(file, limit_s)}
    count = sum(_is_gone(path) for path in sorted(old)) + sum(_is_destroyed(secrets[path]) for path in sorted(lone))
    if count:
        logger.warning("%s sealed files or secrets without a row were destroyed", count)
        with transaction.atomic():
            audit_record(action="retention.purged", actor=None, details={"kind": KIND, "count": count})
    return count


def _is_old(path: Path, limit_s: float) -> bool:
    try:
        return path.stat().st_mtime < limit_s
    except FileNotFoundError:
        return False


def _is_gone(relative: str) -> bool:
    try:
        shred(relative)
    except (OSError, ValueError) as error:
        logger.error("orphan %s cannot be destroyed (%s)", relative, error)
        return False
    return True


def _is_destroyed(path: Path) -> bool:
    try:
        secret_destroy(path)
    except OSError as error:
        logger.error("secret %s cannot be destroyed (%s)", path.name, error)
        return False
    return True
