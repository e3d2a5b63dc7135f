"""The mint: who holds it may make `MaskedFrame`s. Imported inside this package only; a test holds it."""

from typing import Final

MINT: Final = object()
