"""What changes of modality do by themselves."""

from celery import shared_task

from alerts.modality.changing import changes_finish


@shared_task
def finish_changes() -> None:
    """Go on with every open change whose time has come."""
    changes_finish()
