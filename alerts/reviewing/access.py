"""Who may give a second review, who reads one afterwards, and who settles a disagreement."""

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404

from alerts.life import DESK_ROLES
from alerts.models import ClipState, Decision
from alerts.reviewing.models import Review, ReviewQuerySet, ReviewState
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry


def _scoped(user: User) -> ReviewQuerySet:
    if not user.has_role(*DESK_ROLES):
        return Review.objects.none()
    return Review.objects.filter(alert__camera__site__in=site_ids(user))


def waiting_reviews(user: User) -> ReviewQuerySet:
    """Waiting reviews of the person's sites, whether or not they may give them themselves."""
    return _scoped(user).waiting()


def reviewable(user: User) -> ReviewQuerySet:
    """Waiting reviews that this person may give, oldest first: those of which they know nothing.

    Not where they decided anything on the alert, nor where they ever opened its page or a replay: confidence and
    decision stand there. Only what can be watched is reviewed.
    """
    decided = Decision.objects.filter(alert=OuterRef("alert"), by=user)
    opened = AuditEntry.objects.filter(
        subject=Concat(Value("alert:"), Cast(OuterRef("alert_id"), CharField())),
        action__in=["alert.viewed", "alert.replayed"],
        actor=user,
    )
    found = waiting_reviews(user).filter(~Exists(decided), ~Exists(opened), alert__clip_state=ClipState.READY)
    return found.select_related("alert__camera__site", "decision").order_by("drawn_at", "pk")


def access_review_to_give(user: User, pk: int) -> Review:
    """Return a waiting review to give it (see `reviewable`).

    Raises:
        Http404: there is none, it is given, it is out of scope, or the person knows the alert.
    """
    review = reviewable(user).filter(pk=pk).first()
    if review is None:
        raise Http404("No such review for you: it is given, or you decided or opened this alert.")
    return review


def given_reviews(user: User) -> ReviewQuerySet:
    """Given reviews, newest first: for supervisors of their sites, for others those in which they had a part."""
    found = _scoped(user).given()
    if not user.has_role(Role.SUPERVISOR):
        found = found.filter(Q(by=user) | Q(first_by=user))
    return found.select_related("alert__camera__site", "decision", "settled_by").order_by("-at", "-pk")


def access_review(user: User, pk: int) -> Review:
    """Return a review: to give it, or given, to read both answers.

    Raises:
        Http404: there is none, or it is not theirs to give or read.
    """
    return given_reviews(user).filter(pk=pk).first() or access_review_to_give(user, pk)


def disagreements(user: User) -> ReviewQuerySet:
    """Disagreements that this person may settle, oldest first: supervisors, where they were neither of the two."""
    if not user.has_role(Role.SUPERVISOR):
        return Review.objects.none()
    found = _scoped(user).filter(state=ReviewState.DISAGREED).exclude(by=user).exclude(first_by=user)
    return found.select_related("alert__camera__site", "decision").order_by("at", "pk")


def disagreements_of_own(user: User) -> int:
    """Return how many disagreements wait for another supervisor, as this one is a part of them."""
    if not user.has_role(Role.SUPERVISOR):
        return 0
    return _scoped(user).filter(Q(by=user) | Q(first_by=user), state=ReviewState.DISAGREED).count()


def access_disagreement(user: User, pk: int) -> Review:
    """Return a disagreement to settle it (see `disagreements`).

    Raises:
        Http404: there is none, it is settled, or it is not theirs to settle.
    """
    review = disagreements(user).filter(pk=pk).first()
    if review is None:
        raise Http404("No such disagreement for you.")
    return review
