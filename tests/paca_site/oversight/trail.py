"""A trail of past months: entries are written as PACA writes them, at moments of the test's choice."""

import itertools
from datetime import datetime
from typing import Any
from unittest.mock import patch

from cameras.models import Site
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record_now

_decisions = itertools.count(1)


def entry(
    action: str, at: datetime, site: Site | None, subject: str = "", *, by: User | None = None, **details: Any
) -> None:
    with patch("paca_site.audit.services.timezone.now", return_value=at):
        audit_record_now(action=action, actor=by, subject=subject, site_id=site.pk if site else None, details=details)


def raised(site: Site, at: datetime, subject: str) -> None:
    entry("alert.raised", at, site, subject)


def decided(action: str, at: datetime, site: Site, subject: str, after_s: float = 40.0) -> int:
    key = next(_decisions)
    entry(action, at, site, subject, decision=key, after_s=after_s)
    return key


def undone(at: datetime, site: Site, subject: str, revokes: int) -> None:
    entry("alert.decision-undone", at, site, subject, decision=next(_decisions), revokes=revokes)


def alerts(site: Site, at: datetime, action: str, count: int, after_s: float = 40.0) -> None:
    for _ in range(count):
        subject = f"alert:{next(_decisions) + 100000}"
        raised(site, at, subject)
        decided(action, at, site, subject, after_s)
