"""Work on assessments beside the pages."""

from celery import shared_task

from cameras.assessing.services.noticing import changes_note


@shared_task(ignore_result=True, soft_time_limit=50, time_limit=60)  # type: ignore[untyped-decorator]  # celery has no types
def note_changes() -> None:
    """Note what changed since assessments were signed."""
    changes_note()
