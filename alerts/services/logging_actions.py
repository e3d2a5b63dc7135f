"""Writing down what was done about a confirmed alert, which closes it."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from alerts.follow_up import ActionTaken, Measure
from alerts.life import DESK_ROLES
from alerts.models import Alert
from alerts.services.pushing import alert_push
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record


def alert_log_actions(*, alert: Alert, actor: User, measures: Sequence[Measure], note: str = "") -> None:
    """Store what was done, one row for each measure, and close the alert. Audit: `alert.action-logged`; pushes.

    Raises:
        ValidationError: nothing chosen, "nothing was needed" beside something, "other" without a note, the alert is
            not confirmed or already closed, or the role may not.
    """
    note = note.strip()
    if not actor.has_role(*DESK_ROLES):
        raise ValidationError(gettext("Only operators and supervisors log what was done."))
    if not measures:
        raise ValidationError(
            {"measures": gettext("Choose what was done; if it was nothing, choose “Nothing was needed”.")}
        )
    if Measure.NONE in measures and len(measures) > 1:
        raise ValidationError(
            {"measures": gettext("“Nothing was needed” cannot stand beside something that was done.")}
        )
    if Measure.OTHER in measures and not note:
        raise ValidationError({"note": gettext("Say in a few words what was done, as you chose “Other”.")})
    now = timezone.now()
    with transaction.atomic():
        if Alert.objects.to_log().filter(pk=alert.pk).update(closed_at=now) != 1:
            raise ValidationError(gettext("This alert is closed already, or was not confirmed."))
        after_s = max(0.0, (now - alert.raised_at).total_seconds())
        ActionTaken.objects.bulk_create(
            ActionTaken(alert=alert, measure=measure, note=note, by=actor, role=actor.role, at=now, after_s=after_s)
            for measure in dict.fromkeys(measures)
        )
        transaction.on_commit(lambda: alert_push(alert.pk))
        audit_record(
            action="alert.action-logged",
            actor=actor,
            subject=f"alert:{alert.pk}",
            site_id=alert.camera.site_id,
            details={
                "measures": list(dict.fromkeys(measures)),
                "has_note": bool(note),
                "after_s": round(after_s, 1),
            },
        )
