"""Writing a sealed file: each chunk is encrypted and with the operating system at once; a kill loses no more."""

import hashlib
import os
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from inference.core.errors import VaultError
from inference.core.vault.keys import folder_sync
from inference.core.vault.sealed_file import (
    DATA,
    END,
    FINAL,
    LENGTH,
    MAGIC,
    MOMENT,
    PREFIX,
    Header,
    bound_data,
    microseconds,
    nonce,
)


class SealedWriter:
    """Writes one sealed file from front to back, once.

    After an error the file is left as it is and takes nothing more: a chunk that was half on disk is never written a
    second time with other content, which would use its nonce twice.
    """

    def __init__(self, path: Path, header: Header, data_key: bytes) -> None:
        """Create the file, which must not exist, and make its header outlive a power cut.

        Raises:
            VaultError: the disk refuses, or the file exists.
        """
        self.path, self.chunks, self.bytes = path, 0, 0
        self._bound = header.bound
        packed = header.packed()
        self._digest = hashlib.sha256(packed).digest()
        self._cipher: AESGCM | None = AESGCM(data_key)
        self._descriptor = -1
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            self._put(MAGIC + LENGTH.pack(len(packed)) + packed)
            os.fsync(self._descriptor)
            folder_sync(path.parent)
        except OSError as error:
            self.abandon()
            raise VaultError(f"The sealed file {path.name} cannot be made: {error.strerror}.") from error

    def seal(self, at: datetime, data: bytes) -> None:
        """Append `data`, whose first frame was captured at `at`.

        Raises:
            VaultError: the disk refuses, or the file is closed.
        """
        self._append(DATA, MOMENT.pack(microseconds(at)) + data)
        self.chunks += 1

    def close(self, ended_at: datetime) -> None:
        """Say that this is all, and make it outlive a power cut; the data key is forgotten.

        Raises:
            VaultError: the disk refuses, or the file is closed.
        """
        self._append(FINAL, END.pack(self.chunks, microseconds(ended_at)))
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise VaultError(f"The sealed file {self.path.name} cannot be finished: {error.strerror}.") from error
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of file and key, as a kill would."""
        self._cipher = None
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _append(self, kind: int, plaintext: bytes) -> None:
        if self._cipher is None:
            raise VaultError(f"The sealed file {self.path.name} is closed and takes nothing more.")
        index = self.chunks
        sealed = self._cipher.encrypt(nonce(index), plaintext, bound_data(self._digest, self._bound, index, kind))
        try:
            self._put(PREFIX.pack(len(sealed), kind) + sealed)
        except OSError as error:
            self.abandon()
            raise VaultError(f"The sealed file {self.path.name} cannot be written: {error.strerror}.") from error

    def _put(self, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            written = os.write(self._descriptor, rest)
            self.bytes += written
            rest = rest[written:]
