"""The sealed file: a readable header, then encrypted chunks, then one that says how many there were.

    "PACAVLT1" | u32 length | header (JSON)
    u32 length | u8 kind | ciphertext with its 16-byte tag        once for each chunk: kind 0
    u32 length | u8 kind | ciphertext with its 16-byte tag        once, at the end: kind 1

All numbers are big-endian. A chunk's nonce is its number, counted from 0: the data key encrypts this one file and no
other, written from front to back once, so no nonce comes twice. Its associated data are the SHA-256 of the header,
camera, hour, number and kind: a chunk that was moved, repeated, left out or taken from another file opens no more. A
file without the last kind was cut off, by a kill or by somebody; the reader tells.

Plaintext of kind 0: i64 microseconds since 1970 of the chunk's first frame, then the next bytes of one fragmented MP4.
Plaintext of kind 1: u64 number of chunks, i64 microseconds since 1970 of the last frame.
"""

import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Final

from inference.core.errors import VaultError
from inference.core.frames import check_aware
from inference.core.vault.keys import Bound

MAGIC: Final = b"PACAVLT1"
LENGTH: Final = struct.Struct(">I")
PREFIX: Final = struct.Struct(">IB")
MOMENT: Final = struct.Struct(">q")
END: Final = struct.Struct(">Qq")
DATA, FINAL = 0, 1
TAG_BYTES: Final = 16
MOST_HEADER_BYTES: Final = 65_536
MOST_CHUNK_BYTES: Final = 64 * 1024 * 1024
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Header:
    """What a sealed file says of itself; no secret, and bound to every chunk.

    Attributes:
        bound: camera and hour.
        started_at: capture time of the first frame; second 0 of the video.
        width, height: pixels.
        custodian: fingerprint of the public key the data key is wrapped to.
        sealed_key: the wrapped data key, sealed with the file's secret (`keys.seal_wrapped`).
    """

    bound: Bound
    started_at: datetime
    width: int
    height: int
    custodian: str
    sealed_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_aware(self.started_at, "started_at")

    def packed(self) -> bytes:
        """Return it as JSON."""
        content = {
            "camera": self.bound.camera,
            "hour": int(self.bound.hour.timestamp()),
            "started_at_us": microseconds(self.started_at),
            "width": self.width,
            "height": self.height,
            "custodian": self.custodian,
            "sealed_key": self.sealed_key.hex(),
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def microseconds(at: datetime) -> int:
    """Return `at` in microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(us: int) -> datetime:
    """Return the time (UTC) so many microseconds after 1970 began."""
    return EPOCH + timedelta(microseconds=us)


def nonce(index: int) -> bytes:
    """Return the nonce (12 bytes) of a file's chunk `index`."""
    return index.to_bytes(12, "big")


def bound_data(digest: bytes, bound: Bound, index: int, kind: int) -> bytes:
    """Return the associated data of a chunk; `digest` is SHA-256 of the packed header."""
    return digest + bound.packed() + struct.pack(">QB", index, kind)


def header_read(file: BinaryIO, name: str) -> tuple[Header, bytes]:
    """Return the header at the start of a file, and its SHA-256.

    Raises:
        VaultError: there is no whole header; nothing was sealed yet, or the file is none of ours.
    """
    start = file.read(len(MAGIC) + LENGTH.size)
    if len(start) < len(MAGIC) + LENGTH.size or start[: len(MAGIC)] != MAGIC:
        raise VaultError(f"{name} must start with {MAGIC.decode()} and a length; it does not.")
    (length,) = LENGTH.unpack(start[len(MAGIC) :])
    if length > MOST_HEADER_BYTES:
        raise VaultError(f"The header of {name} must have at most {MOST_HEADER_BYTES} bytes, got {length}.")
    packed = file.read(length)
    if len(packed) < length:
        raise VaultError(f"The header of {name} is cut off: {len(packed)} of {length} bytes.")
    try:
        given: Any = json.loads(packed)
        header = Header(
            bound=Bound(given["camera"], datetime.fromtimestamp(given["hour"], UTC)),
            started_at=moment(given["started_at_us"]),
            width=given["width"],
            height=given["height"],
            custodian=given["custodian"],
            sealed_key=bytes.fromhex(given["sealed_key"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise VaultError(f"The header of {name} cannot be read: {type(error).__name__} {error}.") from error
    return header, hashlib.sha256(packed).digest()
