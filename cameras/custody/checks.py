"""Keys apart from what they open: refused at start where one backup would hold both.

Django runs these with every command, `manage.py up` before it starts anything, and the vault of a camera before it
seals a frame (`folders_against`), as web and workers may be started without any command.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from cameras.custody.places import SECRET

TAG: Final = "custody"
FORMER: Final = "vault-keys"
"""Where secrets lay by default before: inside the data folder."""
KEY_FILE_MARK: Final = b'"paca custodian '
"""Stands in key files and shares of custodians (`inference/core/vault/`)."""
MOST_KEY_BYTES: Final = 10_000
"""A key file has some hundred."""


@register(TAG)
def check_keys_apart(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse secrets or a custodian's key where the data folder's backup would take them along."""
    return [*_folders(), *_former(), *_key_files()]


def folders_against() -> str:
    """Return why nothing may be sealed with these folders, in one sentence; empty where they lie apart."""
    found = [*_folders(), *_former()]
    return found[0].msg if found else ""


def _folders() -> list[CheckMessage]:
    secrets = Path(settings.VAULT_KEYS).resolve()
    for name, given in (("PACA_DATA", settings.DATA_DIR), ("the footage folder", settings.FOOTAGE_DIR)):
        folder = Path(given).resolve()
        if secrets.is_relative_to(folder) or folder.is_relative_to(secrets):
            where = "inside" if secrets != folder and secrets.is_relative_to(folder) else "the same as, or around,"
            return [
                Error(
                    f"The secrets of sealed unmasked video (PACA_VAULT_KEYS, {secrets}) lie {where} {name} ({folder}): "
                    "one backup would hold both, and what was destroyed could be read again.",
                    hint="Stop PACA, move the folder to a disk or folder that is in no backup and no snapshot, and set "
                    "PACA_VAULT_KEYS to it (docs/custody.md).",
                    id="paca.E002",
                )
            ]
    return []


def _former() -> list[CheckMessage]:
    former = Path(settings.DATA_DIR) / FORMER
    if former.resolve() == Path(settings.VAULT_KEYS).resolve() or not any(former.glob(f"*/*{SECRET}")):
        return []
    return [
        Error(
            f"Secrets of sealed unmasked video still lie in {former}, where they were by default: what they belong to "
            "cannot be opened, and a backup of the data folder takes them along.",
            hint=f"Stop PACA, move that folder's content to {settings.VAULT_KEYS} (PACA_VAULT_KEYS), and destroy the "
            "copies that backups hold (docs/custody.md).",
            id="paca.E003",
        )
    ]


def _key_files() -> list[CheckMessage]:
    return [
        Error(
            f"A custodian's private key lies on the system that records: {path}. Whoever takes the disks opens "
            "all sealed video as soon as they have its passphrase.",
            hint="Move it to two places that are not on this system. Where a backup may hold it, register another key "
            "at Custody, Custodian's key (docs/custody.md).",
            id="paca.E004",
        )
        for path in _small_files()
        if KEY_FILE_MARK in _content(path)
    ]


def _small_files() -> Iterator[Path]:
    """Yield small files, two folders deep, that are no secrets: footage lies deeper, and may be millions of files."""
    roots = {Path(settings.DATA_DIR), Path(settings.FOOTAGE_DIR), Path(settings.VAULT_KEYS)}
    folders = {inner for root in roots for inner in (root, *_entries(root)) if inner.is_dir()}
    for folder in sorted(folders):
        for path in _entries(folder):
            try:
                if path.suffix != SECRET and path.is_file() and 0 < path.stat().st_size <= MOST_KEY_BYTES:
                    yield path
            except OSError:
                continue  # gone meanwhile, or another account's (PostgreSQL's): no key that PACA could hand out


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder))
    except OSError:
        return []


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
