"""The Celery app: queue `streams` runs cameras (long, bounded turns), queue `default` everything else."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paca_site.settings")

app = Celery("paca")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
