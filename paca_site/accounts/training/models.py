"""Certificates of training, attempts at the built-in course, and since when certificates are asked for."""

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SHORTEST_REASON = 10


def today() -> date:
    """Return the day by which certificates begin and end: UTC's, as a person may work at sites of several zones."""
    return timezone.now().date()


class Attempt(models.Model):
    """One filled-in quiz of the built-in course. It is kept whether it was passed or not."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="training_attempts")
    nonce = models.UUIDField(unique=True, help_text="Names one sheet of questions: sent twice, it is marked once.")
    version = models.PositiveSmallIntegerField(help_text="Of the course.")
    asked = models.JSONField(help_text="Names of the questions that were asked.")
    wrong = models.JSONField(help_text="Names of those that were answered wrongly.")
    right = models.PositiveSmallIntegerField()
    is_passed = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["person", "-at"], name="attempt_person_newest")]  # the last one, and how many

    def __str__(self) -> str:
        return f"{self.right} of {self.count}"

    @property
    def count(self) -> int:
        """How many questions were asked."""
        return len(self.asked)


class Source(models.TextChoices):
    """Where a certificate comes from."""

    COURSE = "course", _("Passed here")
    GRANTED = "granted", _("Granted by a supervisor")
    DEMO = "demo", _("Demo: nobody was trained")


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Certificates, narrowed."""

    def current(self, day: date | None = None) -> "CertificateQuerySet":
        """Those that count on a day; None: today."""
        return self.filter(counts_on(day or today()))


def counts_on(day: date, path: str = "") -> Q:
    """Return the condition that a certificate counts on a day; `path` leads to it from another model."""
    return Q(**{f"{path}withdrawn_at": None, f"{path}taken_on__lte": day, f"{path}ends_on__gte": day})


class Certificate(models.Model):
    """One person took one course on a day, and may decide alerts until another day.

    The database refuses (migration 0002) any change but one withdrawal, and that one is deleted.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certificates")
    course = models.CharField(_("course"), max_length=120)
    taken_on = models.DateField(_("taken on"))
    ends_on = models.DateField(_("counts until"), help_text=_("The last day."))
    source = models.CharField(max_length=8, choices=Source.choices)
    attempt = models.OneToOneField(
        Attempt,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="certificate",
        help_text="Of those that were earned.",
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Else empty.",
    )
    made_at = models.DateTimeField(default=timezone.now)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdraw_reason = models.CharField(max_length=300, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-ends_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("taken_on")),
                name="certificate_ends_after_it_was_taken",
                violation_error_message=_("The last day must not come before the day of the course."),
            ),
            models.CheckConstraint(
                condition=Q(source=Source.COURSE, attempt__isnull=False, granted_by=None)
                | Q(source=Source.GRANTED, attempt=None, granted_by__isnull=False)
                | Q(source=Source.DEMO, attempt=None, granted_by=None),
                name="certificate_says_where_it_comes_from",
            ),
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=F("person")),
                name="certificate_granted_by_another_person",
                violation_error_message=_("Nobody grants a certificate to themselves."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdraw_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdraw_reason=""),
                name="certificate_withdrawn_whole_or_not",
            ),
        ]

    if TYPE_CHECKING:
        person_id: int

    def __str__(self) -> str:
        return f"{self.course}, {self.taken_on}"

    @property
    def state(self) -> str:
        """`current`, `over` or `withdrawn`."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "current" if self.ends_on >= today() else "over"


class AskedSince(models.Model):
    """Since when this installation asks for certificates: people who are older have a grace period from then."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
