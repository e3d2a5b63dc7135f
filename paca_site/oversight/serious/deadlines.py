"""Who is to be told of an incident by when: from its kinds of harm, by the settings of this installation."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from paca_site.oversight.serious.harms import Harm, Law, Recipient

_DATA: Final = frozenset({Harm.UNMASKED, Harm.BREACH})
_INCIDENT: Final = frozenset({Harm.RIGHTS, Harm.HEALTH, Harm.PROPERTY})
_WITHIN_DAYS: Final = frozenset({Harm.INFRASTRUCTURE, Harm.WIDESPREAD})


@dataclass(frozen=True, slots=True)
class Rule:
    """One duty to tell somebody.

    Attributes:
        law: where it is written.
        recipient: who is to be told.
        harms: the kinds of harm that bring it about.
        setting: name of the setting that says within what time from the moment it was noticed.
        unit: of that setting.
    """

    law: Law
    recipient: Recipient
    harms: frozenset[Harm]
    setting: str
    unit: timedelta

    @property
    def within(self) -> timedelta:
        """The time that is left from the moment it was noticed."""
        number: int = getattr(settings, self.setting)
        return number * self.unit


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
RULES: Final = (
    Rule(Law.OFFICER, Recipient.OFFICER, frozenset(Harm), "SERIOUS_OFFICER_HOURS", _HOUR),
    Rule(Law.BREACH, Recipient.DATA_AUTHORITY, _DATA, "SERIOUS_BREACH_HOURS", _HOUR),
    Rule(Law.PEOPLE, Recipient.PEOPLE, _DATA, "SERIOUS_PEOPLE_HOURS", _HOUR),
    Rule(
        Law.PROVIDER,
        Recipient.PROVIDER,
        frozenset({*_INCIDENT, *_WITHIN_DAYS, Harm.DEATH}),
        "SERIOUS_PROVIDER_HOURS",
        _HOUR,
    ),
    Rule(Law.INCIDENT, Recipient.MARKET_AUTHORITY, _INCIDENT, "SERIOUS_INCIDENT_DAYS", _DAY),
    Rule(Law.DEATH, Recipient.MARKET_AUTHORITY, frozenset({Harm.DEATH}), "SERIOUS_DEATH_DAYS", _DAY),
    Rule(Law.WIDESPREAD, Recipient.MARKET_AUTHORITY, _WITHIN_DAYS, "SERIOUS_WIDESPREAD_DAYS", _DAY),
)


def due(harms: Collection[str], noticed_at: datetime) -> dict[Law, tuple[Recipient, datetime]]:
    """Return who is to be told by when, by law; of several laws about one recipient the earliest only.

    Args:
        harms: kinds of harm, at least one.
        noticed_at: when it was noticed: from then every one of these laws counts.

    Raises:
        ValueError: no kind of harm, or one that is not in the list.
    """
    known = {Harm(harm) for harm in harms}
    if not known:
        raise ValueError(f"An incident has at least one kind of harm of {', '.join(Harm.values)}; got none.")
    first: dict[Recipient, tuple[datetime, Law]] = {}
    for rule in RULES:
        if rule.harms & known:
            found = (noticed_at + rule.within, rule.law)
            first[rule.recipient] = min(first.get(rule.recipient, found), found)
    return {law: (recipient, due_at) for recipient, (due_at, law) in first.items()}
