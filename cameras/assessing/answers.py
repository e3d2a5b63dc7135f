"""The sheet of an assessment: each question with its answer, and why that may not hold any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cameras.assessing.aspects import Aspect, Configuration, fingerprints
from cameras.assessing.models import Answer, Assessment


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One question.

    Attributes:
        key: of the question.
        question: as the questionnaire has it.
        answer: the one that counts, or None.
        stale: the aspects that are not as they were when it was answered.
    """

    key: str
    question: Mapping[str, Any]
    answer: Answer | None
    stale: tuple[Aspect, ...]

    @property
    def is_settled(self) -> bool:
        """Whether there is an answer and it is up to date."""
        return self.answer is not None and not self.stale

    @property
    def depends_on(self) -> list[str]:
        """What it depends on, in words."""
        return [str(Aspect(aspect).label) for aspect in self.question["depends_on"]]


def sheet(assessment: Assessment, live: Configuration) -> list[SheetItem]:
    """Return all questions of an assessment in order; one query.

    An answer is stale where the fingerprint of an aspect it depends on is another one now.
    """
    now, answers = fingerprints(live), assessment.newest_answers()
    items = []
    for key, question in assessment.questionnaire.questions.items():
        answer = answers.get(key)
        depends: Sequence[str] = question["depends_on"] if answer else ()
        stale = tuple(Aspect(aspect) for aspect in depends if answer and answer.fingerprints.get(aspect) != now[aspect])
        items.append(SheetItem(key, question, answer, stale))
    return items


def sections(assessment: Assessment, items: Sequence[SheetItem]) -> list[tuple[str, list[SheetItem]]]:
    """Return the sheet in the sections of its questionnaire."""
    by_key = {item.key: item for item in items}
    return [
        (section["title"], [by_key[question["key"]] for question in section["questions"]])
        for section in assessment.questionnaire.content["sections"]
    ]
