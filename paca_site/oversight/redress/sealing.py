"""How to reach somebody who complained, unreadable in the database and in its backups.

Method: Fernet (AES-128-CBC and HMAC-SHA-256, of the library `cryptography`) under a key derived from the secret key of
the installation by HKDF-SHA-256 (RFC 5869). Who changes the secret key can no longer read what was sealed before.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"paca-redress-contact-1"


class SealBrokenError(Exception):
    """What was sealed cannot be read: it was changed, or the secret key was."""


def _seal() -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def seal(text: str) -> bytes:
    """Return `text` sealed; nothing stays nothing."""
    return _seal().encrypt(text.encode()) if text else b""


def unseal(sealed: bytes | memoryview) -> str:
    """Return the text.

    Raises:
        SealBrokenError: it was changed, or sealed under another secret key.
    """
    try:
        return _seal().decrypt(bytes(sealed)).decode() if sealed else ""
    except InvalidToken as error:
        raise SealBrokenError("The contact was sealed under another secret key, or was changed.") from error
