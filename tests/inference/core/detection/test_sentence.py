import re
from collections.abc import Iterator
from itertools import product
from typing import Any, get_args

import pytest

from inference.core.detection.sentence import make_sentence, vocabulary
from inference.core.errors import DetectionError
from inference.core.events import EventKind

REFUSED = (
    "suspect|suspicious|criminal|crime|offen|attack|assault|fight|brawl|violen|aggress|threat|danger|weapon|knife|gun|steal|theft|"
    "thief|rob|vandal|terror|riot|panic|victim|perpetrator|abnormal|normal|deviant|"
    r"\bman\b|\bmen\b|woman|women|male|female|boy|girl|child|elder|young|old\b|gender|black|white|ethnic|race|migrant|foreign|"
    "homeless|beggar|drunk|disab|wheelchair|religio|muslim|jew|christian|"
    "mistenk|kriminell|forbry|angrep|overfall|slåss|slags|vold|aggressiv|trussel|trus|farlig|våpen|kniv|tyv|ran\\b|hærverk|opptøy|panikk|"
    "offer|gjernings|unormal|avvik|mann|kvinne|gutt|jente|barn|eldre|ung\\b|kjønn|svart|hvit|etnisk|rase|innvandr|utlending|"
    "hjemløs|tigger|beruset|funksjons|rullestol|relig"
)
KINDS: tuple[EventKind, ...] = get_args(EventKind)


def phrases(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for inner in value.values():
            yield from phrases(inner)


def facts(**values: float) -> dict[str, float]:
    names = (
        "people fast_people speed direction_spread limb_energy pair_energy outward lying down_s density vehicle_speed"
    )
    return {**dict.fromkeys([*names.split(), "duration_s"], 0.0), **values}


@pytest.mark.parametrize("language", sorted(vocabulary()))
def test_no_phrase_accuses_or_identifies(language: str) -> None:
    for phrase in phrases(vocabulary()[language]):
        assert not re.search(REFUSED, phrase, re.IGNORECASE), phrase


def test_the_refused_words_would_be_found() -> None:
    for sentence in ("Suspect running", "Two men near a car", "Voldelig oppførsel", "A fight"):
        assert re.search(REFUSED, sentence, re.IGNORECASE)


def test_every_language_has_the_same_phrases() -> None:
    english = vocabulary()["en"]
    for words in vocabulary().values():
        assert words.keys() == english.keys()
        assert words["lead"].keys() == english["lead"].keys()
        assert words["detail"].keys() == english["detail"].keys()


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, sorted(vocabulary()))))
def test_every_kind_can_be_said_in_every_language(kind: EventKind, language: str) -> None:
    for values in (facts(), facts(people=7, fast_people=5, speed=2.5, direction_spread=0.9, duration_s=31, down_s=4)):
        sentence = make_sentence(kind, values, language)
        assert "{" not in sentence
        assert sentence.endswith(" s")


def test_the_sentence_says_what_was_measured() -> None:
    values = facts(people=4, fast_people=3, speed=2.04, direction_spread=0.7, duration_s=12.2)
    assert make_sentence("unusual-movement", values) == (
        "Several people moving fast in different directions; up to 2.0 body heights per second; 4 people; 12 s"
    )


def test_an_unknown_language_is_refused_with_the_allowed_ones() -> None:
    with pytest.raises(DetectionError, match="en, nb"):
        make_sentence("dispersal", facts(), "xx")
