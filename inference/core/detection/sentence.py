"""Neutral sentences from measured facts; every word comes from `vocabulary.toml`.

An operator reads the sentence first. It may say what moved, how fast and for how long. It never says what that means:
no crime, no intent, no identity. The test of the vocabulary holds this in every language.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from inference.core.errors import DetectionError
from inference.core.events import EventKind

VOCABULARY_FILE = Path(__file__).with_name("vocabulary.toml")
FAST = 1.4
AGITATED = 0.45


@cache
def vocabulary() -> Mapping[str, Any]:
    """Give the whole vocabulary: language code, then phrases by name."""
    with VOCABULARY_FILE.open("rb") as file:
        return tomllib.load(file)


def choose_lead(kind: EventKind, facts: Mapping[str, float]) -> str:
    """Give the name of the phrase that says best what was measured.

    Args:
        kind: kind of the event.
        facts: as `FactWindow` of `facts.py` gives them.
    """
    if kind == "vehicle-among-people":
        return "vehicle"
    if kind == "person-on-ground":
        return "on-ground"
    if facts["fast_people"] >= 2 and facts["direction_spread"] >= 0.4:
        return "several-fast-apart"
    if kind == "dispersal":
        return "outward" if facts["outward"] >= 0.15 else "several-fast-together"
    if facts["pair_energy"] >= AGITATED and facts["people"] >= 2:
        return "close-agitated"
    if facts["fast_people"] >= 2:
        return "several-fast-together"
    if facts["speed"] >= FAST:
        return "one-fast"
    return "one-agitated" if facts["limb_energy"] >= AGITATED else "unusual"


def make_sentence(kind: EventKind, facts: Mapping[str, float], language: str = "en") -> str:
    """Say what was measured, in neutral words: "Several people moving fast in different directions; 4 people; 12 s".

    Args:
        kind: kind of the event.
        facts: as in `choose_lead`, and `duration_s`, `down_s`.
        language: `en` or `nb`.

    Raises:
        DetectionError: the vocabulary has no such language.
    """
    words = vocabulary().get(language)
    if words is None:
        raise DetectionError(f"`language` must be one of {', '.join(sorted(vocabulary()))}, got {language!r}.")
    lead = choose_lead(kind, facts)
    parts = [words["lead"][lead]]
    if lead == "on-ground" and facts["down_s"] >= 1.0:
        parts.append(words["detail"]["down"].format(value=facts["down_s"]))
    elif lead in {"several-fast-apart", "several-fast-together", "one-fast"}:
        parts.append(words["detail"]["speed"].format(value=facts["speed"]))
    people = round(facts["people"])
    parts.append(
        words["nobody"] if people < 1 else words["one_person"] if people == 1 else words["people"].format(value=people)
    )
    parts.append(words["seconds"].format(value=max(1.0, facts["duration_s"])))
    return str(words["list"].join(parts))
