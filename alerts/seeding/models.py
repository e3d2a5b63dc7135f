"""Test alerts: the clips to make them of, how many there are to be, and what people said to each.

Source: threat image projection of X-ray screening (Hofer and Schwaninger, 2005, doi 10.2495/SAFE050091).
"""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from alerts.models import Alert, DismissReason, Verdict
from alerts.shifts import Shift
from cameras.models import Site

MOST_PER_SHIFT = 3


class SeedPlan(models.Model):
    """How many test alerts a shift of an operator gets at a site; 0 is none."""

    site = models.OneToOneField(Site, on_delete=models.PROTECT, related_name="seed_plan")
    per_shift = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(MOST_PER_SHIFT)])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(per_shift__range=(0, MOST_PER_SHIFT)), name="seed_plan_0_to_3")
        ]

    def __str__(self) -> str:
        return f"{self.per_shift} a shift at site {self.site_id}"


class KnownClip(models.Model):
    """A decided alert that a supervisor chose, and what it is known to show. It lives no longer than that alert."""

    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, related_name="known_clip")
    is_positive = models.BooleanField(help_text="Somebody had to act.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{'positive' if self.is_positive else 'negative'}: alert {self.alert_id}"


class SeedQuerySet(models.QuerySet["Seed"]):
    """Test alerts, narrowed."""

    def waiting(self) -> "SeedQuerySet":
        """Those that nobody has decided and that were not withdrawn."""
        return self.filter(verdict="", withdrawn_at=None)

    def decided(self) -> "SeedQuerySet":
        """Those that somebody decided."""
        return self.exclude(verdict="")


class Seed(models.Model):
    """One test alert: which clip it shows, and what was said to it. Its row among the alerts is `alert`."""

    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, related_name="seed")
    clip = models.ForeignKey(KnownClip, null=True, on_delete=models.SET_NULL, related_name="seeds")
    source_number = models.BigIntegerField(help_text="Number of the alert whose clip it shows.")
    is_positive = models.BooleanField()
    shift = models.ForeignKey(Shift, null=True, on_delete=models.SET_NULL, related_name="seeds")
    place = models.PositiveSmallIntegerField(null=True, help_text="Of the shift's tests; empty: placed by hand.")
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: the plan."
    )
    placed_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(help_text="When the event seems to end.")
    clip_at = models.DateTimeField(help_text="When the clip seems to be made.")
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    reason = models.CharField(max_length=10, choices=DismissReason.choices, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="seeds")
    at = models.DateTimeField(null=True)
    after_s = models.FloatField(null=True, help_text="Seconds from its appearance to what was said.")
    watched_s = models.FloatField(null=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="When it was taken away undecided.")

    objects = SeedQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at"]
        constraints = [
            # killed between two runs, or run twice at once: each of a shift's tests is placed once
            models.UniqueConstraint(fields=["shift", "place"], name="seed_once_per_shift_and_place"),
            models.CheckConstraint(
                condition=models.Q(verdict="", by=None, at=None, after_s=None)
                | (~models.Q(verdict="") & models.Q(by__isnull=False, at__isnull=False, after_s__isnull=False)),
                name="seed_decided_wholly_or_not",
            ),
        ]
        indexes = [
            models.Index(  # the beat asks every two seconds
                fields=["placed_at"], name="seed_waiting", condition=models.Q(verdict="", withdrawn_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"seed {self.pk} as alert {self.alert_id}"

    @property
    def was_called(self) -> bool:
        """Whether the person would have had somebody act: confirmed, or asked the supervisor."""
        return self.verdict in {Verdict.CONFIRM, Verdict.ESCALATE}

    @property
    def is_right(self) -> bool:
        """Whether what was said fits what the clip is known to show."""
        return bool(self.verdict) and self.was_called == self.is_positive
