"""One row of the table of permissions, and the members of the cast that it speaks of."""

from dataclasses import dataclass, field

ANONYMOUS, OPERATOR, ELSEWHERE = "anonymous", "operator", "operator of another site"
SUPERVISOR, ADMINISTRATOR, CUSTODIAN, AUDITOR = "supervisor", "administrator", "custodian", "auditor"
SIGNED_IN = (OPERATOR, ELSEWHERE, SUPERVISOR, ADMINISTRATOR, CUSTODIAN, AUDITOR)
CAST = (ANONYMOUS, *SIGNED_IN)

DESK = (OPERATOR, ELSEWHERE, SUPERVISOR)  # lists: the operator of another site opens them and sees only their own
WATCHERS = (OPERATOR, SUPERVISOR)  # one alert, one picture
CONFIGURATION = (SUPERVISOR, ADMINISTRATOR, AUDITOR)
ABSENT, FORBIDDEN = 404, 403
UNSIGNED, UNREADABLE = 401, 400


@dataclass(frozen=True)
class Row:
    """One address and method. Who is not in `may` gets `refused`; without sign-in that is the way to the door (302)."""

    method: str
    pattern: str
    may: tuple[str, ...]
    answer: int = 200
    refused: int = FORBIDDEN
    data: dict[str, str] = field(default_factory=dict)

    def status_for(self, member: str) -> int:
        """Return the status that a member of the cast must get."""
        if member in self.may:
            return self.answer
        return 302 if member == ANONYMOUS else self.refused
