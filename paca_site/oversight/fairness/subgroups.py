"""How well people of different kinds are covered: what the shipped mask card measured, and what nobody has tested."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from paca_site.oversight.cards import card_text, section_points

logger = logging.getLogger(__name__)
CARD: Final = "paca-seg"
TABLE: Final = "Who is missed"
LIMITS: Final = "Limits, in plain words"
UNTESTED: Final = "Not measured as groups of their own:"
DIMENSIONS: Final = {
    "height": _("height"),
    "light": _("light"),
    "crowding": _("crowding"),
    "occlusion": _("occlusion"),
}
"""Words of the card by which people are grouped; the card itself is English."""
GROUPS: Final = {
    "under 16": _("under 16"),
    "over 120": _("over 120"),
    "dark (< 60)": _("dark (< 60)"),
    "normal": _("normal"),
    "bright (> 180)": _("bright (> 180)"),
    "10 or more": _("10 or more"),
    "free": _("free"),
    "cut by the border": _("cut by the border"),
    "touches another": _("touches another"),
}
"""Groups with words in them; one of numbers only reads alike everywhere."""
NOT_MEASURED_CARD: Final = (
    "Not measured as groups of their own: wheelchairs, prams, children, rain, infrared, views from straight above, "
    "skin tone, clothing. A second training seed was not run: intervals are over pictures, people and counts."
)
NOT_MEASURED: Final = _(
    "Not measured as groups of their own: wheelchairs, prams, children, rain, infrared, views from straight above, "
    "skin tone, clothing. A second training seed was not run: intervals are over pictures, people and counts."
)
SHARE = re.compile(r"(?P<value>[01]\.\d+)(?: \((?P<low>[01]\.\d+) to (?P<high>[01]\.\d+)\))?$")


@dataclass(frozen=True, slots=True)
class Measured:
    """A share, 0 to 1, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Subgroup:
    """People of one kind.

    Attributes:
        name: such as "under 16".
        people: how many were labelled.
        covered: share of whom nine tenths or more were covered.
        missed: share of whom less than three tenths were.
    """

    name: str
    people: int
    covered: Measured
    missed: Measured

    @property
    def label(self) -> str:
        """The name in the reader's language; as the card writes it where it is new."""
        return str(GROUPS.get(self.name, self.name))


@dataclass(frozen=True, slots=True)
class Dimension:
    """Kinds of people by one thing, such as their height in the picture."""

    name: str
    groups: tuple[Subgroup, ...]

    @property
    def label(self) -> str:
        """The name in the reader's language; as the card writes it where it is new."""
        return str(DIMENSIONS.get(self.name, self.name))

    @property
    def gap(self) -> float:
        """Difference of the covered shares between the best and the worst group, 0 to 1."""
        shares = [group.covered.value for group in self.groups]
        return max(shares) - min(shares)

    @property
    def gap_bound(self) -> float:
        """The largest difference that fits the intervals: best upper end against worst lower end."""
        return max(group.covered.high for group in self.groups) - min(group.covered.low for group in self.groups)


@dataclass(frozen=True, slots=True)
class MaskingBySubgroup:
    """What the card says; `fault` is told in place of what cannot be read."""

    dimensions: tuple[Dimension, ...] = ()
    untested: str = ""
    fault: str = ""

    @property
    def untested_words(self) -> str:
        """What was not measured, in the reader's language; as the card writes it where it says something new."""
        return str(NOT_MEASURED) if self.untested == NOT_MEASURED_CARD else self.untested


def masking_by_subgroup() -> MaskingBySubgroup:
    """Read the shipped mask card; what it does not have is told as a fault and logged, never left out."""
    try:
        card = card_text(CARD)
        return MaskingBySubgroup(tuple(dimensions_of(card)), untested_of(card))
    except (OSError, ValueError) as error:
        logger.error("fairness: the mask card %s cannot be read: %s", CARD, error)
        return MaskingBySubgroup(fault=gettext("What was measured by kind of person cannot be read; the log says why."))


def dimensions_of(card: str) -> list[Dimension]:
    """Return the table of who is missed.

    Raises:
        ValueError: it is not there, or a row is not as the card's writer writes it.
    """
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in _table(card.splitlines())]
    found: dict[str, list[Subgroup]] = {}
    for cells in rows[2:]:  # after the heading and its rule
        if len(cells) != 5 or ": " not in cells[0]:
            raise ValueError(f"a row of {TABLE!r} has 5 cells, the first as 'kind: group'; got {cells}")
        kind, _, name = cells[0].partition(": ")
        found.setdefault(kind, []).append(Subgroup(name, int(cells[1]), _measured(cells[3]), _measured(cells[4])))
    if not found:
        raise ValueError(f"it has no table under {TABLE!r}")
    return [Dimension(kind, tuple(groups)) for kind, groups in found.items()]


def untested_of(card: str) -> str:
    """Return what the card says was not measured.

    Raises:
        ValueError: it does not say.
    """
    for point in section_points(card, LIMITS):
        if point.startswith(UNTESTED):
            return point
    raise ValueError(f"its limits do not begin a point with {UNTESTED!r}")


def _table(lines: Iterable[str]) -> list[str]:
    rows: list[str] = []
    is_inside = False
    for line in lines:
        if line.startswith("#"):
            is_inside = line.lstrip("# ").startswith(TABLE)
        elif is_inside and line.startswith("|"):
            rows.append(line)
    return rows


def _measured(cell: str) -> Measured:
    match = SHARE.match(cell)
    if match is None or match["low"] is None:
        raise ValueError(f"a share is written as '0.568 (0.220 to 0.956)', got {cell!r}")
    return Measured(float(match["value"]), float(match["low"]), float(match["high"]))
