"""Celery tasks of benefit and cost: may run twice, and find everything in the database."""

from celery import shared_task

from paca_site.oversight.benefit.services import camera_days_note


@shared_task(time_limit=300)
def note_camera_days() -> None:
    """Note what each camera took today, and the days before that were missed."""
    camera_days_note()
