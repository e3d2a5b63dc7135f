"""Placing test alerts among the others, and letting each go on as an alert does."""

import logging
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from alerts.incidents import Flood, Incident
from alerts.models import Alert, ClipState
from alerts.seeding.choosing import choose_clip, is_usable, moment_of
from alerts.seeding.models import KnownClip, Seed, SeedPlan
from alerts.seeding.services.revealing import seed_withdraw
from alerts.services.pushing import alert_push
from alerts.shifts import Shift
from alerts.timers import acknowledge_within
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)
LATE_FOR = timedelta(minutes=30)
"""A test whose moment was missed by more, as PACA was down or flooded, is left out: tests never come in a burst."""
WITHDRAWN_AFTER = timedelta(minutes=30)
CLIP_AFTER_S = 9.0
"""A clip is cut after its post-roll, some seconds after the event's end."""


def seed_place(
    *, clip: KnownClip, actor: User | None, shift: Shift | None = None, place: int | None = None
) -> Seed | None:
    """Put a test alert into the queue that is like any other. Audit: `test-alert.placed`; pushes on commit.

    It borrows the source's clip and has no file of its own; an incident of its own, as every alert has one.

    Returns:
        The seed, or None where another run has placed this one of the shift.

    Raises:
        ValidationError: not a supervisor, or the clip cannot be shown any more.
    """
    if actor is not None and not actor.has_role(Role.SUPERVISOR):
        raise ValidationError(gettext("Only supervisors place test alerts."))
    source = clip.alert
    if not is_usable(source) or source.ended_at is None:
        raise ValidationError(
            gettext("The clip cannot be used any more: it was deleted, or its alert was opened again.")
        )
    now = timezone.now()
    try:
        with transaction.atomic():
            alert = _alert_like(source, now)
            alert.incident = Incident.objects.create(site_id=source.camera.site_id)
            alert.save()
            ends_at = max(now, source.ended_at + (now - source.raised_at))
            seed = Seed.objects.create(
                alert=alert,
                clip=clip,
                source_number=source.pk,
                is_positive=clip.is_positive,
                shift=shift,
                place=place,
                placed_by=actor,
                placed_at=now,
                ends_at=ends_at,
                clip_at=ends_at + timedelta(seconds=CLIP_AFTER_S),
            )
            transaction.on_commit(lambda: alert_push(alert.pk, is_new=True))
            audit_record(
                action="test-alert.placed",
                actor=actor,
                subject=f"alert:{alert.pk}",
                site_id=source.camera.site_id,
                details={"seed": seed.pk, "source": source.pk, "is_positive": clip.is_positive},
            )
    except IntegrityError:
        return None
    return seed


def _alert_like(source: Alert, now: datetime) -> Alert:
    """Return an unsaved alert that began as the source did and is as old as that was when it was raised."""
    by = now - source.raised_at
    newest = Alert.objects.filter(camera=source.camera_id).order_by("-raised_at").first() or source
    seen_s = (source.raised_at - source.started_at).total_seconds()
    return Alert(
        camera=source.camera,
        event_id=uuid4().hex,
        severity=source.severity,
        kind=source.kind,
        sentence=source.sentence,
        facts=source.facts,
        confidence=source.confidence,
        score=source.score,
        threshold=source.threshold,
        started_at=source.started_at + by,
        peak_at=source.peak_at + by,
        raised_at=now,
        reported_at=now,
        region=source.region,
        regions=[one for one in source.regions if one[0] <= seen_s],
        scores=[one for one in source.scores if one[0] <= seen_s],
        masker=newest.masker,  # what runs now, as on every other page
        detector=newest.detector,
        clip_state=ClipState.PENDING,
        due_at=now + acknowledge_within(source.severity),
        is_seeded=True,
    )


def seeds_go_on(*, now: datetime | None = None) -> None:
    """Let waiting tests end and get their clip as alerts do; withdraw what is undecided for long. Idempotent."""
    moment = now or timezone.now()
    for seed in Seed.objects.waiting().select_related("alert", "clip__alert__camera"):
        source = seed.clip.alert if seed.clip else None
        if source is None or not is_usable(source):
            seed_withdraw(seed=seed, now=moment, why="its clip was deleted")
        elif moment - seed.placed_at > WITHDRAWN_AFTER:
            seed_withdraw(seed=seed, now=moment, why="nobody decided it")
        else:
            _go_on(seed, source, moment)


def _go_on(seed: Seed, source: Alert, now: datetime) -> None:
    waiting = Alert.desk.filter(pk=seed.alert_id, state="new")
    by = seed.placed_at - source.raised_at
    changed = 0
    if now >= seed.ends_at:
        whole = {"ended_at": seed.ends_at, "regions": source.regions, "scores": source.scores}
        changed += waiting.filter(ended_at=None).update(**whole)
    if now >= seed.clip_at and source.clip_started_at is not None:
        changed += waiting.filter(clip_state=ClipState.PENDING).update(
            clip_state=ClipState.READY,
            clip_path=source.clip_path,
            poster_path=source.poster_path,
            clip_started_at=source.clip_started_at + by,
            clip_duration_s=source.clip_duration_s,
        )
    if changed:
        alert_push(seed.alert_id)


def seeds_place_due(*, now: datetime | None = None) -> int:
    """Place the tests whose moment in a running shift has come. Idempotent. Returns how many."""
    moment = now or timezone.now()
    count = 0
    plans = {plan.site_id: plan for plan in SeedPlan.objects.filter(per_shift__gt=0)}
    if not plans:
        return 0
    flooded = set(Flood.objects.filter(ended_at=None).values_list("site_id", flat=True))
    shifts = Shift.objects.filter(ended_at=None, person__role=Role.OPERATOR, person__is_active=True)
    for shift in shifts.select_related("person"):
        sites = sorted(set(site_ids(shift.person)) & plans.keys() - flooded)
        if not sites:
            continue
        site = sites[shift.pk % len(sites)]
        for place in range(plans[site].per_shift):
            if timedelta() <= moment - moment_of(shift, place, plans[site].per_shift) < LATE_FOR:
                count += _place(shift, place, site)
    return count


def _place(shift: Shift, place: int, site_id: int) -> bool:
    if Seed.objects.filter(shift=shift, place=place).exists():
        return False
    clip = choose_clip(site_id, timezone.now())
    if clip is None:
        logger.warning("shift %s: no known clip can be shown at site %s, so no test is placed", shift.pk, site_id)
        return False
    try:
        return seed_place(clip=clip, actor=None, shift=shift, place=place) is not None
    except ValidationError:  # its clip was deleted in this moment; the next run chooses another
        return False
