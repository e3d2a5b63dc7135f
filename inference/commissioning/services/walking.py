"""Beginning, ending and giving up a commissioning.

walking -> sampling -> labelling -> signed
walking, sampling, labelling -> failed, abandoned
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.commissioning.models import MOST_PEOPLE, OPEN_STATES, Run, RunState
from cameras.commissioning.standing import prints_of
from cameras.commissioning.troubles import trouble_in_english
from cameras.models import Camera
from cameras.services.cameras import stream_restart
from paca_site.accounts.models import Role, User
from paca_site.audit.services import audit_record

SHORTEST_WALK: Final = timedelta(seconds=30)
LONGEST_WALK: Final = timedelta(hours=2)
"""One that was not ended is ended there: all of it is decoded to find the stills."""
SHORTEST_ROUTE: Final = 10


def against_beginning(camera: Camera) -> str:
    """Return why no walk can be recorded at a camera, in a sentence; empty: it can."""
    if not camera.keeps_footage:
        return gettext(
            "An edge camera stores no footage, so there is nothing to label. Commission it as a hybrid camera with the "
            "same box, then change its modality: the result holds on, as the box masks the same way."
        )
    if not camera.is_enabled:
        return gettext("The camera is switched off. An administrator starts it on its page, then the walk can begin.")
    return ""


def run_begin(*, camera: Camera, walkers: int, route: str, has_agreed: bool, actor: User) -> Run:
    """Begin a test walk: from now on what is recorded counts, and the camera may run. Audit: `commissioning.begun`.

    Raises:
        ValidationError: not a supervisor, nobody agreed, a field is missing, one is open, or nothing is recorded here.
    """
    route = route.strip()
    if not actor.has_role(Role.SUPERVISOR):
        raise ValidationError(gettext("Only supervisors begin a commissioning."))
    if against := against_beginning(camera):
        raise ValidationError(against)
    if not has_agreed:
        raise ValidationError(gettext("Confirm that everybody who walks knows what for and has agreed."))
    if not 1 <= walkers <= MOST_PEOPLE:
        raise ValidationError(
            gettext("People who walk must be 1 to {most}; got {given}.").format(most=MOST_PEOPLE, given=walkers)
        )
    if len(route) < SHORTEST_ROUTE:
        raise ValidationError(
            gettext("Describe the walk in at least {least} characters; {given} are given.").format(
                least=SHORTEST_ROUTE, given=len(route)
            )
        )
    run = Run(
        camera=camera,
        walkers=walkers,
        route=route[:300],
        prints=prints_of([camera])[camera.pk],
        began_by=actor,
        began_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            run.save()
            run_record(run, "commissioning.begun", actor, {"walkers": walkers, "route": run.route})
    except IntegrityError as error:
        raise ValidationError(gettext("A commissioning of this camera is open already.")) from error
    return run


def walk_end(*, run: Run, actor: User | None, now: datetime | None = None) -> None:
    """End the walk; a worker takes its stills as soon as the last recording is closed.

    Audit: `commissioning.walk-ended`.

    Raises:
        ValidationError: it has ended, or is too short to say anything.
    """
    ended_at = now or timezone.now()
    if ended_at - run.began_at < SHORTEST_WALK:
        raise ValidationError(
            gettext("The walk has lasted {given} s; at least {least} s are needed.").format(
                given=int((ended_at - run.began_at).total_seconds()), least=int(SHORTEST_WALK.total_seconds())
            )
        )
    ended_at = min(ended_at, run.began_at + LONGEST_WALK)
    interval_s = max(1.0, (ended_at - run.began_at).total_seconds() / settings.COMMISSION_STILLS)
    with transaction.atomic():
        is_ended = Run.objects.filter(pk=run.pk, state=RunState.WALKING).update(
            state=RunState.SAMPLING, ended_at=ended_at, interval_s=interval_s
        )
        if not is_ended:
            raise ValidationError(gettext("This walk has ended already."))
        lasted_s = round((ended_at - run.began_at).total_seconds())
        run_record(run, "commissioning.walk-ended", actor, {"lasted_s": lasted_s, "interval_s": round(interval_s, 3)})


def run_abandon(*, run: Run, actor: User | None, code: str = "", **facts: Any) -> None:
    """Give a commissioning up; its stills go at the next purge, the camera's last verdict counts on.

    `code`, a key of `TROUBLES`, with its facts says why nobody did it. Audit: `commissioning.abandoned`.

    Raises:
        ValidationError: it is not open.
    """
    _close(run, RunState.ABANDONED, OPEN_STATES, "commissioning.abandoned", actor, code, facts)


def run_fail(*, run: Run, code: str, **facts: Any) -> None:
    """End a commissioning whose stills cannot be taken, with a key of `TROUBLES`. Audit: `commissioning.failed`.

    Raises:
        ValidationError: it waits for no stills any more.
    """
    _close(run, RunState.FAILED, (RunState.SAMPLING,), "commissioning.failed", None, code, facts)


def _close(
    run: Run,
    state: RunState,
    before: tuple[RunState, ...],
    action: str,
    actor: User | None,
    code: str,
    facts: dict[str, Any],
) -> None:
    with transaction.atomic():
        closed = Run.objects.filter(pk=run.pk, state__in=before).update(
            state=state, trouble_code=code, trouble_facts=facts
        )
        if not closed:
            raise ValidationError(gettext("This commissioning is not open any more."))
        run_record(run, action, actor, {"reason": trouble_in_english(code, facts)} if code else {})
        transaction.on_commit(lambda: stream_restart(run.camera_id))  # its trial is over


def runs_end(now: datetime | None = None) -> int:
    """End walks that nobody ended, and commissionings that are too old. Returns how many."""
    now = now or timezone.now()
    count = 0
    for run in Run.objects.filter(state__in=OPEN_STATES).select_related("camera"):
        if now - run.began_at >= timedelta(days=settings.COMMISSION_DAYS):
            run_abandon(run=run, actor=None, code="overdue", days=settings.COMMISSION_DAYS)
        elif run.state == RunState.WALKING and now - run.began_at >= LONGEST_WALK:
            walk_end(run=run, actor=None, now=now)
        else:
            continue
        count += 1
    return count


def run_record(run: Run, action: str, actor: User | None, details: dict[str, Any]) -> None:
    """Append an entry about a commissioning; last in its transaction."""
    audit_record(
        action=action,
        actor=actor,
        subject=f"commissioning:{run.pk}",
        site_id=run.camera.site_id,
        details={"camera": run.camera_id, "name": run.camera.name, **details},
    )
