import re
import tomllib
from collections.abc import Iterator
from itertools import product
from typing import Any, get_args

import pytest
from django.utils import translation

from alerts.wording import FACTS as FACT_WORDS
from cameras.event_kinds import KINDS as KIND_WORDS
from inference.core.detection.sentence import VOCABULARY_FILE, make_sentence, vocabulary
from inference.core.errors import DetectionError
from inference.core.events import EventKind

ACCUSING = {
    "en": (
        r"suspect|suspicious|criminal|crime|offen[cd]|attack|assault|fight|brawl|violen|aggress|threat|danger|weapon|knife|"
        r"\bgun|steal|theft|thief|\brob|vandal|terror|riot|panic|victim|perpetrator|culprit|guilty|illegal|unlawful|"
        r"abnormal|normal|deviant|loiter|intru|hostile|harass|abus|\bhit|punch|kick|fled|flee|escap|chas|anomal|incident"
    ),
    "nb": (
        r"mistenk|kriminell|forbry|angrep|angrip|overfall|slåss|slags|vold|aggressi|trussel|truer|\btru|farlig|\bfare\b|våpen|kniv|"
        r"pistol|tyv|stjel|stjål|\bran\b|hærverk|terror|opptøy|panikk|\boffer|gjerning|skyldig|ulovlig|unormal|normal|avvik|"
        r"bråk|krangel|slag\b|spark|flykt|rømm|jage|jager|trakasser|fiendtlig|hendelse|inntreng|lovbrudd|straff"
    ),
}
IDENTIFYING = {
    "en": (
        r"\bm[ae]n\b|woman|women|\b(fe)?males?\b|\bboy|\bgirl|child|\bkids?\b|elder|young|\bold\b|\bage[ds]?\b|gender|\bsex|"
        r"black|white|brown|ethnic|\brac(e|ial)|\bskin|migrant|foreign|homeless|beggar|begging|drunk|disab|wheelchair|crutch|"
        r"religio|muslim|jew|christian|sikh|pray|\bgay|\bface|identi|\bhe\b|\bshe\b|\bhis\b|\bher\b|cloth|wearing"
    ),
    "nb": (
        r"mann|\bmenn\b|kvinne|dame|gutt|jente|\bbarn|\bunge?\b|eldre|gammel|gamle|alder|kjønn|svart|\bhvit|brun|etnisk|rase|hud\b|"
        r"hudfarge|innvandr|utlending|fremmed|hjemløs|tigger|tigging|beruset|\bfull\b|funksjons|rullestol|krykke|relig|"
        r"muslim|jøde|kristen|homofil|ansikt|identi|\bhan\b|\bhun\b|\bhans\b|\bhennes\b|klær|kledd"
    ),
}
REFUSED = "|".join([*ACCUSING.values(), *IDENTIFYING.values()])
"""Each language's words are refused in all: `terror` and `normal` are spelt alike, and templates get copied."""
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


@pytest.mark.parametrize(
    "sentence",
    [
        "Suspect running", "Two men near a car", "A fight", "One person attacks another", "He flees",
        "Man with a knife", "Young people gathering", "Group loitering", "Possible theft", "Black person running",
        "Abnormal movement", "Person in wheelchair", "Voldelig oppførsel", "To menn ved en bil", "Mistenkelig adferd",
        "Et slagsmål", "Ungdom angriper", "Person truer med kniv", "En kvinne ligger nede", "Barn løper",
        "Unormal bevegelse", "Hun flykter", "Ran i butikk",
    ],
)  # fmt: skip
def test_the_refused_words_would_be_found(sentence: str) -> None:
    assert re.search(REFUSED, sentence, re.IGNORECASE)


def test_the_words_of_other_languages_are_known_here_before_they_are_shipped() -> None:
    assert set(vocabulary()) <= set(ACCUSING) & set(IDENTIFYING), "add the refused words of the new language first"


def test_vocabularies_lie_in_one_file_that_is_read_whole() -> None:
    folder = VOCABULARY_FILE.parent
    assert [path.name for path in folder.parent.rglob("vocabular*")] == [VOCABULARY_FILE.name]
    assert set(vocabulary()) == set(tomllib.loads(VOCABULARY_FILE.read_text(encoding="utf-8")))


def every_fact() -> Iterator[dict[str, float]]:
    """Facts on both sides of every line that the sentence draws."""
    for people, fast, spread, speed, pair, limb, outward, down in product(
        (0, 1, 5), (0, 1, 3), (0.1, 0.9), (0.5, 3.0), (0.0, 0.9), (0.0, 0.9), (0.0, 0.9), (0.0, 7.0)
    ):
        yield facts(
            people=people, fast_people=fast, direction_spread=spread, speed=speed, pair_energy=pair, limb_energy=limb,
            outward=outward, down_s=down, duration_s=9.0,
        )  # fmt: skip


@pytest.mark.parametrize("language", sorted(vocabulary()))
def test_no_sentence_that_can_be_made_accuses_or_identifies_and_every_phrase_is_reached(language: str) -> None:
    made = {make_sentence(kind, values, language) for kind in KINDS for values in every_fact()}
    assert not [sentence for sentence in made if re.search(REFUSED, sentence, re.IGNORECASE)]
    for name, phrase in vocabulary()[language]["lead"].items():
        assert any(sentence.startswith(phrase) for sentence in made), f"no facts lead to {name}"


def test_the_norwegian_sentences_are_norwegian() -> None:
    english = set(phrases(vocabulary()["en"]["lead"]))
    norwegian = list(phrases(vocabulary()["nb"]["lead"]))
    assert not english & set(norwegian)
    for phrase in norwegian:
        assert not re.search(r"\b(people|moving|the|with|person low|of|after|vehicle)\b", phrase, re.IGNORECASE), phrase
        assert re.search(r"person|kjøretøy|beveg", phrase, re.IGNORECASE), phrase


@pytest.mark.parametrize("words", [*KIND_WORDS.values(), *(label for label, _, _ in FACT_WORDS.values())])
def test_the_words_of_the_alert_page_accuse_and_identify_nobody(words: str) -> None:
    for language in vocabulary():
        with translation.override(language):
            assert not re.search(REFUSED, str(words), re.IGNORECASE)


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
