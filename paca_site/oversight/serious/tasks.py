"""What serious-incident reports do by themselves."""

from celery import shared_task

from paca_site.oversight.serious.services.telling import overdue_tell


@shared_task(time_limit=50)
def tell_overdue() -> int:
    """Raise and end the system alerts about deadlines that passed."""
    return overdue_tell()
