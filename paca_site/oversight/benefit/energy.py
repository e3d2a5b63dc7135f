"""What the shipped masker takes, as `evaluate energy` measured it and the mask card tells."""

import logging
import re
from dataclasses import dataclass
from typing import Final

from paca_site.oversight.cards import card_text, section_points

logger = logging.getLogger(__name__)
CARD: Final = "paca-seg"
POINT = re.compile(
    r"Size (?P<size>\w+): (?P<cpu_s>\d+) CPU seconds per camera-hour at (?P<fps>\d+) fps "
    r"\((?P<frame_ms>[\d.]+) ms a frame\)"
)


@dataclass(frozen=True, slots=True)
class CardEnergy:
    """CPU seconds for each camera-hour of masking at so many frames a second, on the machine of the card."""

    size: str
    cpu_s: int
    fps: int
    frame_ms: float


def card_energy() -> CardEnergy | None:
    """Return the card's figure; None, and a line in the log, where it cannot be read."""
    try:
        points = section_points(card_text(CARD), "Cost")
    except OSError as error:
        logger.error("benefit: the mask card %s cannot be read: %s", CARD, error)
        return None
    for point in points:
        if match := POINT.match(point):
            return CardEnergy(match["size"], int(match["cpu_s"]), int(match["fps"]), float(match["frame_ms"]))
    logger.error("benefit: the mask card %s tells no CPU seconds per camera-hour under 'Cost'", CARD)
    return None
