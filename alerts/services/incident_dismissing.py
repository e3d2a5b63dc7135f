"""Dismissing several alerts of one incident for one reason. There is no such thing for confirming."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from alerts.incidents import Incident
from alerts.models import Alert, Verdict
from alerts.services.claiming import AlreadyClaimed
from alerts.services.deciding import AlreadyDecided, Choice, alert_decide
from paca_site.accounts.models import User


@dataclass(frozen=True, slots=True)
class Dismissed:
    """What became of the chosen alerts: how many were dismissed, and why others were not."""

    count: int
    left: tuple[str, ...]


def incident_dismiss(
    *, incident: Incident, actor: User, alert_ids: Collection[int], reason: str, note: str = ""
) -> Dismissed:
    """Dismiss the chosen alerts of an incident, each by a decision of its own; those that came since stay.

    Each is its own transaction: killed half-way, the rest waits as before. What a colleague works on or has decided is
    left and told. Audit: `alert.dismissed` for each, marked as part of an incident.

    Raises:
        ValidationError: nothing chosen, no reason, or "other" without a note.
    """
    if not alert_ids:
        raise ValidationError(gettext("Choose at least one alert of the incident."))
    if not reason:
        raise ValidationError(gettext("A dismissal needs a reason: choose one of the list."))
    count, left = 0, []
    choice = Choice(verdict=Verdict.DISMISS, reason=reason, note=note, is_bulk=True)
    chosen = Alert.desk.filter(incident=incident, pk__in=alert_ids).select_related("camera__site")
    for alert in chosen.order_by("pk"):
        try:
            alert_decide(alert=alert, actor=actor, choice=choice)
            count += 1
        except AlreadyClaimed as claimed:
            left.append(gettext("Alert {pk}: {holder} has it.").format(pk=alert.pk, holder=claimed.holder))
        except AlreadyDecided as already:
            said = already.decision.get_verdict_display().lower()
            left.append(gettext("Alert {pk}: {said} by {by}.").format(pk=alert.pk, said=said, by=already.decision.by))
    return Dismissed(count, tuple(left))
