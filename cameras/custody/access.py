"""Who reads of custody, and who writes: the custodian alone registers and retires keys."""

from django.db.models import QuerySet

from cameras.custody.models import CustodianKey, CustodianKeyQuerySet, DeletionRecord
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User

READS = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.CUSTODIAN, Role.AUDITOR)
WRITES = (Role.CUSTODIAN,)
EXPORTS = (Role.CUSTODIAN, Role.AUDITOR)
"""Takes signed deletion records out of PACA, for somebody who trusts nothing here."""


def visible_keys(user: User) -> CustodianKeyQuerySet:
    """All custodian keys, for those who read of custody; public parts are no secret and belong to no site."""
    keys = CustodianKey.objects.select_related("registered_by", "retired_by")
    return keys if user.has_role(*READS) else keys.none()


def current_key(user: User) -> CustodianKey | None:
    """Return the key that video is sealed for now, if there is one."""
    return visible_keys(user).current().first()


def visible_records(user: User) -> "QuerySet[DeletionRecord]":
    """Deletion records of the cameras of the person's sites, newest first."""
    records = DeletionRecord.objects.filter(camera__site__in=site_ids(user)).select_related("camera", "camera__site")
    return records if user.has_role(*READS) else records.none()
