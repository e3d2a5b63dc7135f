"""Where stored files lie on the disk."""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings


def footage_path(relative: str) -> Path:
    """Return the absolute path of a stored file, refusing anything outside the footage folder."""
    root = Path(settings.FOOTAGE_DIR)
    path = (root / relative).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ValueError(f"`{relative}` is outside the footage folder.")
    return path


def files_bytes(relatives: Iterable[str]) -> int:
    """Return how large stored files are together; one that is gone has none."""
    paths = [footage_path(relative) for relative in relatives if relative]
    return sum(path.stat().st_size for path in paths if path.is_file())


def delete_files(relatives: Iterable[str]) -> None:
    """Delete stored files; one that is already gone is what we want."""
    for relative in relatives:
        if relative:
            footage_path(relative).unlink(missing_ok=True)
