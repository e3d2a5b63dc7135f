"""The custodian's key file: the private key under a passphrase. Made and kept outside of PACA, which never stores it.

Source: scrypt, RFC 7914 (N=2^17, r=8, p=1: the OWASP Password Storage Cheat Sheet's first choice, 128 MiB a guess).
"""

import hashlib
import json
import os
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from inference.core.errors import VaultError
from inference.core.vault.keys import KEY_BYTES, NONCE_BYTES

FORMAT: Final = "paca custodian key 1"
LEAST_PASSPHRASE: Final = 12
COST: Final = 2**17


def fingerprint(public_key: X25519PublicKey) -> str:
    """Return SHA-256 of the public key, 64 hex digits: what people compare."""
    return hashlib.sha256(public_key.public_bytes_raw()).hexdigest()


def key_file_make(passphrase: str) -> tuple[bytes, X25519PublicKey]:
    """Return the content of a new key file, and the public key to register.

    Raises:
        VaultError: the passphrase has fewer than 12 characters.
    """
    passphrase_check(passphrase)
    private_key = X25519PrivateKey.generate()
    public_key = private_key.public_key()
    salt, nonce = os.urandom(16), os.urandom(NONCE_BYTES)
    sealed = AESGCM(stretch(passphrase, salt)).encrypt(nonce, private_key.private_bytes_raw(), _bound(public_key))
    content = {
        "format": FORMAT,
        "public": public_key.public_bytes_raw().hex(),
        "fingerprint": fingerprint(public_key),
        "salt": salt.hex(),
        "nonce": nonce.hex(),
        "sealed": sealed.hex(),
    }
    return json.dumps(content, indent=1).encode() + b"\n", public_key


def key_file_open(content: bytes, passphrase: str) -> X25519PrivateKey:
    """Return the private key.

    Raises:
        VaultError: it is no key file, the passphrase is wrong, or the file was changed.
    """
    fields = _fields(content)
    public_key = X25519PublicKey.from_public_bytes(fields["public"])
    try:
        raw = AESGCM(stretch(passphrase, fields["salt"])).decrypt(fields["nonce"], fields["sealed"], _bound(public_key))
    except (InvalidTag, ValueError) as error:
        raise VaultError("The key file does not open: the passphrase is wrong, or the file was changed.") from error
    return X25519PrivateKey.from_private_bytes(raw)


def public_key_of(content: bytes) -> X25519PublicKey:
    """Return the public key in a key file; needs no passphrase.

    Raises:
        VaultError: it is no key file.
    """
    return X25519PublicKey.from_public_bytes(_fields(content)["public"])


def _fields(content: bytes) -> dict[str, bytes]:
    try:
        given: Any = json.loads(content)
        if given["format"] != FORMAT:
            raise VaultError(f'The key file must be of the format "{FORMAT}", got {given["format"]!r}.')
        fields = {name: bytes.fromhex(given[name]) for name in ("public", "salt", "nonce", "sealed")}
    except (ValueError, KeyError, TypeError) as error:
        raise VaultError(f'This is no custodian key file ("{FORMAT}"): {type(error).__name__} {error}.') from error
    if len(fields["public"]) != KEY_BYTES:
        raise VaultError(f"The public key must have {KEY_BYTES} bytes, it has {len(fields['public'])}.")
    return fields


def passphrase_check(passphrase: str) -> None:
    """Refuse a passphrase that is too short.

    Raises:
        VaultError: it has fewer than 12 characters.
    """
    if len(passphrase) < LEAST_PASSPHRASE:
        raise VaultError(f"The passphrase must have at least {LEAST_PASSPHRASE} characters; got {len(passphrase)}.")


def stretch(passphrase: str, salt: bytes) -> bytes:
    """Return the 32-byte key that a passphrase makes with a salt of 16 bytes."""
    return Scrypt(salt=salt, length=KEY_BYTES, n=COST, r=8, p=1).derive(passphrase.encode())


def _bound(public_key: X25519PublicKey) -> bytes:
    return FORMAT.encode() + public_key.public_bytes_raw()
