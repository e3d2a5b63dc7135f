"""The people who decide alerts at somebody's sites, and how each stands."""

from dataclasses import dataclass, field
from typing import Final

from alerts.training.access import visible_certificates, visible_people
from paca_site.accounts.models import User
from paca_site.accounts.training.models import Certificate
from paca_site.accounts.training.standing import Standing, standings

ORDER: Final = ("none", "grace", "ending", "certified")
"""Who cannot decide comes first."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of the list.

    Attributes:
        person: whose row it is.
        standing: how they stand now.
        is_own: the reader's own row: nobody grants to themselves.
        certificates: all theirs, what counts longest first.
    """

    person: User
    standing: Standing
    is_own: bool
    certificates: list[Certificate] = field(default_factory=list)


def people_rows(user: User) -> list[PersonRow]:
    """Return a row for each visible person, those who may not decide first; as many queries for many as for few."""
    people = list(visible_people(user))
    told = standings(people)
    rows = {person.pk: PersonRow(person, told[person.pk], person == user) for person in people}
    for certificate in visible_certificates(user):
        if certificate.person_id in rows:
            rows[certificate.person_id].certificates.append(certificate)
    return sorted(rows.values(), key=lambda row: ORDER.index(row.standing.state))
