"""Who this box is: its key, made here and never leaving, its number at the server, and the server's public key."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inference.edge.settings import BoxError

KEY, NEXT_KEY, CARD = "box.key", "box.key.next", "box.json"
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Card:
    """What the server said when the box was enrolled.

    Attributes:
        box: its number there.
        name, site: for logs.
        enrolment: how often the box was enrolled; each begins a new chain of attestations.
        server_key: public key by which configurations are checked, 64 hex digits.
        key_since: ISO 8601, when the key was made.
    """

    box: int
    name: str
    site: str
    enrolment: int
    server_key: str
    key_since: str


def write_durably(path: Path, content: bytes) -> None:
    """Write a file (mode 0600) so that after a crash it is the old one or the new one, whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_key(path: Path) -> Ed25519PrivateKey:
    """Make a key and write it down."""
    key = Ed25519PrivateKey.generate()
    write_durably(path, key.private_bytes_raw())
    return key


def read_key(path: Path) -> Ed25519PrivateKey:
    """Read a key.

    Raises:
        BoxError: there is none, or others may read it.
    """
    try:
        content, mode = path.read_bytes(), path.stat().st_mode
    except OSError as error:
        raise BoxError(f"The key {path} cannot be read ({error.strerror}): enrol the box with --enrol CODE.") from error
    if mode & 0o077:
        raise BoxError(f"The key {path} may be read by others (mode {mode & 0o777:o}): enrol the box anew.")
    if len(content) != KEY_BYTES:
        raise BoxError(f"The key {path} must hold {KEY_BYTES} bytes, it holds {len(content)}: enrol the box anew.")
    return Ed25519PrivateKey.from_private_bytes(content)


def write_card(data: Path, card: Card) -> None:
    """Write down what the server said."""
    write_durably(data / CARD, json.dumps(asdict(card)).encode())


def read_card(data: Path) -> Card:
    """Return what the server said.

    Raises:
        BoxError: the box was never enrolled, or the file is damaged.
    """
    try:
        return Card(**json.loads((data / CARD).read_bytes()))
    except OSError as error:
        raise BoxError("This box is not enrolled: start it once with --enrol CODE.") from error
    except (ValueError, TypeError) as error:
        raise BoxError(f"{data / CARD} is damaged: enrol the box anew.") from error


def now_text() -> str:
    """Return the time as it is written down."""
    return datetime.now(UTC).isoformat(timespec="seconds")
