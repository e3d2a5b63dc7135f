"""The built-in course “The machine was wrong”: what PACA's networks cannot do, and how people come to agree with them.

What a point says of the shipped networks is measured, and stands on their cards (docs/cards). `proof` is the passage of
the card behind it: a card that is written anew without it fails a test, and the words here are looked at again. Whoever
changes what the course teaches raises `VERSION`; certificates earned before keep their day.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAME: Final = "The machine was wrong"
"""Name of the course on its certificates, in English like the trail."""
TITLE: Final = _("The machine was wrong")
VERSION: Final = 1
DETECTOR, MASKER = "paca-detect", "paca-seg"


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to know.

    Attributes:
        words: a sentence or two.
        card: name of the card below docs/cards that says so; empty where it is no measured fact of a network.
        proof: the passage of that card.
    """

    words: Promise
    card: str = ""
    proof: str = ""

    @property
    def card_url_name(self) -> str:
        """Name of the address of its card, on the public page."""
        return f"oversight:card-{self.card}"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One page of the course."""

    title: Promise
    lead: Promise
    points: tuple[Point, ...]


CHAPTERS: Final = (
    Chapter(
        _("What the machine sees"),
        _("The detector gets masked video only: silhouettes and how they move. Everything else it does not know."),
        (
            Point(
                _(
                    "It measures speed, direction, distance, falling and density. It does not know what "
                    "anybody intends."
                ),
                DETECTOR,
                "It sees class maps of masked video and nothing else.",
            ),
            Point(
                _("It learned from simulated people only. Your street is something that it has never seen."),
                DETECTOR,
                "No real footage trained it or set its threshold.",
            ),
            Point(
                _("It cannot see theft, a weapon, fire or smoke. That it is silent says nothing about them."),
                DETECTOR,
                "It cannot see theft, a weapon, fire or smoke.",
            ),
            Point(
                _(
                    "Its confidence is no probability at your camera. Look at what was confirmed there before, which "
                    "stands beside it."
                ),
                DETECTOR,
                "it is not yet a probability for any",
            ),
        ),
    ),
    Chapter(
        _("What it calls wrongly"),
        _(
            "Most of what looks unusual to the machine is ordinary. Each of the reasons for a "
            "dismissal was once an alert."
        ),
        (
            Point(
                _("Play, sport, dancing, and running for the bus: fast, close and in many directions, like a fight.")
            ),
            Point(_("A dense but calm crowd: many silhouettes that touch are one restless shape to it.")),
            Point(
                _("Light, rain and a shaking camera move the picture, and the machine takes that for people who move.")
            ),
            Point(
                _("A masking fault: a shadow or a bag that is masked as a person becomes somebody who falls or jumps.")
            ),
            Point(
                _(
                    "At a camera seen from straight above, people are as wide as high. “A person on the ground” means "
                    "little there."
                ),
                DETECTOR,
                "Seen from straight above, people are as wide as high; the fall head is then unreliable.",
            ),
        ),
    ),
    Chapter(
        _("What it misses"),
        _("A quiet queue is no proof of a quiet place. What the machine misses never becomes an alert."),
        (
            Point(
                _("Of ten fights in surveillance clips that it was tested on, it found four."),
                DETECTOR,
                "four in ten of the fights on the surveillance clips are found",
            ),
            Point(
                _("A fight of people who are small in the picture is not told from a restless group."),
                DETECTOR,
                "is not told from a restless group",
            ),
            Point(
                _("Somebody who lies there from the start, or falls behind something, is no fall to it."),
                DETECTOR,
                "it must be seen upright first",
            ),
            Point(
                _("One person who chases another is not called: it takes three people who move fast."),
                DETECTOR,
                "Dispersal needs three people moving fast; a chase of two is not called.",
            ),
            Point(
                _(
                    "It calls a fall only after somebody has been down for two seconds. The clip shows "
                    "what came before."
                ),
                DETECTOR,
                "A fall is called two seconds after somebody is down",
            ),
        ),
    ),
    Chapter(
        _("What the mask hides, and what it does not"),
        _("Masked is not anonymous. And what the masker does not find, it does not cover."),
        (
            Point(
                _("In single pictures about one person in twelve was not covered, of small ones one in five."),
                MASKER,
                "about one person in 12 in such photographs is missed, of those under 60 pixels tall one in 5.0",
            ),
            Point(
                _(
                    "In video it covers far more, by holding on to whoever it has seen once. Whom it "
                    "never finds stays bare."
                ),
                MASKER,
                "A person whom the network never finds is never covered",
            ),
            Point(
                _("A silhouette still tells of gait, build, a wheelchair, company. Never write down who it may be."),
                MASKER,
                "a silhouette tells of gait, build, a wheelchair, company",
            ),
            Point(
                _(
                    "Nobody has measured how well it covers people by skin tone, wheelchairs, prams or "
                    "children, nor in "
                    "rain or infrared light."
                ),
                MASKER,
                "Not measured as groups of their own: wheelchairs, prams, children, rain, infrared",
            ),
            Point(_("Whoever sees a bare face on a screen stops the camera, at “Stop”: two clicks and a reason.")),
        ),
    ),
    Chapter(
        _("How people go wrong with a machine"),
        _("Whoever works with a machine that is mostly right stops looking. That happens to experienced people, too."),
        (
            Point(
                _(
                    "People agree with a machine because it has spoken, and the more so under load. Watch "
                    "the clip first, "
                    "make up your mind, then read the confidence."
                )
            ),
            Point(
                _(
                    "The opposite is as common: after many wrong alerts everything is dismissed by habit. The next one "
                    "may be the one."
                )
            ),
            Point(_("Uncertain is a decision, too: escalate, and a supervisor looks. Nobody counts that against you.")),
            Point(
                _(
                    "You decide what was seen, not who it was nor what it is called in law. The words of an alert are "
                    "neutral for that reason."
                )
            ),
            Point(
                _(
                    "Some alerts are tests with a known answer, and some decisions are reviewed by a second person. "
                    "Both tell how well people and machine work together, and rank nobody."
                )
            ),
        ),
    ),
)
"""In the order in which they are read. The last one's source: Parasuraman and Manzey (2010), “Complacency and bias in
human use of automation”, doi 10.1177/0018720810376055; Wickens and Dixon (2007), doi 10.1080/14639220500370105, of the
habit that many false alarms make."""
