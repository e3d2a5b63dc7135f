"""What is known to go wrong with each kind of event, for whoever judges one; as the detector's card has it."""

from typing import Final

from django.utils.translation import gettext_lazy as _

LIMITS: Final = {
    "unusual-movement": (
        _("Play, sport, dancing and people who hurry look alike to it."),
        _("Of ten fights in real clips of surveillance cameras it found about four; look also where it is silent."),
        _("The highlighted region is often somebody beside it: of computer-made fights it hit six in ten."),
    ),
    "dispersal": (
        _("Many who leave at once, as from a tram, look like a crowd that runs apart."),
        _("Of computer-made ones it finds about one in six, and the region hits four in ten."),
    ),
    "person-on-ground": (
        _("Who sits down, kneels, ties a shoe or leaves the picture below can look like a fall."),
        _("Of computer-made falls it finds about one in three; behind furniture none."),
    ),
    "vehicle-among-people": (
        _("A bus or van that passes between camera and pavement looks as if it were among people."),
    ),
}
EVERYWHERE: Final = _("It sees silhouettes only: no weapon, no fire, no face, no sound, nothing that is covered.")
"""The figures stand, each with its command, in docs/detection.md (tests/alerts/test_neighbours.py compares them)."""


def limits_of(kind: str) -> list[str]:
    """Return what is known to go wrong with a kind of event, in the reader's language."""
    return [str(limit) for limit in (*LIMITS.get(kind, ()), EVERYWHERE)]
