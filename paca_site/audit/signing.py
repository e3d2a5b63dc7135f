"""The installation's key, which signs checkpoints of the trail and exports.

Ed25519, made once, in a file that only its owner may read.

Source: RFC 8032 (Ed25519), by the library `cryptography`.
"""

import hashlib
from enum import StrEnum, unique
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from paca_site.key_file import KeyFileError, key_file_read

KEY_BYTES = 32


@unique
class Purpose(StrEnum):
    """What is signed; stands, with a line's end, before the text, so that no signature serves for anything else."""

    CHECKPOINT = "paca audit checkpoint 1"
    ALERT_EXPORT = "paca alert export 1"
    BOX_CONFIGURATION = "paca box configuration 1"
    DELETION_RECORD = "paca deletion record 1"


class SigningError(Exception):
    """The key cannot be used; the text says which file and why."""


def signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the private key in `path` (raw, 32 bytes), making it (mode 0600) the first time.

    Raises:
        SigningError: the file is there but is no key, or others may read it.
    """
    try:
        content = key_file_read(path, KEY_BYTES, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
    except KeyFileError as error:
        raise SigningError(str(error)) from error
    return Ed25519PrivateKey.from_private_bytes(content)


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return SHA-256 of the public key, 64 hex digits: what people compare."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()


def public_fingerprint(path: Path) -> str:
    """Return the fingerprint of the key in `path`, empty if there is none yet: pages make no keys."""
    return fingerprint(signing_key(path).public_key()) if path.exists() else ""


def sign(key: Ed25519PrivateKey, purpose: Purpose, text: str) -> str:
    """Return the signature of `text` for one purpose as 128 hex digits."""
    return key.sign(_signed(purpose, text)).hex()


def is_signed(key: Ed25519PublicKey, purpose: Purpose, text: str, signature: str) -> bool:
    """Tell whether `signature` (hex) is that of `text` by `key`, made for this purpose."""
    try:
        key.verify(bytes.fromhex(signature), _signed(purpose, text))
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed(purpose: Purpose, text: str) -> bytes:
    return f"{purpose.value}\n{text}".encode()
