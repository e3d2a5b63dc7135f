"""The questions of the built-in course. A row is: name, number of the chapter (from 1), question, right answer, others.

Names stand in attempts for ever: a question that asks something else gets another name. A sheet asks `ASKED` of them,
in an order of its own, the answers in an order of their own; `PASS_MARK` right ones pass. With three answers each,
somebody who only guesses passes once in 386 attempts: 17 of the 3 ** 8 ways to fill in a sheet have 7 right.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ASKED: Final = 8
PASS_MARK: Final = 7


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the bank."""

    name: str
    chapter: int
    words: Promise
    right: Promise
    wrong: tuple[Promise, Promise]


QUESTIONS: Final = (
    Question(
        "what-it-sees",
        1,
        _("What does the detector get to see?"),
        _("Silhouettes and how they move"),
        (_("The unmasked picture, for a moment"), _("Faces, but without names")),
    ),
    Question(
        "weapon",
        1,
        _("The queue is empty. What does that say about weapons, fire or theft there?"),
        _("Nothing: the machine cannot see them"),
        (_("That there is none at the moment"), _("That it is unlikely, by the confidence")),
    ),
    Question(
        "confidence",
        1,
        _("An alert says 80 %. What does that mean?"),
        _("How sure the machine is; at your camera it may be wrong far more often"),
        (_("Eight of ten such alerts at your camera are real"), _("From 80 %, an alert may be confirmed unseen")),
    ),
    Question(
        "football",
        2,
        _("Boys play football; the alert says “several people moving fast”. What do you do?"),
        _("Dismiss it, with the reason that fits"),
        (_("Confirm it, as what it says is true"), _("Leave it until it runs out")),
    ),
    Question(
        "from-above",
        2,
        _("A camera looks straight down, and an alert says that a person is on the ground. What do you think of?"),
        _("From above people are as wide as high: look closely"),
        (_("From above falls are seen best"), _("The masker must have failed")),
    ),
    Question(
        "fights-found",
        3,
        _("How many of ten fights in surveillance clips did the machine find?"),
        _("Four"),
        (_("Nine"), _("All, but some late")),
    ),
    Question(
        "lies-there",
        3,
        _("Somebody lies on a bench when the camera starts. Does the machine call that a fall?"),
        _("No: it must have seen them upright first"),
        (_("Yes, after two seconds"), _("Yes, if the confidence is high enough")),
    ),
    Question(
        "quiet",
        3,
        _("No alert has come for an hour. What do you know?"),
        _("Only that the machine called nothing; it misses much"),
        (_("That nothing has happened"), _("That the detector is broken")),
    ),
    Question(
        "bare-face",
        4,
        _("You see a face that is not masked. What do you do first?"),
        _("Stop the camera, and say why"),
        (_("Take a picture of the screen as proof"), _("Dismiss the alert as a masking fault, and go on")),
    ),
    Question(
        "recognised",
        4,
        _("You think that you know somebody by the way they walk. What goes into the note?"),
        _("What happened, and nothing about who it may be"),
        (_("The name, with a question mark"), _("That you know the person, without the name")),
    ),
    Question(
        "first-the-clip",
        5,
        _("What do you do before you read the machine's confidence?"),
        _("Watch the clip and make up your mind"),
        (_("Read what colleagues decided on the last ones"), _("Nothing: the confidence comes first")),
    ),
    Question(
        "uncertain",
        5,
        _("After the clip you are not sure. What do you do?"),
        _("Escalate: a supervisor looks"),
        (_("Confirm, to be on the safe side"), _("Dismiss, as most alerts are wrong")),
    ),
)
NAMED: Final = {question.name: question for question in QUESTIONS}
