"""One sheet of questions: drawn by its nonce, so that what is sent back is marked against what was shown.

The nonce travels signed in the form, with whose sheet it is: to ask for a sheet writes nothing, and nobody makes one
up.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from django.core import signing
from django.utils.functional import Promise

from alerts.training.course import VERSION
from alerts.training.questions import ASKED, QUESTIONS, Question
from paca_site.accounts.models import User

SALT: Final = "alerts.training.sheet"
GOOD_FOR: Final = timedelta(hours=12)
"""About a shift."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its answers in this sheet's order."""

    question: Question
    answers: tuple[Promise, ...]
    right: int

    @property
    def field(self) -> str:
        """Its name in the form."""
        return f"answer-{self.question.name}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The questions of one sheet."""

    nonce: UUID
    asked: tuple[Asked, ...]

    def wrong(self, given: Mapping[str, int]) -> list[str]:
        """Return the names of the questions that were answered wrongly, or not at all; `given` is by question name."""
        return [asked.question.name for asked in self.asked if given.get(asked.question.name) != asked.right]


def draw_sheet(nonce: UUID) -> Sheet:
    """Return the sheet of a nonce: always the same, while the course is of the same version."""
    chance = random.Random(f"{nonce} {VERSION}")  # noqa: S311 - an order, not a secret
    asked = []
    for question in chance.sample(QUESTIONS, ASKED):
        answers = [question.right, *question.wrong]
        chance.shuffle(answers)
        asked.append(Asked(question, tuple(answers), answers.index(question.right)))
    return Sheet(nonce, tuple(asked))


def new_sheet(person: User) -> tuple[Sheet, str]:
    """Return a sheet for a person, and the token that names it in the form."""
    nonce = uuid4()
    return draw_sheet(nonce), signing.dumps([person.pk, str(nonce), VERSION], salt=SALT, compress=True)


def sheet_of_token(token: str, person: User) -> Sheet | None:
    """Return the sheet that a token names; None where it is not this person's, too old, or of an earlier course."""
    try:
        person_pk, nonce, version = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    return draw_sheet(UUID(nonce)) if (person_pk, version) == (person.pk, VERSION) else None
