"""Serious incidents: a report that never changes, what was added to it since, and who is to be told until when."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Site
from paca_site.oversight.serious.harms import Gravity, Harm, Law, Outcome, Recipient

SHORTEST = 20
"""Characters of what happened, of lessons and of a correction: "fixed" is no record."""


class ReportQuerySet(models.QuerySet["Report"]):
    """Reports, narrowed."""

    def open(self) -> "ReportQuerySet":
        """Those that nobody has closed."""
        return self.filter(closed_at=None)


class Report(models.Model):
    """One serious incident as it was reported. It is closed once, by somebody else; nothing else of it changes.

    Cameras and alerts are written down as they were, as the record must outlive both.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="serious_reports", verbose_name=_("place"))
    headline = models.CharField(_("headline"), max_length=120)
    began_at = models.DateTimeField(_("when it happened, or began"), null=True, blank=True)
    noticed_at = models.DateTimeField(_("when it was noticed"))
    harms = models.JSONField(help_text="Kinds of harm as first reported; corrections add to them.")
    gravity = models.PositiveSmallIntegerField(_("how grave"), choices=Gravity.choices)
    cameras = models.JSONField(
        default=list, blank=True, help_text='[{"id": 3, "name": "Square"}], named as they were then.'
    )
    alert_ids = models.JSONField(default=list, blank=True, help_text="Numbers; they outlive the alerts.")
    filed_at = models.DateTimeField(default=timezone.now)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="serious_filed")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="serious_closed"
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    lessons = models.TextField(max_length=4000, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_by=None, outcome="", lessons="")
                | models.Q(closed_at__isnull=False, closed_by__isnull=False)
                & ~models.Q(outcome="")
                & ~models.Q(lessons=""),
                name="serious_closed_whole_or_not",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_by=None) | ~models.Q(closed_by=models.F("filed_by")),
                name="serious_closed_by_another",
            ),
            models.CheckConstraint(condition=models.Q(gravity__in=Gravity.values), name="serious_gravity_known"),
            models.CheckConstraint(
                condition=models.Q(began_at=None) | models.Q(began_at__lte=models.F("noticed_at")),
                name="serious_noticed_after_it_began",
            ),
            models.CheckConstraint(
                condition=models.Q(noticed_at__lte=models.F("filed_at")), name="serious_filed_after_noticed"
            ),
        ]
        indexes = [  # every page asks for open ones of some sites
            models.Index(fields=["site"], condition=models.Q(closed_at=None), name="serious_open")
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.headline}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed it."""
        return self.closed_at is None


class EntryKind(models.TextChoices):
    """What an entry is."""

    ACCOUNT = "account", _("What happened")
    MEASURE = "measure", _("Measure taken")
    NOTE = "note", _("Note")
    CORRECTION = "correction", _("Correction")
    TOLD = "told", _("Told")
    NOT_NEEDED = "not-needed", _("Need not be told")
    REOPENED = "reopened", _("Not so: the deadline runs again")


SETTLES = (EntryKind.TOLD, EntryKind.NOT_NEEDED)
ABOUT_DUTIES = (*SETTLES, EntryKind.REOPENED)


class DutyQuerySet(models.QuerySet["Duty"]):
    """Duties, narrowed."""

    def unsettled(self) -> "DutyQuerySet":
        """Those of open reports that nobody has settled: the newest entry about each says how it stands."""
        newest = Entry.objects.filter(duty=models.OuterRef("pk")).order_by("-number").values("kind")[:1]
        return (
            self.filter(report__closed_at=None)
            .alias(last_kind=Coalesce(models.Subquery(newest), models.Value("")))
            .exclude(last_kind__in=SETTLES)
        )

    def overdue(self, now: datetime) -> "DutyQuerySet":
        """Those whose deadline has passed."""
        return self.unsettled().filter(due_at__lt=now)


class Duty(models.Model):
    """Somebody is to be told by a moment. It never changes: what became of it are entries."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="duties")
    recipient = models.CharField(max_length=20, choices=Recipient.choices)
    law = models.CharField(max_length=12, choices=Law.choices)
    due_at = models.DateTimeField(help_text="By the settings of the day it was written down.")

    objects = DutyQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "law"], name="serious_duty_once"),
            models.CheckConstraint(condition=models.Q(recipient__in=Recipient.values), name="serious_recipient_known"),
            models.CheckConstraint(condition=models.Q(law__in=Law.values), name="serious_law_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_recipient_display()} ({self.get_law_display()})"


class Entry(models.Model):
    """Something written down about a report; never changed and never deleted. What was wrong is corrected by another.

    `token` is of the form that brought it: one that is sent twice makes one entry.
    """

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField(help_text="Within the report, from 1.")
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    text = models.TextField(max_length=4000)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="serious_entries")
    duty = models.ForeignKey(Duty, null=True, blank=True, on_delete=models.PROTECT, related_name="entries")
    told_at = models.DateTimeField(null=True, blank=True)
    gravity = models.PositiveSmallIntegerField(choices=Gravity.choices, null=True, blank=True)
    added_harms = models.JSONField(default=list, blank=True)
    token = models.UUIDField(default=uuid4, unique=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="serious_entry_numbered"),
            models.CheckConstraint(condition=models.Q(kind__in=EntryKind.values), name="serious_entry_kind_known"),
            models.CheckConstraint(
                condition=models.Q(kind__in=ABOUT_DUTIES, duty__isnull=False)
                | ~models.Q(kind__in=ABOUT_DUTIES) & models.Q(duty=None),
                name="serious_entry_names_its_duty",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=EntryKind.TOLD, told_at__isnull=False)
                | ~models.Q(kind=EntryKind.TOLD) & models.Q(told_at=None),
                name="serious_entry_told_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}.{self.number} {self.kind}"

    @property
    def added_harm_words(self) -> list[str]:
        """The kinds of harm that a correction added, in words."""
        return [str(Harm(harm).label) for harm in self.added_harms]
