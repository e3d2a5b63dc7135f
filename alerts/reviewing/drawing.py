"""Which decided alerts a second person reviews: worked out from each alert's number and a key, by no dice.

So the draw can be made again at any time by whoever has the key, and nobody without it can tell an alert that will be
reviewed from one that will not. A confirmed alert of high severity is reviewed in any case.
"""

from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from alerts.models import Severity, Verdict

SALT = "alerts.reviewing"


@dataclass(frozen=True, slots=True)
class Draw:
    """Why an alert is reviewed, if it is.

    Attributes:
        is_random: its number was drawn.
        is_severe: it is of high severity and was confirmed.
    """

    is_random: bool
    is_severe: bool

    @property
    def is_due(self) -> bool:
        """Whether it is reviewed at all."""
        return self.is_random or self.is_severe


def key_tag() -> str:
    """Return a word that changes with the key, so that it is known which draws this process can make again."""
    return salted_hmac(SALT, "which key", algorithm="sha256").hexdigest()[:12]


def drawn_number(alert_pk: int) -> float:
    """Return the alert's number in the draw: evenly from 0 to 100 (not in it), the same at each asking."""
    digest = salted_hmac(SALT, f"alert {alert_pk}", algorithm="sha256").digest()
    return int.from_bytes(digest[:6], "big") / 2**48 * 100.0


def draw(*, alert_pk: int, severity: int, verdict: str, percent: int) -> Draw:
    """Return whether and why an alert with this standing decision is reviewed at a rate of `percent` %."""
    return Draw(
        is_random=drawn_number(alert_pk) < percent,
        is_severe=severity >= Severity.HIGH and verdict == Verdict.CONFIRM,
    )
