"""What invitations need beside the pages."""

from celery import shared_task

from cameras.inviting.services import invitations_tidy


@shared_task(ignore_result=True, soft_time_limit=50, time_limit=60)
def tidy_invitations() -> None:
    """Forget what is over, so that no address is kept longer than its link."""
    invitations_tidy()
