"""How long an alert may wait: for somebody to take it, then for a decision; after that somebody more is called.

The moments stand in the alert's row (`due_at`), so that a closed browser or a restart changes nothing.
Defaults after the escalation times of alarm desks (30 and 90 s to acknowledge, 3 and 10 min to decide).
"""

from datetime import timedelta

from django.conf import settings


def acknowledge_within(severity: int) -> timedelta:
    """Return how long an alert of this severity may wait for somebody to take it."""
    return timedelta(seconds=settings.ACKNOWLEDGE_S[severity])


def decide_within(severity: int) -> timedelta:
    """Return how long an alert of this severity may wait for a decision after somebody has taken it."""
    return timedelta(seconds=settings.DECIDE_S[severity])


def call_supervisor_after() -> timedelta:
    """Return how long after the second operator the supervisor is called."""
    return timedelta(seconds=settings.CALL_SUPERVISOR_S)


def claim_for() -> timedelta:
    """Return how long a claim holds without activity."""
    return timedelta(seconds=settings.CLAIM_S)
