"""The only way to an alert for a person: absent and not yours are the same 404."""

from django.db.models import BigIntegerField, F, Max, Q, QuerySet, Window
from django.db.models.functions import Coalesce
from django.http import Http404

from alerts.incidents import Flood, Incident
from alerts.models import Alert, AlertQuerySet, Decision
from alerts.shelves import Shelf, ShelfQuerySet
from alerts.shifts import Shift
from cameras.access import SEES_FOOTAGE, Watcher, watching_user
from cameras.models import Camera
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User


def open_alerts(user: User) -> AlertQuerySet:
    """Alerts of the person's scope that wait for a decision, most urgent first, then oldest raised last.

    Alerts of one incident stand together, where the most urgent and newest of them would stand.
    """
    group = Coalesce("incident_id", -F("pk"), output_field=BigIntegerField())
    return (
        Alert.desk.in_queue()
        .filter(camera__site__in=site_ids(user))
        .select_related("camera__site", "claimed_by")
        .alias(
            group_severity=Window(Max("severity"), partition_by=[group]),
            group_raised_at=Window(Max("raised_at"), partition_by=[group]),
        )
        .order_by("-group_severity", "-group_raised_at", group.desc(), "-severity", "-raised_at", "-pk")
    )


def running_floods(user: User) -> list[Flood]:
    """Floods at the person's sites now."""
    return list(Flood.objects.filter(ended_at=None, site__in=site_ids(user)).select_related("site").order_by("pk"))


def access_incident(user: User, pk: int) -> Incident:
    """Return an incident with its (masked) pictures: operators and supervisors of its site.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(*SEES_FOOTAGE):
        raise Http404("No such incident.")
    incident = Incident.objects.filter(pk=pk, site__in=site_ids(user)).select_related("site").first()
    if incident is None:
        raise Http404("No such incident.")
    return incident


def incident_alerts(incident: Incident, user: User) -> list[Alert]:
    """Return all alerts of an incident that this person can open, oldest first."""
    found = Alert.desk.on_desk().filter(incident=incident, camera__site__in=site_ids(user))
    return list(found.select_related("camera__site", "claimed_by").order_by("started_at", "pk"))


def access_alert(user: User, pk: int) -> Alert:
    """Return an alert with its (masked) footage: operators and supervisors of its site.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(*SEES_FOOTAGE):
        raise Http404("No such alert.")
    alert = (
        Alert.desk.filter(pk=pk, camera__site__in=site_ids(user))
        .select_related("camera__site", "camera__retention", "claimed_by")
        .first()
    )
    if alert is None:
        raise Http404("No such alert.")
    return alert


def access_export(user: User, pk: int) -> Alert:
    """Return an alert to hand it out of PACA: supervisors of its site.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(Role.SUPERVISOR):
        raise Http404("No such alert.")
    return access_alert(user, pk)


def alerts_to_log(user: User) -> AlertQuerySet:
    """Confirmed alerts of the person's scope of which nobody has said yet what was done, oldest first."""
    if not user.has_role(*SEES_FOOTAGE):
        return Alert.objects.none()
    scoped = Alert.objects.to_log().filter(camera__site__in=site_ids(user))
    return scoped.select_related("camera__site").order_by("raised_at")


def visible_shelves(user: User) -> ShelfQuerySet:
    """Shelves of the person's scope that hold or are to come, with the alerts on them, what returns first on top."""
    if not user.has_role(*SEES_FOOTAGE):
        return Shelf.objects.none()
    found = Shelf.objects.unended().filter(camera__site__in=site_ids(user))
    return found.select_related("camera__site", "alert", "by").prefetch_related("shelved")


def access_shelf(user: User, pk: int) -> Shelf:
    """Return a shelf to end it: one alert's for operators and supervisors of its site, maintenance for supervisors.

    Raises:
        Http404: there is none, it has ended, it is out of scope, or the role may not.
    """
    if not user.has_role(*SEES_FOOTAGE):
        raise Http404("No such shelf.")
    found = Shelf.objects.unended().filter(pk=pk, camera__site__in=site_ids(user)).select_related("camera", "by")
    shelf = found.first()
    if shelf is None or (shelf.alert_id is None and not user.has_role(Role.SUPERVISOR)):
        raise Http404("No such shelf.")
    return shelf


def current_shift(user: User) -> Shift | None:
    """Return the person's own running shift."""
    return Shift.objects.filter(person=user, ended_at=None).first()


def visible_shifts(user: User) -> QuerySet[Shift]:
    """Ended shifts of which the person may read the sheet: their own, and those that tell of their sites only."""
    if not user.has_role(*SEES_FOOTAGE):
        return Shift.objects.none()
    sites = site_ids(user)
    foreign = Shift.sites.through.objects.exclude(site__in=sites).values("shift")
    told = Q(person=user) | (Q(sites__in=sites) & ~Q(pk__in=foreign))
    ended = Shift.objects.filter(told, ended_at__isnull=False).distinct()
    return ended.select_related("person", "accepted_by").order_by("-ended_at")


def access_shift(user: User, pk: int) -> Shift:
    """Return an ended shift with its handover sheet (see `visible_shifts`).

    Raises:
        Http404: there is none, or it is not theirs to read.
    """
    shift = visible_shifts(user).filter(pk=pk).first()
    if shift is None:
        raise Http404("No such handover.")
    return shift


def visible_decisions(user: User) -> QuerySet[Decision]:
    """Decisions of the person's scope, newest first: supervisors and auditors; nobody else sees any."""
    if not user.has_role(Role.SUPERVISOR, Role.AUDITOR):
        return Decision.objects.none()
    found = Decision.objects.filter(camera__in=decision_cameras(user))
    return found.select_related("alert__camera__site", "by")


def decision_cameras(user: User) -> list[int]:
    """Return the cameras of whose alerts a person may read decisions.

    As numbers, not as a subquery: PostgreSQL then knows how many decisions there are, and finds a small site's few.
    """
    return list(Camera.objects.filter(site__in=site_ids(user)).values_list("pk", flat=True))


def watchable_sites(watcher: Watcher) -> list[int] | None:
    """Return the ids of the sites of whose alerts a connection may be told now; None where of none at all."""
    user = watching_user(watcher)
    return None if user is None else site_ids(user)
