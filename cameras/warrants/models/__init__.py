"""Releases of unmasked footage under a warrant."""

from cameras.warrants.models.grants import Grant
from cameras.warrants.models.releases import (
    LIVE_STATES,
    MOST_VIEW_HOURS,
    OPEN_STATES,
    SHA256,
    SHORTEST_REASON,
    FootageRelease,
    HandedFile,
    ReleasePart,
    State,
)
from cameras.warrants.models.viewing import ReleasedKey, Viewing

__all__ = [
    "LIVE_STATES",
    "MOST_VIEW_HOURS",
    "OPEN_STATES",
    "SHA256",
    "SHORTEST_REASON",
    "FootageRelease",
    "Grant",
    "HandedFile",
    "ReleasePart",
    "ReleasedKey",
    "State",
    "Viewing",
]
