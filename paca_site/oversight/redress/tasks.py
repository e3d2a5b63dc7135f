"""What complaints do by themselves."""

from celery import shared_task
from django.utils import timezone

from paca_site.oversight.redress.services.answering import complaints_purge


@shared_task(time_limit=120)
def purge_complaints() -> int:
    """Delete complaints past their time."""
    return complaints_purge(timezone.now())
