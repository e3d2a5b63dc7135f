"""The mint: who holds it may make `MaskedFrame`s. Imported inside this package only (import-linter and a test hold it)."""

from typing import Final

MINT: Final = object()
