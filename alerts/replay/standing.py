"""How an alert stood for its decider at one moment: what is known of it, fact by fact, and where that comes from."""

import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from alerts.models import Alert, ClipState, Decision, Severity
from alerts.replay.moments import Moment, raised_confidence, told_in_trail
from alerts.templatetags.alert_format import lasting

HOLDING = ("alert.claimed", "alert.taken-over")
LETTING_GO = ("alert.released", "alert.claim-expired")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: its name, what is known, and a remark on where it comes from where that matters."""

    label: str
    text: str
    remark: str = ""


def alert_at(decision: Decision, at: datetime) -> Alert:
    """Return a copy of the alert with the scores, the end and the words of a moment only; not to be saved."""
    alert, seen = copy.copy(decision.alert), decision.seen or {}
    until_s = (at - alert.started_at).total_seconds()
    if at >= decision.at and seen.get("scores_until_s") is not None:
        until_s = float(seen["scores_until_s"])
    alert.scores = [sample for sample in alert.scores if float(sample[0]) <= until_s]
    if alert.ended_at and alert.ended_at > at:
        alert.ended_at = None
    for name in ("severity", "kind", "sentence", "confidence", "score", "threshold"):
        setattr(alert, name, seen.get(name, getattr(alert, name)))
    return alert


def standing_facts(decision: Decision, moments: list[Moment], step: int) -> list[Fact]:
    """Return what stood at a step: the last of `moments` is the decision."""
    past, at = moments[: step + 1], moments[step].at
    facts = [
        Fact(gettext("In whose hands"), _holder(past)),
        Fact(gettext("What {person} had done").format(person=decision.by), _done(past, decision)),
        _confidence(decision, past, is_last=step == len(moments) - 1),
        _score(decision, at),
        Fact(gettext("Event"), _event(decision.alert, at)),
        Fact(gettext("Flood"), gettext("yes, the queue was folded to incidents") if _is_flood(past) else gettext("no")),
    ]
    return [fact for fact in facts if fact.text]


def decision_facts(decision: Decision) -> list[Fact]:
    """Return what was before the person in the moment of deciding."""
    seen, alert = decision.seen, decision.alert
    not_then = gettext("not recorded then")
    remark = "" if seen else gettext("as it is now; {not_then}").format(not_then=not_then)
    others = gettext("dismissed with others of its incident") if decision.is_bulk else ""
    severity = Severity(seen["severity"]).label if seen else Severity(alert.severity).label
    threshold = seen["threshold"] if seen else alert.threshold
    watched = gettext("{seconds:.0f} s of the clip, as their screen counted").format(seconds=decision.watched_s)
    told = gettext("shown") if decision.is_confidence_shown else gettext("hidden")
    after = gettext("{lasting} after the alert appeared").format(lasting=lasting(decision.after))
    return [
        Fact(gettext("Severity"), str(severity), remark),
        Fact(gettext("Calls from"), f"{threshold:.2f}", remark),
        Fact(gettext("Clip"), _clip(seen) if seen else not_then, _clip_now(seen, alert)),
        Fact(gettext("Watched"), watched),
        Fact(gettext("Confidence to this person"), told),
        Fact(gettext("Decided"), after),
        *([Fact(gettext("Together with others"), others)] if others else []),
    ]


def confidence_then(decision: Decision) -> float | None:
    """Return the confidence in the database at the decision, %, or None where nothing tells it."""
    if decision.seen:
        return float(decision.seen["confidence"])
    told = told_in_trail(decision).get("confidence")
    return None if told is None else float(told)


def _clip(seen: dict[str, Any]) -> str:
    state = ClipState(seen["clip_state"])
    if state != ClipState.READY or not seen["clip_duration_s"]:
        return str(state.label)
    return gettext("{state}, {seconds:.0f} s").format(state=state.label, seconds=seen["clip_duration_s"])


def _clip_now(seen: dict[str, Any] | None, alert: Alert) -> str:
    """Return how the clip that is kept now differs from the one of then; empty where it does not."""
    was_s, is_s = (seen or {}).get("clip_duration_s"), alert.clip_duration_s
    if seen is None or is_s is None or alert.clip_state != ClipState.READY or abs((was_s or 0.0) - is_s) < 0.5:
        return ""
    return gettext("the one here is of {seconds:.0f} s").format(seconds=is_s)


def _holder(past: list[Moment]) -> str:
    holder = ""
    for moment in past:
        if moment.what in HOLDING:
            holder = str(moment.person)
        elif moment.what in LETTING_GO:
            holder = ""
    return holder or gettext("nobody has it")


def _done(past: list[Moment], decision: Decision) -> str:
    mine = {moment.what for moment in past if moment.person is not None and moment.person.pk == decision.by_id}
    if "alert.clip-viewed" in mine:
        return gettext("opened it and fetched the clip")
    if "alert.viewed" in mine:
        return gettext("opened it, no clip fetched")
    if "alert.poster-viewed" in mine:
        return gettext("saw its picture in the queue only")
    return gettext("not opened it")


def _confidence(decision: Decision, past: list[Moment], *, is_last: bool) -> Fact:
    label = gettext("Confidence")
    first, then = raised_confidence(decision), confidence_then(decision)
    value = then if is_last else first
    known = gettext("not recorded") if value is None else f"{value:.0f} %"
    remark = "" if is_last or first == then else gettext("as it appeared; it may have changed until the decision")
    mine = [moment for moment in past if moment.person is not None and moment.person.pk == decision.by_id]
    was_told_late = any(moment.what == "alert.confidence-shown" for moment in mine)
    if not any(moment.what == "alert.viewed" for moment in mine) and not is_last:
        return Fact(label, gettext("{known}, the page not opened yet").format(known=known), remark)
    if not decision.is_confidence_shown or (not was_told_late and _is_told_later(decision, past)):
        return Fact(label, gettext("{known}, hidden from them").format(known=known), remark)
    return Fact(label, gettext("{known}, shown to them").format(known=known), remark)


def _is_told_later(decision: Decision, past: list[Moment]) -> bool:
    """Return whether the person was told only after these moments, by having watched enough."""
    return decision.alert.reveals.filter(to=decision.by_id, at__gt=past[-1].at, at__lte=decision.at).exists()


def _score(decision: Decision, at: datetime) -> Fact:
    samples = [float(score) for _, score in alert_at(decision, at).scores]
    if not samples:
        return Fact(gettext("Highest score until then"), "")
    return Fact(gettext("Highest score until then"), f"{max(samples):.2f}")


def _event(alert: Alert, at: datetime) -> str:
    if alert.ended_at and alert.ended_at <= at:
        return gettext("over, it lasted {lasting}").format(lasting=lasting(alert.ended_at - alert.started_at))
    return gettext("went on, for {lasting} by then").format(lasting=lasting(at - alert.started_at))


def _is_flood(past: list[Moment]) -> bool:
    is_on = False
    for moment in past:
        if moment.what in ("flood", "flood-ended"):
            is_on = moment.what == "flood"
    return is_on
