"""Work on releases beside the pages."""

from celery import shared_task

from cameras.warrants.services.deciding import releases_lapse
from cameras.warrants.services.opening import releases_expire
from cameras.warrants.services.sweeping import strays_remove


@shared_task(ignore_result=True, soft_time_limit=50, time_limit=60)  # type: ignore[untyped-decorator]  # celery has no types
def lapse_releases() -> None:
    """End what is open too long and what nobody decided in time, and remove orders without a release."""
    releases_expire()
    releases_lapse()
    strays_remove()
