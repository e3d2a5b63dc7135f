"""How the trail names what is done to a seeded alert, so that what counts alerts there never counts a test."""

from alerts.models import Alert


def trail_action(alert: Alert, action: str) -> str:
    """Return the action to record for an alert: `alert.claimed`, or `test-alert.claimed` of a seeded one."""
    return f"test-{action}" if alert.is_seeded else action
