"""The moments of an alert from its appearance to one decision, and those after it, from the trail and the rows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.incidents import Flood
from alerts.models import Decision
from paca_site.accounts.models import User
from paca_site.audit.models import AuditEntry

MOST: Final = 300
"""Entries of the trail on each side of the decision; the page says where there are more."""
WORDS: Final = {
    "alert.viewed": _("Opened the alert"),
    "alert.clip-viewed": _("Fetched the clip"),
    "alert.poster-viewed": _("Saw its picture in the queue (noted once in 12 hours)"),
    "alert.claimed": _("Took it"),
    "alert.taken-over": _("Took it over from a colleague"),
    "alert.released": _("Put it back into the queue"),
    "alert.claim-expired": _("The claim ran out"),
    "alert.shelved": _("Put it aside for a time"),
}
TRAIL: Final = (*WORDS, "alert.confidence-shown", "alert.called")
AFTER: Final = {"alert.exported": _("Handed it out as evidence")}


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened.

    Attributes:
        at: when.
        what: the action of the trail, or `event`, `raised`, `event-ended`, `flood`, `flood-ended`, `decision`.
        words: what happened, for people.
        person: who did it; None where the clock or the machine did.
    """

    at: datetime
    what: str
    words: str
    person: User | None = None


def moments_until(decision: Decision) -> tuple[list[Moment], bool]:
    """Return what happened from the event's beginning to a decision, itself last, and whether there was still more."""
    entries, has_more = _entries(decision, TRAIL, Q(at__lte=decision.at))
    found = [*_of_event(decision), *_of_floods(decision), *_of_trail(entries), *_decisions(decision, before=True)]
    found = [moment for moment in found if moment.at <= decision.at]
    found.sort(key=lambda moment: moment.at)
    return [*found, _decided(decision)], has_more


def moments_after(decision: Decision) -> list[Moment]:
    """Return what other people decided, did and handed out afterwards, oldest first; reviews stand by themselves."""
    alert = decision.alert
    entries, _has_more = _entries(decision, tuple(AFTER), Q(at__gt=decision.at))
    found = [
        *_decisions(decision, before=False),
        *(
            Moment(action.at, "action", str(action.get_measure_display()), action.by)
            for action in alert.actions.select_related("by")
        ),
        *(Moment(entry.at, entry.action, str(AFTER[entry.action]), entry.actor) for entry in entries),
    ]
    return sorted(found, key=lambda moment: moment.at)


def told_in_trail(decision: Decision) -> dict[str, Any]:
    """Return what the decision's own entry of the trail says; empty where none does."""
    actions = ("alert.confirmed", "alert.dismissed", "alert.escalated")
    entries = AuditEntry.objects.filter(subject=f"alert:{decision.alert_id}", action__in=actions)
    for entry in entries.order_by("-number")[:MOST]:
        details: dict[str, Any] = json.loads(entry.body)["details"]
        if details.get("decision") == decision.pk:
            return details
    return {}


def raised_confidence(decision: Decision) -> float | None:
    """Return the confidence with which the alert appeared; None where the trail does not say."""
    entry = AuditEntry.objects.filter(subject=f"alert:{decision.alert_id}", action="alert.raised").first()
    return None if entry is None else json.loads(entry.body)["details"].get("confidence")


def _entries(decision: Decision, actions: tuple[str, ...], when: Q) -> tuple[list[AuditEntry], bool]:
    mine = AuditEntry.objects.filter(when, subject=f"alert:{decision.alert_id}", action__in=actions)
    # of a picture in the queue only whether the decider saw it: in a busy room everybody did
    mine = mine.filter(~Q(action="alert.poster-viewed") | Q(actor=decision.by_id))
    found = list(mine.select_related("actor").order_by("-number")[: MOST + 1])
    return found[:MOST], len(found) > MOST


def _of_event(decision: Decision) -> Iterator[Moment]:
    alert = decision.alert
    yield Moment(alert.started_at, "event", gettext("The event began"))
    yield Moment(alert.raised_at, "raised", gettext("The alert appeared"))
    if alert.ended_at:
        yield Moment(alert.ended_at, "event-ended", gettext("The event ended"))


def _of_floods(decision: Decision) -> Iterator[Moment]:
    alert = decision.alert
    floods = Flood.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=alert.raised_at), site=alert.camera.site_id, started_at__lte=decision.at
    )
    for flood in floods.order_by("started_at")[:MOST]:
        words = gettext("A flood began: {alerts} alerts in 10 minutes, {operators} at work")
        yield Moment(flood.started_at, "flood", words.format(alerts=flood.alerts, operators=flood.operators))
        if flood.ended_at:
            yield Moment(flood.ended_at, "flood-ended", gettext("The flood was over"))


def _of_trail(entries: list[AuditEntry]) -> Iterator[Moment]:
    for entry in entries:
        details = json.loads(entry.body)["details"]
        if entry.action == "alert.confidence-shown":
            words = gettext("Was told the confidence, after {seconds:.0f} s of the clip").format(
                seconds=details.get("watched_s", 0.0)
            )
        elif entry.action == "alert.called":
            is_second = details.get("level") == "second"
            words = gettext("A second operator was called") if is_second else gettext("The supervisor was called")
        else:
            words = str(WORDS[entry.action])
        yield Moment(entry.at, entry.action, words, entry.actor)


def _decisions(decision: Decision, *, before: bool) -> Iterator[Moment]:
    for other in decision.alert.decisions.select_related("by").exclude(pk=decision.pk):
        is_before = (other.at, other.pk) < (decision.at, decision.pk)
        if is_before == before:
            yield _decided(other)


def _decided(decision: Decision) -> Moment:
    words = str(decision.get_verdict_display())
    if decision.reason:
        words = f"{words}: {str(decision.get_reason_display()).lower()}"
    return Moment(decision.at, "decision", words, decision.by)
