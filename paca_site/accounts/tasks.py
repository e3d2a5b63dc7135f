"""What signing in needs beside the pages."""

from celery import shared_task

from paca_site.accounts.sessions import sessions_end


@shared_task(ignore_result=True, soft_time_limit=50, time_limit=60)
def end_sessions() -> None:
    """End sessions that no page asks for any more, so that the trail has the minute, not the next morning."""
    sessions_end()
