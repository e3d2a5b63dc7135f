"""Reading a sealed file: chunk by chunk with its data key, or only counted without one."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from inference.core.errors import VaultError
from inference.core.vault.keys import open_sealed, secret_read, unwrap
from inference.core.vault.sealed_file import (
    DATA,
    END,
    FINAL,
    MOMENT,
    MOST_CHUNK_BYTES,
    PREFIX,
    TAG_BYTES,
    Header,
    bound_data,
    header_read,
    moment,
    nonce,
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next bytes of one fragmented MP4.

    Attributes:
        index: counts from 0; chunk 0 is the file's head, which every player needs first.
        at: capture time of its first frame.
        data: unmasked video; only for memory, a watermarked viewer and a release.
    """

    index: int
    at: datetime
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Content:
    """What can be told of a sealed file without any key.

    Attributes:
        header: what it says of itself.
        chunks: whole chunks.
        bytes: its size up to the last whole chunk.
        is_closed: whether its writer said that this is all.
    """

    header: Header
    chunks: int
    bytes: int
    is_closed: bool


def hour_key(path: Path, secret_path: Path, private_key: X25519PrivateKey) -> bytes:
    """Return the data key of a sealed file, by the custodian's private key and the secret that still exists.

    Raises:
        VaultError: the secret was destroyed, the key is another custodian's, or something was changed.
    """
    header = inspect(path).header
    return unwrap(open_sealed(header.sealed_key, secret_read(secret_path), header.bound), private_key, header.bound)


def read_hour(path: Path, data_key: bytes, *, at_least: int = 0, is_cut: bool = False) -> Iterator[Chunk]:
    """Give the chunks of a sealed file, each checked.

    Args:
        path: the file.
        data_key: 32 bytes, from `hour_key`.
        at_least: how many chunks are known to have been written; fewer is an error.
        is_cut: whether it is known that its writer was killed, and no last word is to be expected.

    Raises:
        VaultError: another key, or anything was changed, moved, left out or cut off; what came before is sound.
    """
    cipher = AESGCM(data_key)
    with path.open("rb") as file:
        header, digest = header_read(file, path.name)
        count, is_closed = 0, False
        for kind, sealed in _records(file, path.name):
            bound = bound_data(digest, header.bound, count, kind)
            try:
                plaintext = cipher.decrypt(nonce(count), sealed, bound)
            except InvalidTag as error:
                raise VaultError(
                    f"Chunk {count} of {path.name} does not open: another data key, or it was changed or moved."
                ) from error
            if kind == DATA:
                (at_us,) = MOMENT.unpack_from(plaintext)
                yield Chunk(count, moment(at_us), plaintext[MOMENT.size :])
                count += 1
            else:
                is_closed = END.unpack(plaintext)[0] == count
        if count < at_least or not (is_closed or is_cut):
            raise VaultError(
                f"{path.name} is cut off after chunk {count}; {max(at_least, count + 1)} or more were written."
            )


def inspect(path: Path) -> Content:
    """Return what can be told without a key.

    Raises:
        VaultError: there is no whole header.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        header, _ = header_read(file, path.name)
        chunks, end, is_closed = 0, file.tell(), False
        for kind, _sealed in _records(file, path.name, is_read=False):
            chunks += kind == DATA
            is_closed = kind == FINAL
            end = file.tell()
    return Content(header, chunks, end, is_closed)


def _records(file: BinaryIO, name: str, *, is_read: bool = True) -> Iterator[tuple[int, bytes]]:
    """Give kind and ciphertext of each whole record; one that is cut off at the end of the file is left out."""
    is_over, here = False, file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(here)
    while len(prefix := file.read(PREFIX.size)) == PREFIX.size:
        length, kind = PREFIX.unpack(prefix)
        if kind not in (DATA, FINAL) or not TAG_BYTES <= length <= MOST_CHUNK_BYTES or is_over:
            raise VaultError(f"{name} has a record that cannot be: kind {kind}, {length} bytes, after byte {here}.")
        if file.tell() + length > size:
            return
        if is_read:
            sealed = file.read(length)
        else:
            sealed = b""
            file.seek(length, io.SEEK_CUR)
        yield kind, sealed
        is_over, here = kind == FINAL, file.tell()
    if is_over and here != size:
        raise VaultError(f"{name} goes on for {size - here} bytes after its last word.")
