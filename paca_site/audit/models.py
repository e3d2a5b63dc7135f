"""The trail itself: rows that are written once, numbered without gaps and chained by hash."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from paca_site.audit.actions import Verb


class AuditEntry(models.Model):
    """One thing that happened. Never changed, never deleted: a database trigger refuses both.

    `body` is what the hash covers, as canonical JSON text: the columns repeat it for filtering, and verification
    compares the two, so that changing a column shows as surely as changing the text.
    """

    number = models.BigIntegerField(unique=True, help_text="Gapless, from 1.")
    at = models.DateTimeField()
    action = models.CharField(max_length=40)
    verb = models.CharField(max_length=16, choices=Verb.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="audit_entries"
    )
    request_id = models.UUIDField(help_text="One human action or task turn; entries made by it share it.")
    subject = models.CharField(max_length=80, blank=True, help_text='What it was done to, such as "alert:12".')
    site_id = models.BigIntegerField(
        null=True, help_text="Site of the subject, for scoped reading; no foreign key, as it must outlive the site."
    )
    body = models.TextField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        indexes = [
            models.Index(fields=["action", "-number"], name="audit_action_number"),  # filter by action, newest first
            models.Index(fields=["actor", "-number"], name="audit_actor_number"),  # what did this person do
            models.Index(fields=["subject", "-number"], name="audit_subject_number"),  # what happened to this alert
            # a month at a time is counted; rows lie in the order of their time, so that a few kilobytes tell where
            BrinIndex(fields=["at"], name="audit_at_brin", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse to change a row; the trigger would as well."""
        if self.pk is not None:
            raise TypeError("An audit entry is written once and never changed.")
        super().save(*args, **kwargs)
