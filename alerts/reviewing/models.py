"""Second reviews: what was drawn, what the second person said, and what a supervisor made of a disagreement."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.models import Alert, Decision, DismissReason, Verdict


class ReviewState(models.TextChoices):
    """Where a second review is."""

    WAITING = "waiting", _("Waiting")
    AGREED = "agreed", _("Agreed")
    DISAGREED = "disagreed", _("Disagreed")
    SETTLED = "settled", _("Settled")
    LAPSED = "lapsed", _("Lapsed without a clip")


GIVEN = (ReviewState.AGREED, ReviewState.DISAGREED, ReviewState.SETTLED)


class Answer(models.TextChoices):
    """What the second person says; "cannot tell" is an answer of its own, which the first did not have in the end."""

    CONFIRM = "confirm", _("Confirm")
    DISMISS = "dismiss", _("Dismiss")
    UNSURE = "escalate", _("Cannot tell")


class Finding(models.TextChoices):
    """What a supervisor says of a disagreement."""

    CONFIRM = "confirm", _("It had to be confirmed")
    DISMISS = "dismiss", _("It had to be dismissed")
    UNCLEAR = "unclear", _("The clip does not show which")


class DrawPeriod(models.Model):
    """A stretch of time in which decided alerts were drawn at one rate, with one key, so that they can be re-drawn."""

    percent = models.PositiveSmallIntegerField(help_text="Of decided alerts, 0 to 100.")
    key_tag = models.CharField(max_length=12, help_text="Tells keys apart, and nothing about them.")
    starts_at = models.DateTimeField(help_text="Decisions after this ...")
    drawn_until = models.DateTimeField(help_text="... up to this were drawn.")

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(percent__range=(0, 100)), name="draw_percent_0_to_100"),
            models.CheckConstraint(
                condition=models.Q(drawn_until__gte=models.F("starts_at")), name="draw_period_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % from {self.starts_at:%Y-%m-%d %H:%M}"


class ReviewQuerySet(models.QuerySet["Review"]):
    """Second reviews, narrowed."""

    def waiting(self) -> "ReviewQuerySet":
        """Those that nobody has given."""
        return self.filter(state=ReviewState.WAITING)

    def given(self) -> "ReviewQuerySet":
        """Those that somebody has given, settled or not."""
        return self.filter(state__in=GIVEN)


class Review(models.Model):
    """One alert that a second person decides again. It changes nothing about the alert's own decision."""

    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, related_name="review")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="+", help_text="The first one.")
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_random = models.BooleanField(help_text="It was among those drawn.")
    is_severe = models.BooleanField(help_text="It was severe and had been confirmed.")
    drawn_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=ReviewState.choices, default=ReviewState.WAITING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    reason = models.CharField(max_length=10, choices=DismissReason.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)
    watched_s = models.FloatField(default=0.0, help_text="Seconds of the clip that were played before it.")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=8, choices=Finding.choices, blank=True)
    finding_note = models.CharField(max_length=500, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-drawn_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_random=True) | models.Q(is_severe=True), name="review_drawn_for_something"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "lapsed"], by=None, at=None, verdict="")
                | (
                    models.Q(state__in=["agreed", "disagreed", "settled"], by__isnull=False, at__isnull=False)
                    & ~models.Q(verdict="")
                ),
                name="review_given_wholly_or_not",
            ),
            models.CheckConstraint(
                condition=models.Q(by=None) | ~models.Q(by=models.F("first_by")), name="review_by_somebody_else"
            ),
            models.CheckConstraint(
                condition=~models.Q(verdict="dismiss") | ~models.Q(reason=""), name="review_dismissal_has_a_reason"
            ),
            models.CheckConstraint(
                condition=(~models.Q(state="settled") & models.Q(settled_by=None, settled_at=None, finding=""))
                | (
                    models.Q(state="settled", settled_by__isnull=False, settled_at__isnull=False)
                    & ~models.Q(finding="")
                    & ~models.Q(settled_by=models.F("by"))
                    & ~models.Q(settled_by=models.F("first_by"))
                ),
                name="review_settled_wholly_by_a_third",
            ),
        ]
        indexes = [
            models.Index(fields=["drawn_at"], name="review_waiting", condition=models.Q(state="waiting")),  # the queue
            models.Index(fields=["at"], name="review_at"),  # figures of a time
        ]

    def __str__(self) -> str:
        return f"review {self.pk} of alert {self.alert_id}"

    @property
    def agrees(self) -> bool:
        """Whether both said the same; reasons may differ. Only of one that was given."""
        return bool(self.verdict) and self.verdict == self.decision.verdict

    @property
    def first_word(self) -> str:
        """What the first person decided, as the second one's answers are called."""
        return str(Answer.CONFIRM.label if self.decision.verdict == Verdict.CONFIRM else Answer.DISMISS.label)
