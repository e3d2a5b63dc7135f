"""Giving incidents to people, their answers, and the end of it. A share never touches an alert."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext

from alerts.incidents import Incident
from alerts.models import OPEN_STATES, Alert
from alerts.services.pushing import desk_push
from alerts.sharing.load import people_on_shift
from alerts.sharing.models import Share, ShareState
from paca_site.accounts.models import Role, User
from paca_site.audit.services import audit_record


def share_offer(*, incident: Incident, actor: User, to_id: int, is_assigned: bool = False) -> Share:
    """Offer an incident to somebody on shift, or assign it; an offer before it is withdrawn.

    Audit: `share.offered` or `share.assigned`, and `share.withdrawn` of the one before; tells the site's screens.

    Raises:
        ValidationError: not a supervisor, nobody of that key on shift there, nothing waits in it, or another was first.
    """
    if not actor.has_role(Role.SUPERVISOR):
        raise ValidationError(gettext("Only supervisors give incidents to somebody."))
    to = next((person for person in people_on_shift([incident.site])[incident.site_id] if person.pk == to_id), None)
    if to is None:
        raise ValidationError(gettext("Choose somebody who has begun a shift at this site."))
    if not Alert.objects.filter(incident=incident, state__in=OPEN_STATES).exists():
        raise ValidationError(gettext("Nothing waits in this incident any more."))
    now = timezone.now()
    try:
        with transaction.atomic():
            for before in Share.objects.current().select_for_update().filter(incident=incident):
                if before.to_id == to.pk and (before.state == ShareState.ACCEPTED or not is_assigned):
                    raise ValidationError(
                        gettext("{to} has it already: {state}.").format(to=to, state=before.get_state_display().lower())
                    )
                _end(before, ShareState.WITHDRAWN, "share.withdrawn", actor, now)
            share = Share.objects.create(
                incident=incident,
                to=to,
                by=actor,
                is_assigned=is_assigned,
                state=ShareState.ACCEPTED if is_assigned else ShareState.OFFERED,
                at=now,
                answered_at=now if is_assigned else None,
            )
            _record("share.assigned" if is_assigned else "share.offered", share, actor)
    except IntegrityError as error:
        raise ValidationError(gettext("Another supervisor has just given this incident to somebody.")) from error
    return share


def share_accept(*, share: Share, actor: User) -> None:
    """Accept what is offered. Audit: `share.accepted`; tells the site's screens.

    Raises:
        ValidationError: it is somebody else's, or no longer offered.
    """
    now = timezone.now()
    with transaction.atomic():
        offered = Share.objects.filter(pk=share.pk, to=actor, state=ShareState.OFFERED)
        if offered.update(state=ShareState.ACCEPTED, answered_at=now) != 1:
            raise ValidationError(gettext("This is not offered to you any more."))
        _record("share.accepted", share, actor)


def share_decline(*, share: Share, actor: User) -> None:
    """Decline what is offered, or give back what one has. Audit: `share.declined`; tells the site's screens.

    Raises:
        ValidationError: it is somebody else's, or over.
    """
    _change(share, actor, ShareState.DECLINED, "share.declined", to=actor)


def share_withdraw(*, share: Share, actor: User) -> None:
    """Take back what was offered or given: supervisors. Audit: `share.withdrawn`; tells the site's screens.

    Raises:
        ValidationError: not a supervisor, or it is over.
    """
    if not actor.has_role(Role.SUPERVISOR):
        raise ValidationError(gettext("Only supervisors take back what was given."))
    _change(share, actor, ShareState.WITHDRAWN, "share.withdrawn")


def shares_end(*, now: datetime | None = None) -> int:
    """End shares in whose incident nothing waits, and those of people who are no longer on shift. Returns how many.

    Idempotent. Audit: `share.done`, `share.withdrawn`; tells the sites' screens.
    """
    moment = now or timezone.now()
    is_waiting = Exists(Alert.objects.filter(incident=OuterRef("incident"), state__in=OPEN_STATES))
    current = Share.objects.current().select_related("incident__site", "to")
    done = sum(_close(share, ShareState.DONE, "share.done", moment) for share in current.filter(~is_waiting))
    open_shares = list(current)
    on_shift = people_on_shift({share.incident.site for share in open_shares})
    left = [share for share in open_shares if share.to not in on_shift.get(share.incident.site_id, ())]
    return done + sum(_close(share, ShareState.WITHDRAWN, "share.withdrawn", moment) for share in left)


def _close(share: Share, state: ShareState, action: str, now: datetime) -> bool:
    with transaction.atomic():
        row = Share.objects.current().select_for_update().filter(pk=share.pk).first()
        if row is None:
            return False
        _end(row, state, action, None, now)
    return True


def _change(share: Share, actor: User, state: ShareState, action: str, **only: Any) -> None:
    with transaction.atomic():
        row = Share.objects.current().select_for_update().filter(pk=share.pk, **only).first()
        if row is None:
            raise ValidationError(gettext("This is over: it was answered, withdrawn or done meanwhile."))
        _end(row, state, action, actor, timezone.now())


def _end(share: Share, state: ShareState, action: str, actor: User | None, now: datetime) -> None:
    """End a locked share."""
    Share.objects.filter(pk=share.pk).update(state=state, ended_at=now)
    _record(action, share, actor)


def _record(action: str, share: Share, actor: User | None) -> None:
    site_id = share.incident.site_id
    transaction.on_commit(lambda: desk_push(site_id, action))
    details = {"share": share.pk, "to": share.to_id, "is_assigned": share.is_assigned}
    audit_record(action=action, actor=actor, subject=f"incident:{share.incident_id}", site_id=site_id, details=details)
