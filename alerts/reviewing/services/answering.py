"""The second person's answer, and the end of a disagreement. Neither touches the alert or its decision."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.life import DESK_ROLES
from alerts.models import DismissReason, Verdict
from alerts.reviewing.access import disagreements, reviewable
from alerts.reviewing.models import Finding, Review, ReviewState
from alerts.services.deciding import Choice
from paca_site.accounts.models import Role, User
from paca_site.accounts.training.standing import training_require
from paca_site.audit.services import audit_record


class AlreadyReviewed(Exception):  # noqa: N818 - a state of affairs, not a fault
    """Somebody else was first, or this person knows the alert by now; nothing was stored."""


def review_give(*, review: Review, actor: User, choice: Choice) -> Review:
    """Store the second person's answer. Audit: `review.given`.

    The trail keeps what was said, and of a note only that there is one, as with decisions.

    Raises:
        AlreadyReviewed: somebody else has given it, or this person has opened or decided the alert meanwhile.
        ValidationError: not a role of the desk, a dismissal without a reason, or "other" without a note, or no
            certificate of training that counts.
    """
    if not actor.has_role(*DESK_ROLES):
        raise ValidationError(_("Only operators and supervisors review alerts."))
    training_require(actor)
    if choice.verdict == Verdict.DISMISS and not choice.reason:
        raise ValidationError({"reason": _("A dismissal needs a reason: choose one of the list.")})
    if choice.reason == DismissReason.OTHER and not choice.note.strip():
        raise ValidationError({"note": _("Say in a few words why, as the reason is “Other”.")})
    agrees = choice.verdict == review.decision.verdict
    answer = {
        "state": ReviewState.AGREED if agrees else ReviewState.DISAGREED,
        "by": actor,
        "at": timezone.now(),
        "verdict": choice.verdict,
        "reason": choice.reason if choice.verdict == Verdict.DISMISS else "",
        "note": choice.note.strip(),
        "watched_s": choice.watched_s,
    }
    with transaction.atomic():
        if reviewable(actor).filter(pk=review.pk).order_by().update(**answer) != 1:
            raise AlreadyReviewed
        _record(
            "review.given",
            review,
            actor,
            decision=review.decision_id,
            verdict=choice.verdict,
            reason=answer["reason"],
            has_note=bool(answer["note"]),
            agrees=agrees,
            watched_s=round(choice.watched_s, 1),
        )
    review.refresh_from_db()
    return review


def disagreement_settle(*, review: Review, actor: User, finding: Finding, note: str) -> Review:
    """Say what a disagreement comes to. Audit: `review.settled`.

    Raises:
        AlreadyReviewed: somebody else has settled it.
        ValidationError: not a supervisor, one of the two, or no words.
    """
    if not actor.has_role(Role.SUPERVISOR) or actor.pk in {review.by_id, review.first_by_id}:
        raise ValidationError(_("A supervisor who was neither of the two settles it."))
    if not note.strip():
        raise ValidationError({"note": _("Say in a few words what it comes to; both people read it.")})
    with transaction.atomic():
        settled = {
            "state": ReviewState.SETTLED,
            "settled_by": actor,
            "settled_at": timezone.now(),
            "finding": finding,
            "finding_note": note.strip(),
        }
        if disagreements(actor).filter(pk=review.pk).order_by().update(**settled) != 1:
            raise AlreadyReviewed
        _record("review.settled", review, actor, finding=str(finding))
    review.refresh_from_db()
    return review


def review_viewed(*, review: Review, actor: User) -> None:
    """Record that a person opened a second review. Audit: `review.viewed`."""
    with transaction.atomic():
        _record("review.viewed", review, actor, camera=review.alert.camera_id, state=review.state)


def _record(action: str, review: Review, actor: User, **details: object) -> None:
    audit_record(
        action=action,
        actor=actor,
        subject=f"alert:{review.alert_id}",
        site_id=review.alert.camera.site_id,
        details={"review": review.pk, **details},
    )
