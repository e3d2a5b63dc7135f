"""The S3-compatible storage of masked recordings, by django-storages, and what goes wrong with it in one error."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages

from paca_site.archive_storage import ALIAS

if TYPE_CHECKING:
    from storages.backends.s3 import S3Storage

PIECE_BYTES: Final = 256 * 1024


class ArchiveError(OSError):
    """The archive cannot be asked, or does not have what it should have."""


def is_archive_on() -> bool:
    """Whether recordings go to an archive."""
    return ALIAS in settings.STORAGES


def bucket_put(source: Path, name: str) -> None:
    """Send a file and make sure that the archive has all of it.

    Raises:
        ArchiveError: it cannot be sent, or another size arrived.
        FileNotFoundError: the file is gone.
    """
    size = source.stat().st_size
    with source.open("rb") as file, _told(name):
        _storage().save(name, File(file, name=name))
        arrived = _storage().size(name)
    if arrived != size:
        raise ArchiveError(f"{name}: the archive has {arrived} of {size} bytes.")


def bucket_fetch(name: str, target: Path) -> None:
    """Bring a file back; it stands at `target` when it is whole, and not before.

    Raises:
        ArchiveError: it cannot be fetched.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        with _told(name), _storage().open(name, "rb") as file, part.open("wb") as out:
            shutil.copyfileobj(file, out, PIECE_BYTES)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def bucket_delete(name: str) -> None:
    """Delete a file; one that is not there is what we want.

    Raises:
        ArchiveError: it cannot be asked.
    """
    with _told(name):
        _storage().delete(name)


def bucket_names(folder: str) -> list[str]:
    """Return the names of all files directly in a folder of the archive, with the folder.

    Raises:
        ArchiveError: it cannot be asked.
    """
    with _told(folder):
        return [f"{folder}/{name}" for name in _storage().listdir(folder)[1] if name]


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, FileNotFoundError) as error:
        raise ArchiveError(f"{name}: the archive does not do it: {error}") from error


def _storage() -> "S3Storage":
    if not is_archive_on():
        raise ArchiveError("Recordings lie in an archive that is no longer set up (PACA_ARCHIVE_BUCKET).")
    return storages[ALIAS]
