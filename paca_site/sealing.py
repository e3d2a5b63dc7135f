"""Secrets that the database keeps for us, sealed: a copy of the database alone opens no camera and makes no code.

The key lies in a file of its own (`PACA_SECRETS_KEY`), made once, readable by its owner only.

The same secret is sealed to the same text for one purpose: whoever reads the database learns that two are equal and
nothing else, a row that is saved again does not change, and a camera can be found by its address.

Source: AES-256-SIV (RFC 5297), by the library `cryptography`.
"""

import base64
import binascii
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

from paca_site.key_file import KeyFileError, key_file_read

KEY_BYTES: Final = 64
SEALED: Final = "sealed:1:"


class SealingError(Exception):
    """A secret cannot be sealed or opened; the text says with which key file, and never what it was."""


@lru_cache(maxsize=4)
def secrets_key(path: Path) -> AESSIV:
    """Return the key in `path`, making it (mode 0600) the first time.

    Raises:
        SealingError: the file is there but is no key, or others may read it.
    """
    try:
        return AESSIV(key_file_read(path, KEY_BYTES, lambda: os.urandom(KEY_BYTES)))
    except KeyFileError as error:
        raise SealingError(str(error)) from error


def seal_text(text: str, purpose: str) -> str:
    """Return `text` sealed; it opens for the same purpose only, so that no secret can be put in another's place."""
    sealed = secrets_key(settings.SECRETS_KEY).encrypt(text.encode(), [purpose.encode()])
    return SEALED + base64.urlsafe_b64encode(sealed).decode()


def open_text(sealed: str, purpose: str) -> str:
    """Return what was sealed.

    Raises:
        SealingError: it is not sealed, or with another key or for another purpose.
    """
    if not sealed.startswith(SEALED):
        raise SealingError(f"A secret ({purpose}) is not sealed: run manage.py migrate.")
    try:
        content = base64.urlsafe_b64decode(sealed.removeprefix(SEALED))
        opened = secrets_key(settings.SECRETS_KEY).decrypt(content, [purpose.encode()])
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise SealingError(
            f"A secret ({purpose}) does not open with the key {settings.SECRETS_KEY}: it was sealed with another. "
            "All processes of an installation need the same file."
        ) from error
    return opened.decode()


class SealedCharField(models.CharField):  # type: ignore[type-arg]  # text to the program
    """Text that stands sealed in the database; found by the whole text only. `max_length` counts what was typed."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Sealing lengthens."""
        return "text"

    @property
    def purpose(self) -> str:
        """What the text may be opened for."""
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_prep_value(self, value: Any) -> Any:
        """Seal."""
        plain = super().get_prep_value(value)
        return plain if plain is None or isinstance(plain, Expression) else seal_text(plain, self.purpose)

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> str | None:
        """Open."""
        return None if value is None else open_text(value, self.purpose)

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse what would never find anything: parts, beginnings, order."""
        return super().get_lookup(lookup_name) if lookup_name in {"exact", "in", "isnull"} else None
