"""The PACA project; exposes the Celery app, as Celery wants it."""

from paca_site.celery import app as celery_app

__all__ = ["celery_app"]
