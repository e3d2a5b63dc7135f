"""A signed zip written as its files come, for what is never whole in one place: the same format as `export_file`.

Bytes leave as soon as they are there; the signature comes last. Whoever got a part of it has a file that no verifier
takes for sound.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import IO, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from paca_site.audit.export_file import COMMENT_BYTES, FIRST_DAY, FORMAT, MANIFEST
from paca_site.audit.signing import Purpose, sign

MOST_BYTES: Final = 1024 * 1024 * 1024
"""A zip without the fields for 64 bits ends at 4 GiB; the verifiers read it whole."""


class _Outlet(io.RawIOBase):
    """Where the zip is written to: no file, keeps what is not taken yet."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:
        self.waiting += content
        return len(content)


class ExportWriter:
    """Writes one export: files, then the manifest, then the signature; `take` gives what is ready."""

    def __init__(self) -> None:
        self._outlet = _Outlet()
        self._archive = zipfile.ZipFile(self._outlet, "w", zipfile.ZIP_STORED)
        self._signed, self._size = hashlib.sha256(), 0
        self._file: IO[bytes] | None = None
        self._name, self._digest, self._length = "", hashlib.sha256(), 0
        self.files: dict[str, dict[str, Any]] = {}

    def begin(self, name: str) -> None:
        """Begin a file.

        Raises:
            ValueError: the one before is not ended, or the name was used.
        """
        if self._file is not None or name in self.files or name == MANIFEST:
            raise ValueError(f"`{name}` cannot begin here.")
        self._name, self._digest, self._length = name, hashlib.sha256(), 0
        self._file = self._archive.open(_info(name), "w")

    def write(self, content: bytes) -> None:
        """Write the next bytes of the file.

        Raises:
            ValueError: no file was begun, or the export becomes larger than `MOST_BYTES`.
        """
        if self._file is None:
            raise ValueError("No file was begun.")
        self._size += len(content)
        if self._size > MOST_BYTES:
            raise ValueError(f"An export has at most {MOST_BYTES} bytes.")
        self._file.write(content)
        self._digest.update(content)
        self._length += len(content)

    def end(self) -> dict[str, Any]:
        """End the file and return `sha256` and `size_bytes`."""
        if self._file is None:
            raise ValueError("No file was begun.")
        self._file.close()
        self._file = None
        facts = {"sha256": self._digest.hexdigest(), "size_bytes": self._length}
        self.files[self._name] = facts
        return facts

    def add(self, name: str, content: bytes) -> None:
        """Write a whole file."""
        self.begin(name)
        self.write(content)
        self.end()

    def take(self) -> bytes:
        """Return what has become ready since the last call; it is signed."""
        ready = bytes(self._outlet.waiting)
        self._outlet.waiting.clear()
        self._signed.update(ready)
        return ready

    def abandon(self) -> None:
        """Let go of an export that was broken off; one that was finished stays as it is."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._archive.fp = None  # its end is never written
        self._outlet.waiting.clear()

    def finish(self, manifest: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
        """Return the rest: manifest, directory and signature. `manifest["files"]` is written here."""
        if self._file is not None:
            raise ValueError(f"`{self._name}` is not ended.")
        whole = {**manifest, "format": FORMAT, "files": dict(self.files)}
        text = (json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode()
        self._archive.writestr(_info(MANIFEST), text)
        self._archive.comment = b"0" * COMMENT_BYTES  # its length is signed too
        self._archive.close()
        body = bytes(self._outlet.waiting)[:-COMMENT_BYTES]
        self._outlet.waiting.clear()
        self._signed.update(body)
        public = key.public_key().public_bytes_raw().hex()
        return body + f"{FORMAT} {public} {sign(key, Purpose.ALERT_EXPORT, self._signed.hexdigest())}".encode()


def _info(name: str) -> zipfile.ZipInfo:
    told = zipfile.ZipInfo(name, FIRST_DAY)
    told.external_attr = 0o644 << 16
    return told
