"""Celery task of drift: may run twice, and finds everything in the database."""

from celery import shared_task

from inference.drifting.services.measuring import drifts_measure


@shared_task(time_limit=3000)
def measure_drift() -> None:
    """Compare the last week of each camera with the four before."""
    drifts_measure()
