"""Counting on the stills, and the go or no-go of a supervisor who did not count."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.commissioning.models import MOST_PEOPLE, REASON_MIN, Run, RunState, Still
from cameras.services.cameras import stream_restart
from inference.commissioning.figures import figures_of, figures_to_store
from inference.commissioning.services.walking import run_record
from paca_site.accounts.models import Role, User
from paca_site.audit.services import audit_record_now

LABELS = (Role.OPERATOR, Role.SUPERVISOR)


def still_viewed(*, still: Still, actor: User) -> None:
    """Record that somebody looks at a masked still, before it is sent. Audit: `commissioning.still-viewed`."""
    audit_record_now(
        action="commissioning.still-viewed",
        actor=actor,
        subject=f"commissioning:{still.run_id}",
        site_id=still.run.camera.site_id,
        details={"still": still.number},
    )


def still_label(*, still: Still, visible: int | None, uncovered: int | None, actor: User) -> None:
    """Store what was counted; both None: it cannot be told. A later count replaces it until the signature.

    Audit: `commissioning.still-labelled`.

    Raises:
        ValidationError: numbers that cannot be, the picture is gone, or the commissioning takes no labels now.
    """
    if not actor.has_role(*LABELS):
        raise ValidationError(gettext("Only operators and supervisors label."))
    if (visible is None) != (uncovered is None):
        raise ValidationError(gettext("Give both numbers, or say that it cannot be told."))
    if visible is not None and uncovered is not None:
        if not 0 <= visible <= MOST_PEOPLE:
            raise ValidationError(
                gettext("People visible must be 0 to {most}; got {given}.").format(most=MOST_PEOPLE, given=visible)
            )
        if not 0 <= uncovered <= visible:
            raise ValidationError(
                gettext("Not fully covered must be 0 to {visible}, who are visible; got {given}.").format(
                    visible=visible, given=uncovered
                )
            )
    with transaction.atomic():
        run = Run.objects.select_for_update(no_key=True).get(pk=still.run_id)  # who signs waits, and counts this one
        if run.state != RunState.LABELLING:
            raise ValidationError(
                gettext("This commissioning takes no labels now: it is %s.") % run.get_state_display()
            )
        stored = (
            Still.objects.filter(pk=still.pk)
            .exclude(path="")
            .update(
                visible=visible,
                uncovered=uncovered,
                cannot_tell=visible is None,
                labelled_by=actor,
                labelled_at=timezone.now(),
            )
        )
        if not stored:
            raise ValidationError(gettext("This still was deleted: its policy keeps it no longer."))
        run_record(
            still.run,
            "commissioning.still-labelled",
            actor,
            {"still": still.number, "visible": visible, "uncovered": uncovered},
        )


def against_signing(run: Run, actor: User) -> str:
    """Return why a person cannot sign now, in a sentence; empty: they can."""
    if not actor.has_role(Role.SUPERVISOR):
        return gettext("A supervisor signs.")
    if run.state != RunState.LABELLING:
        return gettext("This commissioning is not to be signed: it is %s.") % run.get_state_display()
    if run.stills.filter(labelled_by=actor).exists():
        return gettext("You labelled stills of it. Another supervisor signs.")
    left = run.stills.filter(labelled_at=None).count()
    if left:
        return gettext("{left} stills are not labelled yet.").format(left=left)
    return ""


def run_sign(*, run: Run, is_go: bool, reason: str, actor: User) -> None:
    """Sign a go or a no-go; a no-go keeps the camera off from the commit on. Audit: `commissioning.signed`.

    Raises:
        ValidationError: not theirs to sign, not all labelled, no reason, or a go beyond the bound of covering.
    """
    reason = reason.strip()
    if len(reason) < REASON_MIN:
        raise ValidationError(
            gettext("Give a reason of at least {least} characters; {given} are given.").format(
                least=REASON_MIN, given=len(reason)
            )
        )
    with transaction.atomic():
        locked = Run.objects.select_for_update(no_key=True, of=("self",)).select_related("camera").get(pk=run.pk)
        if against := against_signing(locked, actor):
            raise ValidationError(against)
        now = timezone.now()
        figures = figures_of(locked, now)
        recall = figures[0]
        if is_go and (recall.value is None or recall.judgement == "missed"):
            raise ValidationError(
                gettext("No go is possible: too few people are covered, or none was seen. Sign a no-go, or walk again.")
            )
        locked.state, locked.is_go, locked.reason = RunState.SIGNED, is_go, reason[:500]
        locked.signed_by, locked.signed_at, locked.figures = actor, now, figures_to_store(figures)
        locked.save(update_fields=["state", "is_go", "reason", "signed_by", "signed_at", "figures"])
        counts = {figure.name: [figure.counted, round(figure.of, 4), figure.judgement] for figure in figures}
        run_record(locked, "commissioning.signed", actor, {"go": is_go, "reason": locked.reason, "figures": counts})
        transaction.on_commit(lambda: stream_restart(locked.camera_id))
