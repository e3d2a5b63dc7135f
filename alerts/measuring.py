"""How long alerts and decisions take, counted as they are stored."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from alerts.models import Alert, Decision
from paca_site.metrics.measures import DELAY_SECONDS


@receiver(post_save, sender=Alert, dispatch_uid="alerts.measuring.stored")
def count_stored(instance: Alert, created: bool, **kwargs: Any) -> None:
    """Count the time from an event's beginning to its stored alert; one that was spooled for long counts as late."""
    if created and not instance.is_seeded:
        delay_s = (instance.raised_at - instance.started_at).total_seconds()
        transaction.on_commit(lambda: DELAY_SECONDS.labels("stored").observe(max(0.0, delay_s)))


@receiver(post_save, sender=Decision, dispatch_uid="alerts.measuring.decided")
def count_decided(instance: Decision, created: bool, **kwargs: Any) -> None:
    """Count the time from a stored alert to a decision."""
    if created:
        transaction.on_commit(lambda: DELAY_SECONDS.labels("decided").observe(max(0.0, instance.after_s)))
