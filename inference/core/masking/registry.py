"""The maskers there are, by name. A new one is one line here; the contract tests find it by itself."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final

from inference.core.errors import MaskingError
from inference.core.masking.base import Masker, Segmenter
from inference.core.masking.cover_all import CoverAllConfig, CoverAllMasker
from inference.core.masking.paca_seg import PacaSegConfig, PacaSegMasker


@dataclass(frozen=True, slots=True)
class MaskerEntry:
    """A masker that can be asked for.

    Attributes:
        config: frozen dataclass of its options.
        make: builds it from its config and, for tests and shared networks, a network of the caller's.
        uses_network: whether a network may be given.
    """

    config: type[Any]
    make: Callable[[Any, Segmenter | None], Masker]
    uses_network: bool


MASKERS: Final[dict[str, MaskerEntry]] = {
    "paca-seg": MaskerEntry(PacaSegConfig, PacaSegMasker, uses_network=True),
    "cover-all": MaskerEntry(CoverAllConfig, lambda config, _: CoverAllMasker(config), uses_network=False),
}


def create_masker(name: str, *, network: Segmenter | None = None, **options: Any) -> Masker:
    """Return a new masker.

    Args:
        name: one of `MASKERS`.
        network: for maskers that use one, in place of their own.
        options: fields of the masker's config.

    Raises:
        MaskingError: the name, an option or a value is not allowed; says what is.
    """
    if name not in MASKERS:
        raise MaskingError(f"The masker must be one of {', '.join(MASKERS)}, got {name!r}.")
    entry = MASKERS[name]
    if network is not None and not entry.uses_network:
        raise MaskingError(f"The masker {name!r} uses no network, but one was given.")
    allowed = [field.name for field in fields(entry.config)]
    unknown = sorted(set(options) - set(allowed))
    if unknown:
        raise MaskingError(f"The masker {name!r} has the options {', '.join(allowed)}; got {', '.join(unknown)}.")
    return entry.make(entry.config(**options), network)
