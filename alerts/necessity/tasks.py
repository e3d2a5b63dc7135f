"""Celery task of the necessity clock: may run twice, and finds everything in the database."""

from celery import shared_task

from alerts.necessity.services.proposing import proposals_make


@shared_task(time_limit=300)
def propose_switch_offs() -> None:
    """Look at the record of each camera and kind of event."""
    proposals_make()
