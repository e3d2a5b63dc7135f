"""Celery tasks of second reviews: may run twice, and find everything in the database."""

from celery import shared_task

from alerts.reviewing.services.drawing import reviews_draw, reviews_lapse


@shared_task(time_limit=50)
def draw_reviews() -> None:
    """Draw what was decided since the last run, and end reviews that nobody can give any more."""
    reviews_draw()
    reviews_lapse()
