"""What counted months do by themselves."""

from celery import shared_task
from django.utils import timezone

from paca_site.oversight.monthly.services import months_count


@shared_task(time_limit=3600)
def count_months() -> int:
    """Count months that have finished since."""
    return months_count(timezone.now())
