"""Telling the confidence of a clip-first alert to somebody who has watched enough of its clip."""

from uuid import UUID

from django.db import transaction

from alerts.clip_first import is_clip_first, seconds_to_watch
from alerts.follow_up import ConfidenceReveal
from alerts.models import Alert
from alerts.seeded import trail_action
from alerts.services.viewing import was_clip_viewed
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record

CLOCK_SLACK_S = 0.5


def confidence_reveal(*, alert: Alert, actor: User, view_id: UUID, opened_s: float, watched_s: float) -> bool:
    """Store that a person has watched enough, if that can be true. Audit: `alert.confidence-shown`, once.

    The server decides: the clip was fetched in this opening, and what the page says was watched fits into the time
    since the opening.

    Args:
        alert: the alert.
        actor: who watched.
        view_id: this opening of the alert.
        opened_s: seconds since the opening.
        watched_s: seconds of the clip that the page has counted.
    """
    if not is_clip_first(alert):
        return True
    needed_s = seconds_to_watch(alert)
    if watched_s < needed_s or opened_s + CLOCK_SLACK_S < needed_s or not was_clip_viewed(alert, actor, view_id):
        return False
    with transaction.atomic():
        _, is_new = ConfidenceReveal.objects.get_or_create(
            alert=alert, to=actor, defaults={"watched_s": min(watched_s, opened_s + CLOCK_SLACK_S)}
        )
        if is_new:
            audit_record(
                action=trail_action(alert, "alert.confidence-shown"),
                actor=actor,
                subject=f"alert:{alert.pk}",
                site_id=alert.camera.site_id,
                details={"watched_s": round(watched_s, 1), "opened_s": round(opened_s, 1)},
            )
    return True
