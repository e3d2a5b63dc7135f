"""What the pages of releases show: what waits for whom, and what happened."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cameras.warrants.models import FootageRelease, State, Viewing
from cameras.warrants.services.opening import watched_s
from cameras.warrants.standing import DECIDES, powers_of, standing_against
from paca_site.accounts.access import PEOPLE
from paca_site.accounts.models import User
from paca_site.audit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release in the list.

    Attributes:
        release: it.
        waits_for: whose step it is, in words; empty where it is over.
        is_yours: the person who reads may take that step now.
    """

    release: FootageRelease
    waits_for: str
    is_yours: bool


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many releases are in a state."""

    state: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One audit entry about a release, with the reason or refusal that stands in it; empty where none does."""

    entry: AuditEntry
    note: str


def release_rows(releases: Sequence[FootageRelease], user: User) -> list[ReleaseRow]:
    """Return the releases with whose step it is; those that wait for the person first, then those that wait."""
    powers = powers_of(user)
    rows = [
        ReleaseRow(
            release=release,
            waits_for=waits_for(release),
            is_yours=release.is_waiting
            and DECIDES[State(release.state)] == user.role
            and not standing_against(user, release, powers),
        )
        for release in releases
    ]
    return sorted(rows, key=lambda row: (not row.is_yours, not row.waits_for))


def waits_for(release: FootageRelease) -> str:
    """Return whose step it is, in words; empty where it is over."""
    return str(PEOPLE[DECIDES[State(release.state)]]) if release.is_waiting else ""


def state_counts(releases: Sequence[FootageRelease]) -> list[StateCount]:
    """Return how many are in each state, in the order of the way they go."""
    counts = Counter(release.state for release in releases)
    return [StateCount(state.value, str(state.label), counts[state.value]) for state in State]


def release_history(release: FootageRelease) -> list[HistoryRow]:
    """Return every audit entry about a release, oldest first."""
    entries = AuditEntry.objects.filter(subject=f"warrant:{release.pk}").select_related("actor").order_by("number")
    return [HistoryRow(entry, _note(json.loads(entry.body)["details"])) for entry in entries]


def _note(details: dict[str, Any]) -> str:
    return str(details.get("why") or details.get("reason") or details.get("justification") or "")


def release_watched_s(release: FootageRelease) -> int:
    """Return how many seconds of a release were watched, each counted once."""
    return round(watched_s(Viewing.objects.filter(part__release=release)))


def release_viewings(release: FootageRelease) -> list[Viewing]:
    """Return what the viewer of a release asked to see, in the order of asking."""
    return list(Viewing.objects.filter(part__release=release).select_related("part__camera", "viewed_by"))
