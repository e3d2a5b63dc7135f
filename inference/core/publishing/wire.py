"""The live frame on the wire: 4 bytes of header length, JSON, picture (JPEG, or H.264 of a film).

Standard library only: the web process reads it.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

LENGTH: Final = struct.Struct(">I")
MAX_HEADER_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class LiveHeader:
    """What travels with a live picture.

    Attributes:
        index: of the frame in its stream.
        captured_at, masked_at: when the decoder received it and when the masker had covered it; aware.
        withheld: why the frame is a flat colour, in words; empty if it is shown.
        width, height: pixels of the masked frame (the picture may be smaller).
        meta: whatever else the publisher adds (JSON values), such as tracks or the score; of a film
            `film` (`key` or `delta`) and `codec`.
    """

    index: int
    captured_at: datetime
    masked_at: datetime
    withheld: str
    width: int
    height: int
    meta: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def join_live(header: LiveHeader, picture: bytes) -> bytes:
    """Put header and picture into one message."""
    fields = {
        "index": header.index,
        "captured_at": header.captured_at.isoformat(),
        "masked_at": header.masked_at.isoformat(),
        "withheld": header.withheld,
        "width": header.width,
        "height": header.height,
        "meta": dict(header.meta),
    }
    text = json.dumps(fields, separators=(",", ":"), allow_nan=False).encode()
    if len(text) > MAX_HEADER_BYTES:
        raise ValueError(f"The header must be at most {MAX_HEADER_BYTES} bytes, got {len(text)}.")
    return LENGTH.pack(len(text)) + text + picture


def unpack_live(message: bytes) -> tuple[LiveHeader, bytes]:
    """Take a message apart into header and picture.

    Raises:
        ValueError: it is no such message.
    """
    if len(message) < LENGTH.size:
        raise ValueError(f"A live message has at least {LENGTH.size} bytes, got {len(message)}.")
    (length,) = LENGTH.unpack_from(message)
    end = LENGTH.size + length
    if length > MAX_HEADER_BYTES or end > len(message):
        raise ValueError(f"A live message of {len(message)} bytes cannot have a header of {length}.")
    try:
        fields = json.loads(message[LENGTH.size : end])
        header = LiveHeader(
            index=int(fields["index"]),
            captured_at=datetime.fromisoformat(fields["captured_at"]),
            masked_at=datetime.fromisoformat(fields["masked_at"]),
            withheld=str(fields["withheld"]),
            width=int(fields["width"]),
            height=int(fields["height"]),
            meta=MappingProxyType(dict(fields["meta"])),
        )
    except (KeyError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"The header of a live message lacks or garbles {error}.") from error
    return header, message[end:]
