"""Removing order documents that no release names: a process was killed between the file and the row."""

import logging

from django.db import transaction

from cameras.warrants.models import FootageRelease
from cameras.warrants.orders import order_strays
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)


def strays_remove() -> int:
    """Delete stray orders and return how many. Audit: `warrant.strays-removed` where there are some."""
    strays = order_strays(set(FootageRelease.objects.values_list("order_file", flat=True)))
    if not strays:
        return 0
    for file in strays:
        file.unlink(missing_ok=True)
    with transaction.atomic():
        audit_record(action="warrant.strays-removed", actor=None, details={"files": len(strays)})
    logger.warning("removed %d order documents that belong to no release", len(strays))
    return len(strays)
