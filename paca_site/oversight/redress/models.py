"""What somebody outside the control room asks or complains of: kept until some time after the answer."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, Site

SHORTEST_ANSWER = 20
"""Characters: "no" is not an answer."""


class ComplaintKind(models.TextChoices):
    """What is wanted."""

    FILMED = "filmed", _("Was I filmed, and what was kept?")
    OBJECTION = "objection", _("I object to being watched here")
    WRONG_ALERT = "wrong-alert", _("An alert about me was wrong")
    OTHER = "other", _("Something else about these cameras")


class Outcome(models.TextChoices):
    """What became of it; as counted on the public page."""

    UPHELD = "upheld", _("Upheld")
    PARTLY = "partly", _("Upheld in part")
    NOT_UPHELD = "not-upheld", _("Not upheld")
    ANSWERED = "answered", _("A question, answered")
    ELSEWHERE = "elsewhere", _("Passed to another authority")


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    """Complaints, narrowed."""

    def open(self) -> "ComplaintQuerySet":
        """Those that nobody has answered."""
        return self.filter(answered_at=None)


class Complaint(models.Model):
    """One complaint of one person, known to the public by its reference and to that person by a secret as well."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="complaints", verbose_name=_("place"))
    kind = models.CharField(_("what it is about"), max_length=16, choices=ComplaintKind.choices)
    happened = models.CharField(_("when and where"), max_length=200, help_text=_("As well as you know it."))
    message = models.TextField(_("in your words"), max_length=2000)
    sealed_contact = models.BinaryField(blank=True, editable=False, help_text="See sealing.py; empty where none is.")
    reference = models.CharField(max_length=12, unique=True, editable=False)
    secret_sha256 = models.CharField(max_length=64, editable=False)
    form_token = models.UUIDField(unique=True, editable=False, help_text="Of the form: one form, one complaint.")
    filed_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(editable=False)
    cameras: "models.ManyToManyField[Camera, models.Model]" = models.ManyToManyField(
        Camera, blank=True, related_name="complaints"
    )
    alert_ids = models.JSONField(_("alerts"), default=list, blank=True, help_text="Numbers; they outlive the alerts.")
    note = models.TextField(_("findings"), max_length=4000, blank=True, help_text=_("For those who work on it only."))
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, editable=False)
    answer = models.TextField(max_length=4000, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="answered_complaints",
    )

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_at=None, answered_by=None, outcome="", answer="")
                | models.Q(answered_at__isnull=False, answered_by__isnull=False)
                & ~models.Q(outcome="")
                & ~models.Q(answer=""),
                name="complaint_answered_whole_or_not",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=ComplaintKind.values), name="complaint_kind_known"),
        ]
        indexes = [models.Index(fields=["site", "answered_at", "due_at"], name="complaint_work")]  # the staff list

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.answered_at is None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it waits for longer than it may."""
        return self.is_open and now > self.due_at
