"""The handover sheet: everything that whoever comes next has to know, as words that can be kept and signed."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from alerts.access import alerts_to_log, open_alerts, visible_shelves
from alerts.models import Alert, AlertState
from alerts.templatetags.alert_format import clock, day
from alerts.wording import kind_words
from cameras.access import visible_cameras
from cameras.conditions import camera_condition
from paca_site.accounts.models import User
from paca_site.audit.services import canonical_json

MOST = 100  # of each kind; the sheet says how many there are in all


def _at(at: datetime, zone: str) -> str:
    return f"{day(at, zone)} {clock(at, zone)}"


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "number": alert.pk,
        "what": kind_words(alert.kind),
        "where": f"{alert.camera.name}, {alert.camera.site}",
        "severity": alert.severity,
        "since": _at(alert.raised_at, alert.camera.site.time_zone),
    }


def _part(title: str, rows: Iterable[dict[str, Any]], total: int) -> dict[str, Any]:
    return {"title": title, "rows": list(rows), "total": total}


def handover_sheet(user: User) -> dict[str, Any]:
    """Return what is open at the person's sites now: JSON-able, times in the sites' zones."""
    waiting = open_alerts(user)
    new, escalated = (waiting.filter(state=state) for state in (AlertState.NEW, AlertState.ESCALATED))
    to_log, shelves = alerts_to_log(user), visible_shelves(user)
    out = [(camera, camera_condition(camera)) for camera in visible_cameras(user)]
    faults = [(camera, condition) for camera, condition in out if condition.is_fault]
    return {
        "parts": [
            _part(gettext("Open alerts"), map(_alert, new[:MOST]), new.count()),
            _part(gettext("Escalated"), map(_alert, escalated[:MOST]), escalated.count()),
            _part(gettext("Confirmed, nothing logged yet"), map(_alert, to_log[:MOST]), to_log.count()),
            _part(
                gettext("Shelved and under maintenance"),
                (
                    {
                        "number": shelf.alert_id,
                        "what": kind_words(shelf.alert.kind) if shelf.alert else gettext("Maintenance"),
                        "where": f"{shelf.camera.name}, {shelf.camera.site}",
                        "since": gettext("until {moment}").format(moment=_at(shelf.until, shelf.camera.site.time_zone)),
                        "reason": shelf.reason,
                    }
                    for shelf in shelves[:MOST]
                ),
                shelves.count(),
            ),
            _part(
                gettext("Cameras out"),
                (
                    {"what": condition.label, "where": f"{camera.name}, {camera.site}", "reason": condition.reason}
                    for camera, condition in faults[:MOST]
                ),
                len(faults),
            ),
        ]
    }


def sheet_digest(sheet: dict[str, Any], notes: str) -> str:
    """Return the fingerprint of a sheet with its notes, which both people sign."""
    return hashlib.sha256(canonical_json({"sheet": sheet, "notes": notes}).encode()).hexdigest()
