"""Measured facts in plain words: known keys get words and a unit; others are shown as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cameras.event_kinds import KINDS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


# name: (words, unit, decimals); body heights per second need no calibrated camera
FACTS: "dict[str, tuple[StrOrPromise, str, int]]" = {
    "people": (_("People followed"), "", 0),
    "fast_people": (_("Of them moving fast"), "", 0),
    "speed": (_("Fastest, body heights/s"), "", 1),
    "down_s": (_("On the ground for"), "s", 0),
    "vehicle_speed": (_("Vehicle near people, body heights/s"), "", 1),
    "pair_energy": (_("Between close people, body heights/s"), "", 1),
    "limb_energy": (_("Limbs, body heights/s"), "", 1),
    "outward": (_("Moving apart, body heights/s"), "", 1),
    "direction_spread": (_("Different directions"), "%", 0),
    "density": (_("Picture filled with people"), "%", 0),
    "lying": (_("Low on the ground"), "%", 0),
}
SHARES = {"direction_spread", "density", "lying"}  # 0 to 1, shown as %
NOT_SHOWN = {"duration_s"}  # stands beside the time already
SMALLEST_SHOWN = 0.05


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the facts: what was measured, and how much."""

    label: str
    text: str


def kind_words(kind: str) -> str:
    """Return the neutral words for a kind of event."""
    return str(KINDS.get(kind) or kind.replace("-", " ").replace("_", " ").capitalize())


def facts_in_words(facts: Mapping[str, object]) -> list[Fact]:
    """Return the facts worth reading, known ones first in a fixed order; what was measured as nothing is left out."""
    lines = []
    for name, (label, unit, decimals) in FACTS.items():
        value = facts.get(name)
        if not isinstance(value, int | float) or (value < SMALLEST_SHOWN and name != "people"):
            continue
        shown = value * 100 if name in SHARES else value
        lines.append(Fact(str(label), f"{shown:.{decimals}f} {unit}".strip()))
    for name, value in facts.items():
        if name not in FACTS and name not in NOT_SHOWN:
            text = f"{value:.2f}" if isinstance(value, float) else str(value)
            lines.append(Fact(name.removesuffix("_s").replace("_", " ").capitalize(), text))
    return lines
