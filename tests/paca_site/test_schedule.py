"""What beat asks for exists: a task that nobody knows fails in the worker's log only."""

import importlib

from celery import current_app

from paca_site.schedule import BEAT_SCHEDULE


def test_every_scheduled_task_is_one_that_workers_know() -> None:
    importlib.import_module("paca_site.celery")
    current_app.loader.import_default_modules()
    unknown = {row["task"] for row in BEAT_SCHEDULE.values()} - set(current_app.tasks)
    assert not unknown
