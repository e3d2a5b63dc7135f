"""Drawing decided alerts for second reviews, and making the draw again to check it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from alerts.life import UNDO_FOR
from alerts.models import AlertState, ClipState, Decision, Verdict
from alerts.reviewing.drawing import Draw, draw, key_tag
from alerts.reviewing.models import DrawPeriod, Review, ReviewState
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)
SETTLED_AFTER: Final = UNDO_FOR + timedelta(seconds=20)
"""A decision can be taken back before; the rest is for one that commits late."""
AGAIN: Final = timedelta(hours=1)
"""Each run looks at so much of what was drawn before once more: the draw is the same, and a late row is not lost."""
WATCHABLE = (ClipState.PENDING, ClipState.READY)


def reviews_draw(*, now: datetime | None = None) -> int:
    """Draw all alerts decided since the last run. Idempotent. Audit: `review.drawn`, one each. Returns how many.

    Killed anywhere, the next run draws the same: the mark moves last.
    """
    until = (now or timezone.now()) - SETTLED_AFTER
    period = _period(until)
    since = max(period.starts_at, period.drawn_until - AGAIN)
    count = sum(
        _review_of(decision, period.percent) for decision in _standing(since, until) if not _has_review(decision)
    )
    DrawPeriod.objects.filter(pk=period.pk, drawn_until__lt=until).update(drawn_until=until)
    return count


def reviews_lapse() -> int:
    """End waiting reviews whose clip is gone or never came. Idempotent. Audit: `review.lapsed`. Returns how many."""
    count = 0
    gone = Review.objects.waiting().exclude(alert__clip_state__in=WATCHABLE)
    for review in gone.select_related("alert__camera"):
        with transaction.atomic():
            waiting = Review.objects.waiting().filter(pk=review.pk)
            if waiting.update(state=ReviewState.LAPSED) != 1:
                continue
            _record("review.lapsed", review, clip=review.alert.clip_state)
            count += 1
    return count


def _period(until: datetime) -> DrawPeriod:
    """Return the period of the rate and key in force; a new one begins where they changed, or with the first run."""
    percent, tag = settings.REVIEW_PERCENT, key_tag()
    last = DrawPeriod.objects.first()
    if last is not None and (last.percent, last.key_tag) == (percent, tag):
        return last
    starts_at = last.drawn_until if last else until
    logger.info("second reviews: %d %% of decided alerts from %s on", percent, starts_at.isoformat())
    return DrawPeriod.objects.create(percent=percent, key_tag=tag, starts_at=starts_at, drawn_until=starts_at)


def _standing(since: datetime, until: datetime) -> Iterator[Decision]:
    """Yield the standing decision of each alert that was decided from `since` (not in it) to `until`."""
    ended = Q(verdict=Verdict.CONFIRM, alert__state=AlertState.CONFIRMED) | Q(
        verdict=Verdict.DISMISS, alert__state=AlertState.DISMISSED
    )
    found = Decision.objects.filter(ended, at__gt=since, at__lte=until, revoked_by=None)
    yield from found.select_related("alert__camera", "alert__review", "by").order_by("at", "pk")


def _has_review(decision: Decision) -> bool:
    return hasattr(decision.alert, "review")


def _draw(decision: Decision, percent: int) -> Draw:
    alert = decision.alert
    return draw(alert_pk=alert.pk, severity=alert.severity, verdict=decision.verdict, percent=percent)


def _review_of(decision: Decision, percent: int) -> bool:
    found = _draw(decision, percent)
    if not found.is_due or decision.alert.clip_state not in WATCHABLE:
        return False
    try:
        with transaction.atomic():
            review = Review.objects.create(
                alert=decision.alert,
                decision=decision,
                first_by=decision.by,
                is_random=found.is_random,
                is_severe=found.is_severe,
            )
            _record("review.drawn", review, random=found.is_random, severe=found.is_severe, percent=percent)
    except IntegrityError:  # another run of the same moment drew it first
        return False
    return True


def _record(action: str, review: Review, **details: object) -> None:
    audit_record(
        action=action,
        actor=None,
        subject=f"alert:{review.alert_id}",
        site_id=review.alert.camera.site_id,
        details={"review": review.pk, **details},
    )


@dataclass(frozen=True, slots=True)
class Redraw:
    """What the draw gives when it is made again.

    Attributes:
        decided: decided alerts that are still there and whose period's key is the one in use.
        due: those that had to be reviewed.
        missing: numbers of those of them that have a clip and no review.
        needless: numbers of alerts with a review that nothing called for.
        unclear: decided alerts whose draw cannot be made again, as the key is another one now.
    """

    decided: int
    due: int
    missing: tuple[int, ...]
    needless: tuple[int, ...]
    unclear: int

    @property
    def is_sound(self) -> bool:
        """Whether exactly what had to be was drawn."""
        return not (self.missing or self.needless)


def redraw() -> Redraw:
    """Make the draw of all alerts that are still there again, and compare it with the reviews."""
    decided = due = unclear = 0
    missing, needless = [], []
    tag = key_tag()
    for period in DrawPeriod.objects.all():
        for decision in _standing(period.starts_at, period.drawn_until):
            if period.key_tag != tag:
                unclear += 1
                continue
            decided += 1
            is_due, is_reviewed = _draw(decision, period.percent).is_due, _has_review(decision)
            due += is_due
            if is_due and not is_reviewed and decision.alert.clip_state == ClipState.READY:
                missing.append(decision.alert_id)
            if is_reviewed and not is_due:
                needless.append(decision.alert_id)
    return Redraw(decided, due, tuple(missing), tuple(needless), unclear)
