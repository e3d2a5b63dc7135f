"""The masker and the detector in short: figures from the weights' manifests, limits from their full cards."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from inference.core.errors import WeightsError
from inference.core.weights import load_manifest

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a manifest in plain words; `better` says in which direction it is good."""

    key: str
    words: "StrOrPromise"
    better: "StrOrPromise"


@dataclass(frozen=True, slots=True)
class CardSource:
    """Where a short card comes from.

    Attributes:
        name: of the weights; the full card is `docs/cards/<name>.md`.
        title: for people.
        what: what it does, in a sentence or two.
        measured_on: on what the figures stand.
        path: keys of the manifest that lead to the figures, as it runs here.
        measures: the figures that are told.
        limits: heading of the card's section on limits.
    """

    name: str
    title: "StrOrPromise"
    what: "StrOrPromise"
    measured_on: "StrOrPromise"
    path: tuple[str, ...]
    measures: tuple[Measure, ...]
    limits: str


SOURCES: Final = (
    CardSource(
        name="paca-seg",
        title=_("The masker, paca-seg"),
        what=_("Finds people, screens and vehicles in each picture, so that they are covered before all else."),
        measured_on=_("Measured in the size that runs here (s), on photographs labelled by people and new to it."),
        path=("metrics", "s_int8"),
        measures=(
            Measure(
                "person_pixel_recall", _("of the picture area that shows people is covered"), _("higher is better")
            ),
            Measure("people_covered_90", _("of the people are covered by nine tenths or more"), _("higher is better")),
            Measure(
                "people_missed", _("of the people are missed (less than three tenths covered)"), _("lower is better")
            ),
            Measure("false_masked_area", _("of the area without people is covered needlessly"), _("lower is better")),
            Measure("screen_pixel_recall", _("of the area of screens is covered"), _("higher is better")),
            Measure("vehicle_pixel_recall", _("of the area of vehicles is found"), _("higher is better")),
        ),
        limits="Limits, in plain words",
    ),
    CardSource(
        name="paca-detect",
        title=_("The detector, paca-detect"),
        what=_(
            "Looks for unusual movement in the masked video only: agitation, people running apart, a fall. "
            "It knows nothing of who somebody is."
        ),
        measured_on=_("Measured on simulated scenes; the figures on real video stand in the full card."),
        path=("metrics",),
        measures=(
            Measure(
                "recall_at_threshold",
                _("of the unusual scenes are found as it is set from the start"),
                _("higher is better"),
            ),
            Measure(
                "auc", _("of pairs of one unusual and one ordinary scene are ranked rightly"), _("50 % would be chance")
            ),
        ),
        limits="Falls short",
    ),
)


@dataclass(frozen=True, slots=True)
class ShortCard:
    """A card as the page shows it; `fault` is told in place of what could not be read."""

    source: CardSource
    figures: tuple[tuple[str, Measure], ...] = ()
    command: str = ""
    trained_on: tuple[str, ...] = ()
    licence: str = ""
    limits: tuple[str, ...] = ()
    fault: str = ""


def short_cards() -> list[ShortCard]:
    """Return all cards; one that cannot be read says so on the page and in the log."""
    return [_card(source) for source in SOURCES]


def card_path(name: str) -> Path:
    """Return where the full card of the weights `name` lies."""
    return Path(settings.BASE_DIR) / "docs" / "cards" / f"{name}.md"


def card_text(name: str) -> str:
    """Return the full card, markdown.

    Raises:
        OSError: it cannot be read.
    """
    return card_path(name).read_text(encoding="utf-8")


def _card(source: CardSource) -> ShortCard:
    try:
        manifest = load_manifest(source.name).content
        limits = section_points(card_text(source.name), source.limits)
    except (WeightsError, OSError) as error:
        logger.error("transparency: the card of %s cannot be shown: %s", source.name, error)
        return ShortCard(source, fault="What was measured cannot be read at the moment; the operator's log says why.")
    found: Any = manifest
    for key in source.path:
        found = found.get(key, {}) if isinstance(found, Mapping) else {}
    return ShortCard(
        source,
        figures=tuple((_percent(found.get(measure.key)), measure) for measure in source.measures),
        command=str(manifest.get("metrics", {}).get("command", manifest["command"])),
        trained_on=tuple(str(part) for part in manifest["data"]),
        licence=str(manifest["licence"]),
        limits=tuple(limits),
    )


def _percent(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return "not measured"
    return f"{value * 100:.1f} %"


def section_points(card: str, heading: str) -> list[str]:
    """Return the points of one section of a card, without markup; wrapped lines are one point."""
    points: list[str] = []
    is_inside = False
    for line in card.splitlines():
        if line.startswith("## "):
            is_inside = line.removeprefix("## ").strip() == heading
        elif is_inside and line.startswith("- "):
            points.append(line.removeprefix("- "))
        elif is_inside and line.startswith("  ") and points:
            points[-1] += f" {line.strip()}"
    return [point.replace("**", "").replace("`", "").strip() for point in points]
