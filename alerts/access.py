"""The only way to an alert for a person: absent and not yours are the same 404."""

from django.db.models import QuerySet
from django.http import Http404

from alerts.models import OPEN_STATES, Alert, AlertQuerySet, Decision
from cameras.access import SEES_FOOTAGE, Watcher, watching_user
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User


def open_alerts(user: User) -> AlertQuerySet:
    """Alerts of the person's scope that wait for a decision, most urgent first, then oldest raised last."""
    return (
        Alert.objects.filter(state__in=OPEN_STATES, camera__site__in=site_ids(user))
        .select_related("camera__site", "claimed_by")
        .order_by("-severity", "-raised_at")
    )


def access_alert(user: User, pk: int) -> Alert:
    """Return an alert with its (masked) footage: operators and supervisors of its site.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(*SEES_FOOTAGE):
        raise Http404("No such alert.")
    alert = (
        Alert.objects.filter(pk=pk, camera__site__in=site_ids(user))
        .select_related("camera__site", "camera__retention", "claimed_by")
        .first()
    )
    if alert is None:
        raise Http404("No such alert.")
    return alert


def alerts_to_log(user: User) -> AlertQuerySet:
    """Confirmed alerts of the person's scope of which nobody has said yet what was done, oldest first."""
    if not user.has_role(*SEES_FOOTAGE):
        return Alert.objects.none()
    scoped = Alert.objects.to_log().filter(camera__site__in=site_ids(user))
    return scoped.select_related("camera__site").order_by("raised_at")


def visible_decisions(user: User) -> QuerySet[Decision]:
    """Decisions of the person's scope, newest first: supervisors and auditors; nobody else sees any."""
    if not user.has_role(Role.SUPERVISOR, Role.AUDITOR):
        return Decision.objects.none()
    return Decision.objects.filter(alert__camera__site__in=site_ids(user)).select_related("alert__camera__site", "by")


def watchable_sites(watcher: Watcher) -> list[int] | None:
    """Return the ids of the sites of whose alerts a connection may be told now; None where of none at all."""
    user = watching_user(watcher)
    return None if user is None else site_ids(user)
