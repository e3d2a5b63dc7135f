"""The life of an alert: every decision that may be taken, from where, to where, by whom. Nothing else says so.

A claim is no state: it says who works on an open alert (`Alert.claimed_by`, `claimed_until`) and runs out by itself.
A confirmed alert is closed by logging what was done (`Alert.closed_at`). "Uncertain" is an escalation. The trigger
`alert_state_edge` in the database lets no state change pass that does not stand here, and none back without the row
of an undo (`Verdict.UNDO`).
"""

from dataclasses import dataclass
from datetime import timedelta

from alerts.models import AlertState, Verdict
from paca_site.accounts.models import Role, User

UNDO_FOR = timedelta(seconds=10)
"""How long a person can take their own decision back; long enough to notice a wrong key, short enough that nobody has
acted on it."""

DESK_ROLES = (Role.OPERATOR, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from state to state by a decision."""

    verdict: Verdict
    before: AlertState
    after: AlertState
    roles: tuple[Role, ...]


EDGES = (
    Edge(Verdict.CONFIRM, AlertState.NEW, AlertState.CONFIRMED, DESK_ROLES),
    Edge(Verdict.DISMISS, AlertState.NEW, AlertState.DISMISSED, DESK_ROLES),
    Edge(Verdict.ESCALATE, AlertState.NEW, AlertState.ESCALATED, DESK_ROLES),
    # what was escalated is the supervisor's
    Edge(Verdict.CONFIRM, AlertState.ESCALATED, AlertState.CONFIRMED, (Role.SUPERVISOR,)),
    Edge(Verdict.DISMISS, AlertState.ESCALATED, AlertState.DISMISSED, (Role.SUPERVISOR,)),
)


def edges_for(user: User, verdict: Verdict) -> tuple[Edge, ...]:
    """Return the edges that a person may take by a verdict; none for somebody whose account is inactive."""
    return tuple(edge for edge in EDGES if edge.verdict == verdict and user.has_role(*edge.roles))


def decidable_states(user: User, verdict: Verdict) -> tuple[AlertState, ...]:
    """Return the states from which this person may take this decision."""
    return tuple(edge.before for edge in edges_for(user, verdict))


def claimable_states(user: User) -> tuple[AlertState, ...]:
    """Return the states in which this person may work on an alert: those from which they may decide anything."""
    return tuple({edge.before for edge in EDGES if user.has_role(*edge.roles)})
