"""Keys of the raw vault: one data key per sealed file, which only the custodian can unwrap while its secret exists.

The data key (AES-256) is wrapped to the custodian's public key, so that the machine that records cannot read. What is
wrapped is sealed once more with a random secret that lies in a folder of its own: whoever destroys the secret has
destroyed the video, also every copy of it in every backup, and the custodian's key does not bring it back.

Source: HPKE, RFC 9180 (DHKEM X25519, HKDF-SHA256, AES-256-GCM); AES-GCM, NIST SP 800-38D; both by `cryptography`.
"""

import os
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from inference.core.errors import VaultError
from inference.core.frames import check_aware

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
WRAP: Final = b"paca vault data key 1"
SEAL: Final = b"paca vault wrapped key 1"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a key and every chunk under it are bound to: moved elsewhere they open no more.

    Attributes:
        camera: key of the camera's row.
        hour: the full hour (UTC) the video lies in.
    """

    camera: int
    hour: datetime

    def __post_init__(self) -> None:
        check_aware(self.hour, "hour")
        if self.camera < 0:
            raise ValueError(f"`camera` must be 0 or more, got {self.camera}.")
        if self.hour != hour_of(self.hour):
            raise ValueError(f"`hour` must be a full hour, got {self.hour.isoformat()}.")

    def packed(self) -> bytes:
        """Return it as 16 bytes: camera and seconds since 1970, both big-endian."""
        return struct.pack(">Qq", self.camera, int(self.hour.timestamp()))


def hour_of(at: datetime) -> datetime:
    """Return the full hour (UTC) in which `at` lies."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def new_key() -> bytes:
    """Return 32 random bytes: a data key, or a secret."""
    return os.urandom(KEY_BYTES)


def wrap(data_key: bytes, public_key: X25519PublicKey, bound: Bound) -> bytes:
    """Return the data key as only the holder of the private key can read it."""
    return SUITE.encrypt(data_key, public_key, WRAP + bound.packed())


def unwrap(wrapped: bytes, private_key: X25519PrivateKey, bound: Bound) -> bytes:
    """Return the data key (32 bytes).

    Raises:
        VaultError: it was wrapped for another key, camera or hour, or was changed.
    """
    try:
        return SUITE.decrypt(wrapped, private_key, WRAP + bound.packed())
    except (InvalidTag, ValueError) as error:
        raise VaultError(
            f"The data key of camera {bound.camera}, {bound.hour:%Y-%m-%d %H:00} UTC, cannot be unwrapped: "
            "it was wrapped for another custodian key, camera or hour, or was changed."
        ) from error


def seal_wrapped(wrapped: bytes, secret: bytes, bound: Bound) -> bytes:
    """Return the wrapped key under the secret: what is stored. Each secret seals one wrapped key only."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, wrapped, SEAL + bound.packed())


def open_sealed(sealed: bytes, secret: bytes, bound: Bound) -> bytes:
    """Return the wrapped key, which `unwrap` takes.

    Raises:
        VaultError: the secret is another one's, or the stored key was changed or belongs to another camera or hour.
    """
    try:
        return AESGCM(secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], SEAL + bound.packed())
    except (InvalidTag, ValueError) as error:
        raise VaultError(
            f"The stored key of camera {bound.camera}, {bound.hour:%Y-%m-%d %H:00} UTC, does not open: "
            "its secret is another one, or it was changed."
        ) from error


def secret_write(path: Path, secret: bytes) -> None:
    """Store a secret so that it outlives a power cut before anything is sealed with it.

    Raises:
        VaultError: there is one already, others may read the folder, or the disk refuses.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.parent.stat().st_mode & 0o077:
            raise VaultError(f"The folder of secrets {path.parent} may be read by others; it must have mode 0700.")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        folder_sync(path.parent)
    except OSError as error:
        raise VaultError(f"The secret {path.name} cannot be stored: {error.strerror}.") from error


def secret_read(path: Path) -> bytes:
    """Return a stored secret.

    Raises:
        VaultError: it was destroyed (the video is gone for good), cannot be read, or is not a secret.
    """
    try:
        secret = path.read_bytes()
    except FileNotFoundError as error:
        raise VaultError(f"The secret {path.name} was destroyed: what it protected can never be read again.") from error
    except OSError as error:
        raise VaultError(f"The secret {path.name} cannot be read: {error.strerror}.") from error
    if len(secret) != KEY_BYTES:
        raise VaultError(f"The secret {path.name} must have {KEY_BYTES} bytes, it has {len(secret)}.")
    return secret


def folder_sync(folder: Path) -> None:
    """Make what was created or removed in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
