"""The keys of one release: data keys wrapped anew, so that they open by two halves together and by neither alone.

One half is random and lies in the database until the release ends. The other is a code that is shown once to the
custodian, who hands it to the viewer; PACA stores it nowhere. The code has 128 random bits, so nothing needs to be
stretched: a database without the code cannot be tried out.

Each file's own secret is in its key, too: whoever destroys the secret has destroyed the video also for a backup of
the database that was made while the release was open, and for the viewer who wrote the code down.

Source: HKDF, RFC 5869; AES-GCM, NIST SP 800-38D; base32, RFC 4648; by `cryptography` and the standard library.
"""

import base64
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from inference.core.errors import VaultError

CODE_BYTES: Final = 16
HALF_BYTES: Final = 32
NONCE_BYTES: Final = 12
PURPOSE: Final = b"paca release key 2"
GROUP: Final = 4


def new_code() -> str:
    """Return a code for people: 26 letters and digits in groups of four."""
    plain = base64.b32encode(os.urandom(CODE_BYTES)).decode().rstrip("=")
    return "-".join(plain[at : at + GROUP] for at in range(0, len(plain), GROUP))


def code_bytes(code: str) -> bytes:
    """Return what a code stands for (16 bytes); spaces, hyphens and case do not matter.

    Raises:
        VaultError: it is no code.
    """
    plain = "".join(code.split()).replace("-", "").upper()
    try:
        found = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except ValueError as error:
        raise VaultError("The code has letters from A to Z and digits from 2 to 7.") from error
    if len(found) != CODE_BYTES:
        raise VaultError(f"The code has 26 letters and digits; got {len(plain)}.")
    return found


def release_key(code: str, half: bytes, release: int) -> bytes:
    """Return the key (32 bytes) of a release.

    Args:
        code: the viewer's half.
        half: 32 random bytes, the database's half.
        release: key of its row.

    Raises:
        VaultError: the code is none, or the half has another length.
    """
    if len(half) != HALF_BYTES:
        raise VaultError(f"The stored half must have {HALF_BYTES} bytes, it has {len(half)}.")
    return HKDF(SHA256(), 32, salt=half, info=PURPOSE + release.to_bytes(8, "big")).derive(code_bytes(code))


def key_seal(data_key: bytes, key: bytes, secret: bytes, path: str) -> bytes:
    """Return a data key under a release's key and the file's secret (32 bytes each), bound to the file at `path`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_with_secret(key, secret)).encrypt(nonce, data_key, PURPOSE + path.encode())


def key_open(sealed: bytes, key: bytes, secret: bytes, path: str) -> bytes:
    """Return a data key.

    Raises:
        VaultError: the code is wrong, or what is stored was changed or belongs to another file or secret.
    """
    try:
        return AESGCM(_with_secret(key, secret)).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], PURPOSE + path.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise VaultError("This code does not open this release.") from error


def _with_secret(key: bytes, secret: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=secret, info=PURPOSE + b" of a file").derive(key)
