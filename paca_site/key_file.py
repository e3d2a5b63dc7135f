"""A secret key in a file of its own: made once, by whichever process comes first, and read by its owner only."""

import os
from collections.abc import Callable
from pathlib import Path


class KeyFileError(Exception):
    """The file is no such key, or others may read it; the text says which file and why."""


def key_file_read(path: Path, size_bytes: int, make: Callable[[], bytes]) -> bytes:
    """Return the key of `size_bytes` in `path`; where there is none, `make` one (mode 0600, on disk when this returns).

    Raises:
        KeyFileError: the file is there but has another size, or others may read it.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # unlike a rename it never replaces a key that another process made meanwhile
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    if path.stat().st_mode & 0o077:
        raise KeyFileError(f"The key {path} may be read by others; it must have mode 0600 (and is to be replaced).")
    content = path.read_bytes()
    if len(content) != size_bytes:
        raise KeyFileError(f"The key {path} must hold {size_bytes} bytes, it holds {len(content)}.")
    return content
