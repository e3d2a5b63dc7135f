"""Breaks within a shift: when one is due, and who has one now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from alerts.access import current_shift
from paca_site.accounts.models import User


@dataclass(frozen=True, slots=True)
class Break:
    """How it stands with one person's break.

    Attributes:
        since: when the break began, or since when there was none.
        is_now: whether they have one now.
    """

    since: datetime
    is_now: bool


def break_of(user: User, now: datetime | None = None) -> Break | None:
    """Return a person's break of now, or since when one is due; None without a shift, or while none is due."""
    shift = current_shift(user)
    if shift is None:
        return None
    if shift.on_break_since is not None:
        return Break(shift.on_break_since, is_now=True)
    since = shift.rested_at or shift.started_at
    after = timedelta(minutes=settings.BREAK_AFTER_MIN)
    return Break(since, is_now=False) if after and (now or timezone.now()) - since >= after else None
