"""Clip first: of some alerts the confidence is told only after the clip was watched, so that it cannot lead the eye.

People who judge before they see the machine's number lean on it less than people to whom the number is explained.
Source: Bucinca, Malaya, Gajos, "To Trust or to Think", CSCW 2021, doi 10.1145/3449287 (cognitive forcing).
"""

import hashlib

from django.conf import settings

from alerts.follow_up import ConfidenceReveal
from alerts.models import OPEN_STATES, Alert, ClipState
from paca_site.accounts.models import User

WATCHABLE = (ClipState.PENDING, ClipState.READY)


def is_clip_first(alert: Alert) -> bool:
    """Return whether the clip comes before the number (see `comes_clip_first`)."""
    return comes_clip_first(
        state=alert.state, severity=alert.severity, clip_state=alert.clip_state, event_id=alert.event_id
    )


def comes_clip_first(*, state: str, severity: int, clip_state: str, event_id: str) -> bool:
    """Return whether the clip comes before the number: by severity, or by a draw that each event's id decides.

    Never where there is no clip to watch, nor after the decision.
    """
    if state not in OPEN_STATES or clip_state not in WATCHABLE:
        return False
    if severity >= settings.CLIP_FIRST_SEVERITY:
        return True
    draw = int.from_bytes(hashlib.sha256(f"clip-first {event_id}".encode()).digest()[:4], "big") / 2**32
    return draw * 100 < settings.CLIP_FIRST_PERCENT


def is_confidence_shown(alert: Alert, user: User) -> bool:
    """Return whether a person is told the alert's confidence now."""
    return not is_clip_first(alert) or ConfidenceReveal.objects.filter(alert=alert, to=user).exists()


def seconds_to_watch(alert: Alert) -> float:
    """Return how many seconds of the clip have to be watched first."""
    half = (alert.clip_duration_s or 2.0 * settings.CLIP_FIRST_S) / 2
    return float(min(settings.CLIP_FIRST_S, half))
