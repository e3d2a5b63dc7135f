"""Looking at the record, proposing, and what people answer."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext

from alerts.models import Alert, AlertState
from alerts.necessity.bounds import upper_bound
from alerts.necessity.models import Proposal, ProposalState
from cameras.stopping.models import Halt
from cameras.stopping.services.halting import halt_place
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)
SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True)
class Subject:
    """What may be switched off: a camera, or a kind of event at a site (camera None)."""

    site_id: int
    camera_id: int | None
    kind: str = ""


def proposals_make(now: datetime | None = None) -> int:
    """Propose what the record speaks against; running it again proposes nothing twice. Returns how many were made.

    Test alerts are in no record. What is stopped already, waits for an answer, or was declined until a later day is
    left alone. Audit: `necessity.proposed`, one entry each.
    """
    now = now or timezone.now()
    record = _record(now - timedelta(days=settings.NECESSITY_DAYS))
    quiet = _quiet(now)
    made = 0
    for subject, (decided, confirmed) in sorted(record.items(), key=lambda item: str(item[0])):
        if decided < settings.NECESSITY_ALERTS or subject in quiet:
            continue
        upper = 100 * upper_bound(decided, confirmed)
        if upper >= settings.NECESSITY_PERCENT:
            continue
        made += _propose(subject, decided, confirmed, upper, now)
    return made


def proposal_accept(*, proposal: Proposal, actor: User, reason: str) -> Proposal:
    """Switch off what was proposed: the same stop as by the stop button, which a supervisor can end.

    Audit: `necessity.accepted`, `halt.placed`.

    Raises:
        ValidationError: the reason is too short or too long, it was answered meanwhile, or is stopped already.
    """
    with transaction.atomic():
        found = _answer(proposal, ProposalState.ACCEPTED, actor, reason)
        halt = Halt(site=found.site, camera=found.camera, kind=found.kind, reason=found.reason)
        halt_place(halt=halt, actor=actor)
    return found


def proposal_decline(*, proposal: Proposal, actor: User, reason: str) -> Proposal:
    """Let it go on, with a reason; it is not proposed again for `PACA_NECESSITY_DAYS`. Audit: `necessity.declined`.

    Raises:
        ValidationError: the reason is too short or too long, or it was answered meanwhile.
    """
    not_before = timezone.now().date() + timedelta(days=settings.NECESSITY_DAYS)
    with transaction.atomic():
        return _answer(proposal, ProposalState.DECLINED, actor, reason, not_before=not_before)


def _record(since: datetime) -> dict[Subject, tuple[int, int]]:
    """Count decided and confirmed alerts by subject; one query."""
    decided: Counter[Subject] = Counter()
    confirmed: Counter[Subject] = Counter()
    final = Q(state__in=(AlertState.CONFIRMED, AlertState.DISMISSED), raised_at__gte=since, camera__is_enabled=True)
    rows = Alert.objects.filter(final).values("camera", "camera__site", "kind", "state").annotate(n=Count("pk"))
    for row in rows.order_by():
        for subject in (Subject(row["camera__site"], row["camera"]), Subject(row["camera__site"], None, row["kind"])):
            decided[subject] += row["n"]
            confirmed[subject] += row["n"] if row["state"] == AlertState.CONFIRMED else 0
    return {subject: (count, confirmed[subject]) for subject, count in decided.items()}


def _quiet(now: datetime) -> set[Subject]:
    """Return what must not be proposed now; two queries."""
    waiting = Proposal.objects.filter(Q(state=ProposalState.OPEN) | Q(not_before__gt=now.date()))
    found = {Subject(*row) for row in waiting.values_list("site", "camera", "kind")}
    return found | {Subject(*row) for row in Halt.objects.current().values_list("site", "camera", "kind")}


def _propose(subject: Subject, decided: int, confirmed: int, upper: float, now: datetime) -> int:
    with transaction.atomic():
        proposal, is_new = Proposal.objects.get_or_create(  # type: ignore[misc]  # None is a value here: a kind of event has no camera
            site_id=subject.site_id,
            camera_id=subject.camera_id,
            kind=subject.kind,
            state=ProposalState.OPEN,
            defaults={
                "decided": decided,
                "confirmed": confirmed,
                "upper_percent": upper,
                "days": settings.NECESSITY_DAYS,
                "proposed_at": now,
            },
        )
        if is_new:
            _tell("necessity.proposed", proposal, None)
            logger.info("necessity: %s confirms at most %.1f %% (%d decided): proposed", proposal, upper, decided)
    return int(is_new)


def _answer(proposal: Proposal, state: ProposalState, actor: User, reason: str, **fields: object) -> Proposal:
    text = reason.strip()
    if not SHORTEST_REASON <= len(text) <= 300:
        raise ValidationError(
            gettext("Say why in 10 to 300 characters; these are {given}.").format(given=len(text)), code="length"
        )
    given = {"state": state, "answered_by": actor, "answered_at": timezone.now(), "reason": text, **fields}
    if Proposal.objects.open().filter(pk=proposal.pk).update(**given) != 1:
        raise ValidationError(gettext("Somebody has answered this meanwhile."), code="answered")
    found = Proposal.objects.select_related("site", "camera").get(pk=proposal.pk)
    _tell(f"necessity.{state}", found, actor, reason=text)
    return found


def _tell(action: str, proposal: Proposal, actor: User | None, **details: object) -> None:
    audit_record(
        action=action,
        actor=actor,
        subject=f"proposal:{proposal.pk}",
        site_id=proposal.site_id,
        details={
            "camera": proposal.camera_id,
            "kind": proposal.kind,
            "decided": proposal.decided,
            "confirmed": proposal.confirmed,
            "upper_percent": round(proposal.upper_percent, 2),
            **details,
        },
    )
