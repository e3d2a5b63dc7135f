"""From what was found to what is told: one open alert for each cause and thing, whoever finds it, however often."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from alerts.system.causes import RULES, Cause
from alerts.system.models import Supervision, SystemAlert
from alerts.system.services.pushing import system_alert_push

FEW = 50
KEPT_FOR = timedelta(days=365)
UNSUPERVISED_AFTER = timedelta(seconds=20)
"""Checks come every 2 s; a longer silence than this is told when it is over."""
REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody saw about one cause at one thing.

    Attributes:
        cause: what could be wrong.
        subject: what it is about; `camera:<pk>` for a camera.
        reason: why, in words; empty: nothing is wrong.
        at: when it was seen. A finding from before what is known already changes nothing.
        camera_id: the camera it is about, if any.
    """

    cause: Cause
    subject: str
    reason: str
    at: datetime
    camera_id: int | None = None


def findings_tell(findings: Sequence[Finding]) -> int:
    """Bring the alerts in line with what was found; safe to run twice and by several at once. Returns how many changed.

    Every change is one conditional update, and a database constraint allows one open alert per cause and subject: of
    two that find the same, one changes the row and the other changes nothing. Side effects: a push for each alert that
    is raised, comes back or ends.
    """
    known = _open_alerts(findings)
    changed = 0
    for finding in findings:
        alert = known.get((finding.cause, finding.subject))
        if finding.reason:
            changed += _begin(finding) if alert is None else _goes_on(alert, finding)
        elif alert is not None:
            changed += _is_gone(alert, finding)
    return changed


def _open_alerts(findings: Sequence[Finding]) -> dict[tuple[str, str], SystemAlert]:
    alerts = SystemAlert.objects.filter(ended_at=None, cause__in={finding.cause for finding in findings})
    if len(findings) <= FEW:
        alerts = alerts.filter(subject__in={finding.subject for finding in findings})
    return {(alert.cause, alert.subject): alert for alert in alerts}


def _begin(finding: Finding) -> bool:
    is_told = RULES[finding.cause].raise_after == timedelta()
    try:
        with transaction.atomic():
            alert = SystemAlert.objects.create(
                cause=finding.cause,
                subject=finding.subject,
                camera_id=finding.camera_id,
                reason=finding.reason[:REASON_LENGTH],
                began_at=finding.at,
                active_since=finding.at,
                raised_at=timezone.now() if is_told else None,
            )
    except IntegrityError:  # somebody else was first, or the camera was removed meanwhile
        return False
    if is_told:
        _push(alert, is_new=True)
    return True


def _goes_on(alert: SystemAlert, finding: Finding) -> bool:
    rows = SystemAlert.objects.filter(pk=alert.pk, ended_at=None)
    if alert.quiet_since is not None:
        is_back = rows.filter(quiet_since__lt=finding.at).update(
            quiet_since=None, active_since=finding.at, count=F("count") + 1, reason=finding.reason[:REASON_LENGTH]
        )
        if is_back:
            _push(alert)
        return bool(is_back)
    if alert.raised_at is None and finding.at - alert.began_at >= alert.rule.raise_after:
        return _raise(alert, finding.reason)
    if alert.reason != finding.reason[:REASON_LENGTH]:
        rows.update(reason=finding.reason[:REASON_LENGTH])
    return False


def _raise(alert: SystemAlert, reason: str) -> bool:
    rows = SystemAlert.objects.filter(pk=alert.pk, raised_at=None, ended_at=None)
    is_raised = rows.update(raised_at=timezone.now(), reason=reason[:REASON_LENGTH]) == 1
    if is_raised:
        _push(alert, is_new=True)
    return is_raised


def _is_gone(alert: SystemAlert, finding: Finding) -> bool:
    rows = SystemAlert.objects.filter(pk=alert.pk, ended_at=None)
    if finding.at <= alert.began_at:
        return False
    if alert.raised_at is None:
        if finding.at - alert.began_at < alert.rule.raise_after:
            return rows.filter(raised_at=None).delete()[0] > 0  # too short to be told
        _raise(alert, alert.reason)  # it lasted long enough, and is told late
    if alert.quiet_since is None:
        if not alert.rule.calm:
            return _end(alert, finding.at)
        return rows.filter(quiet_since=None).update(quiet_since=finding.at) == 1
    if finding.at - alert.quiet_since >= alert.rule.calm:
        return _end(alert, alert.quiet_since)
    return False


def _end(alert: SystemAlert, at: datetime) -> bool:
    rows = SystemAlert.objects.filter(pk=alert.pk, ended_at=None, quiet_since=alert.quiet_since)
    is_ended = rows.update(ended_at=at) == 1
    if is_ended:
        _push(alert)
    return is_ended


def _push(alert: SystemAlert, *, is_new: bool = False) -> None:
    transaction.on_commit(lambda: system_alert_push(alert.pk, is_new=is_new))


def vanished_end(*, cause: Cause, subjects: Iterable[str], at: datetime) -> int:
    """Bring to rest the open alerts of a cause whose subject is none of `subjects`: it no longer exists.

    Returns how many changed.
    """
    gone = SystemAlert.objects.filter(cause=cause, ended_at=None).exclude(subject__in=list(subjects))
    return findings_tell([Finding(cause, alert.subject, "", at, alert.camera_id) for alert in gone])


def stopped_cameras_end(at: datetime) -> int:
    """End the open alerts of cameras that an administrator stopped; what was not told yet never is. Returns how many.

    Side effects: a push for each that ended.
    """
    alerts = SystemAlert.objects.filter(ended_at=None, camera__is_enabled=False, began_at__lte=at)
    alerts.filter(raised_at=None).delete()
    return sum(_end(alert, alert.quiet_since or at) for alert in alerts)


def supervision_note(at: datetime) -> bool:
    """Note that the system was checked; a long silence before is told, already over. Returns whether there was one."""
    with transaction.atomic():
        last = Supervision.objects.select_for_update().order_by("pk").first()
        if last is None:
            Supervision.objects.update_or_create(pk=1, defaults={"checked_at": at})
            return False
        was_silent = last.is_silent(at, UNSUPERVISED_AFTER)
        Supervision.objects.filter(pk=last.pk, checked_at__lt=at).update(checked_at=at)
        if was_silent:
            since = f"{last.checked_at:%Y-%m-%d %H:%M:%S}"
            why = gettext(
                "From {since} to {at:%H:%M:%S} UTC nothing was checked: PACA was stopped, or one of its parts away."
            ).format(since=since, at=at)
            findings_tell([Finding(Cause.UNSUPERVISED, "supervision", why, last.checked_at)])
            findings_tell([Finding(Cause.UNSUPERVISED, "supervision", "", at)])
    return was_silent


def history_purge(now: datetime) -> int:
    """Delete alerts that ended more than a year ago. Returns how many."""
    return SystemAlert.objects.filter(ended_at__lt=now - KEPT_FOR).delete()[0]
