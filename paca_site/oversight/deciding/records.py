"""What the trail tells of each alert: when it came, who decided it when and how, and when that person had opened it.

The trail is read, not the alerts: it outlives them, so that a month says the same after their retention has ended.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from alerts.models import DismissReason, Verdict
from paca_site.audit.models import AuditEntry
from paca_site.oversight.watching.numbering import first_number_at

RAISED, VIEWED, UNDONE = "alert.raised", "alert.viewed", "alert.decision-undone"
VERDICT_OF: Final = {
    "alert.confirmed": Verdict.CONFIRM,
    "alert.dismissed": Verdict.DISMISS,
    "alert.escalated": Verdict.ESCALATE,
}
DECIDED_WITHIN: Final = timedelta(days=2)
"""Decisions are looked for so long after the last alert; one that comes later leaves its alert undecided here."""


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """One alert and its standing decision.

    Attributes:
        alert: its number.
        site, camera: keys.
        confidence: 0 to 100 %, at the decision; without one, as it was raised.
        raised_at: when it was stored and pushed.
        verdict: confirm or dismiss; empty where nobody has decided.
        reason: of a dismissal.
        by: key of the person; None without a decision.
        decided_at: when; None without a decision.
        after_s: seconds from the alert's appearance to the decision.
        opened_s: seconds from that person's last opening of the alert's page to the decision; None where they had none.
        watched_s: seconds of the clip that were played before it.
        is_bulk: dismissed together with others of its incident.
        is_confidence_shown: whether the page told the confidence before the decision.
    """

    alert: int
    site: int
    camera: int
    confidence: float
    raised_at: datetime
    verdict: str = ""
    reason: str = ""
    by: int | None = None
    decided_at: datetime | None = None
    after_s: float = 0.0
    opened_s: float | None = None
    watched_s: float = 0.0
    is_bulk: bool = False
    is_confidence_shown: bool = True

    @property
    def is_false(self) -> bool:
        """Whether it called people for nothing: dismissed, and not because it was dealt with already."""
        return self.verdict == Verdict.DISMISS and self.reason != DismissReason.RESOLVED

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody confirmed it."""
        return self.verdict == Verdict.CONFIRM


@dataclass(frozen=True, slots=True)
class _Entry:
    action: str
    at: datetime
    subject: str
    actor: int | None
    site: int
    details: dict[str, Any]


def alert_records(sites: Collection[int], since: datetime, until: datetime) -> list[AlertRecord]:
    """Return the alerts of some sites raised from `since` to `until` (not in it), oldest first; three queries.

    Test alerts are none: the trail has other words for them.
    """
    raised: dict[str, AlertRecord] = {}
    standing: dict[str, dict[int, _Entry]] = defaultdict(dict)
    opened: dict[tuple[str, int | None], list[datetime]] = defaultdict(list)
    for entry in _entries(sites, since, until + DECIDED_WITHIN):
        if entry.action == RAISED:
            if since <= entry.at < until:
                raised[entry.subject] = _raised(entry)
        elif entry.subject not in raised:
            continue
        elif entry.action == VIEWED:
            opened[entry.subject, entry.actor].append(entry.at)
        elif entry.action == UNDONE:
            standing[entry.subject].pop(entry.details["revokes"], None)
        else:
            standing[entry.subject][entry.details["decision"]] = entry
    return [_decided(record, standing[subject], opened) for subject, record in raised.items()]


def _entries(sites: Collection[int], since: datetime, until: datetime) -> Iterator[_Entry]:
    rows = (
        AuditEntry.objects.filter(
            action__in=(RAISED, VIEWED, UNDONE, *VERDICT_OF),
            number__gte=first_number_at(since),
            number__lt=first_number_at(until),
            site_id__in=sites,
        )
        .order_by("number")
        .values_list("action", "at", "subject", "actor_id", "site_id", "body")
    )
    for action, at, subject, actor, site, body in rows.iterator():
        yield _Entry(action, at, subject, actor, site or 0, {} if action == VIEWED else json.loads(body)["details"])


def _raised(entry: _Entry) -> AlertRecord:
    return AlertRecord(
        alert=int(entry.subject.removeprefix("alert:")),
        site=entry.site,
        camera=int(entry.details["camera"]),
        confidence=float(entry.details["confidence"]),
        raised_at=entry.at,
    )


def _decided(
    record: AlertRecord, standing: dict[int, _Entry], opened: dict[tuple[str, int | None], list[datetime]]
) -> AlertRecord:
    final = [entry for entry in standing.values() if VERDICT_OF[entry.action] != Verdict.ESCALATE]
    if not final:
        return record
    last = final[-1]
    openings = opened.get((last.subject, last.actor), [])
    before = bisect_right(openings, last.at)
    return replace(
        record,
        confidence=float(last.details.get("confidence", record.confidence)),
        verdict=str(VERDICT_OF[last.action].value),
        reason=str(last.details.get("reason", "")),
        by=last.actor,
        decided_at=last.at,
        after_s=float(last.details["after_s"]),
        opened_s=(last.at - openings[before - 1]).total_seconds() if before else None,
        watched_s=float(last.details.get("watched_s", 0.0)),
        is_bulk=bool(last.details.get("is_bulk", False)),
        is_confidence_shown=bool(last.details.get("confidence_shown", True)),
    )
