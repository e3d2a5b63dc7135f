"""Alerts. Their decisions and what else belongs to them stand beside this file; Django finds all of them here."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from alerts.decisions import Decision as Decision
from alerts.decisions import Verdict as Verdict
from alerts.follow_up import ActionTaken, ConfidenceReveal
from alerts.incidents import Incident
from alerts.reasons import DismissReason as DismissReason
from alerts.shelves import Shelf
from alerts.shifts import Shift  # noqa: F401 - Django finds the models of an app here
from alerts.states import OPEN_STATES as OPEN_STATES
from alerts.states import AlertState as AlertState
from alerts.states import CallLevel as CallLevel
from alerts.states import ClipState as ClipState
from alerts.states import Severity as Severity
from cameras.models import Camera

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from paca_site.accounts.models import User


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts, narrowed."""

    def free_for(self, user: "User") -> "AlertQuerySet":
        """Alerts that nobody else works on now."""
        mine = models.Q(claimed_by=None) | models.Q(claimed_by=user)
        return self.filter(mine | models.Q(claimed_until__lte=timezone.now()))

    def in_queue(self) -> "AlertQuerySet":
        """Open alerts that are not on a shelf now."""
        back = models.Q(shelved_until=None) | models.Q(shelved_until__lte=timezone.now())
        return self.filter(back, state__in=OPEN_STATES)

    def on_desk(self) -> "AlertQuerySet":
        """Without seeded ones that are over: what looks like an alert to whoever does not know."""
        return self.filter(models.Q(is_seeded=False) | models.Q(state=AlertState.NEW))

    def to_log(self) -> "AlertQuerySet":
        """Confirmed alerts of which nobody has said yet what was done."""
        return self.filter(awaits_log=True)


AnyAlertManager = models.Manager.from_queryset(AlertQuerySet)


class RealAlertManager(AnyAlertManager["Alert"]):
    """Alerts that machines raised: the default, so that no count, list or export has a seeded one by forgetting."""

    def get_queryset(self) -> AlertQuerySet:
        """Leave out what was seeded."""
        return AlertQuerySet(self.model, using=self._db).filter(is_seeded=False)


class Alert(models.Model):
    """An event as an operator sees it. The row is the alert: a push only says that there is something to look at."""

    camera = models.ForeignKey(  # found by the indexes below, which begin with it
        Camera, on_delete=models.PROTECT, related_name="alerts", db_index=False
    )
    event_id = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=AlertState.choices, default=AlertState.NEW)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    kind = models.CharField(max_length=32)
    sentence = models.CharField(max_length=200)
    facts = models.JSONField(default=dict, blank=True)
    confidence = models.FloatField(
        help_text="Calibrated, 0 to 100 %.", validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    score = models.FloatField(help_text="Highest anomaly score, 0 to 1.")
    threshold = models.FloatField(help_text="Score at which this camera calls, 0 to 1.")
    started_at = models.DateTimeField()
    peak_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    is_end_assumed = models.BooleanField(
        default=False, help_text="The worker fell silent: `ended_at` is the last moment it told of."
    )
    raised_at = models.DateTimeField(default=timezone.now, help_text="When it was stored, and pushed.")
    reported_at = models.DateTimeField(default=timezone.now, help_text="When its worker last reported it.")
    region = models.JSONField(help_text="Polygon at the peak: [[x, y], ...], 0 to 1 of width and height.")
    regions = models.JSONField(default=list, blank=True, help_text="[[seconds from start, polygon], ...]")
    scores = models.JSONField(default=list, blank=True, help_text="[[seconds from start, score], ...]")
    masker = models.CharField(max_length=64)
    detector = models.CharField(max_length=64)
    clip_state = models.CharField(max_length=8, choices=ClipState.choices, default=ClipState.PENDING)
    clip_path = models.CharField(max_length=255, blank=True)
    poster_path = models.CharField(max_length=255, blank=True)
    clip_started_at = models.DateTimeField(null=True, blank=True)
    clip_duration_s = models.FloatField(null=True, blank=True)
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts")
    shelf = models.ForeignKey(Shelf, null=True, blank=True, on_delete=models.SET_NULL, related_name="shelved")
    shelved_until = models.DateTimeField(null=True, blank=True, help_text="Out of the queue until then.")
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="claimed_alerts",
        db_index=False,  # found by the constraint's index, which has none of the millions that nobody holds
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="Runs out here unless there is activity.")
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody more is called; see alerts/timers.py."
    )
    call_level = models.PositiveSmallIntegerField(choices=CallLevel.choices, default=CallLevel.DESK)
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was logged what was done about a confirmed alert."
    )

    awaits_log = models.GeneratedField(
        # a column, as PostgreSQL takes "confirmed" and "not closed" for independent and guesses millions
        expression=models.ExpressionWrapper(
            models.Q(state="confirmed", closed_at=None), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
        help_text="Confirmed, and nobody has said yet what was done.",
    )
    is_seeded = models.BooleanField(default=False, help_text="A test of vigilance; see alerts/seeding.")

    objects = RealAlertManager()
    desk = (
        AlertQuerySet.as_manager()
    )  # with the seeded ones, for what the desk does with an alert; a test lists who may
    decisions: "RelatedManager[Decision]"
    actions: "RelatedManager[ActionTaken]"
    reveals: "RelatedManager[ConfidenceReveal]"

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            # law 5: whatever is delivered twice is stored once
            models.UniqueConstraint(fields=["camera", "event_id"], name="alert_once_per_camera_and_event"),
            models.CheckConstraint(condition=models.Q(confidence__range=(0, 100)), name="alert_confidence_0_to_100"),
            models.CheckConstraint(
                condition=models.Q(claimed_by=None, claimed_at=None, claimed_until=None)
                | models.Q(claimed_by__isnull=False, claimed_at__isnull=False, claimed_until__isnull=False),
                name="alert_claim_is_whole",
            ),
            # who has several alerts works on one and only blocks the others
            models.UniqueConstraint(
                fields=["claimed_by"],
                name="alert_one_claim_per_person",
                condition=models.Q(claimed_by__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(claimed_by=None) | models.Q(state__in=["new", "escalated"]),
                name="alert_claimed_only_while_open",
            ),
            models.CheckConstraint(
                condition=models.Q(due_at=None) | models.Q(state="new"), name="alert_due_only_while_new"
            ),
            models.CheckConstraint(
                condition=models.Q(shelved_until=None) | models.Q(state="new", claimed_by=None),
                name="alert_shelved_only_while_new_and_free",
            ),
            models.CheckConstraint(condition=models.Q(call_level__range=(0, 2)), name="alert_call_level_known"),
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | models.Q(state="confirmed"), name="alert_closed_only_if_confirmed"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-raised_at"],
                name="alert_open_raised",
                condition=models.Q(state__in=["new", "escalated"]),  # the queue: few open among many
            ),
            models.Index(fields=["camera", "-raised_at"], name="alert_camera_raised"),  # last alerts here, purge
            models.Index(fields=["-raised_at"], name="alert_raised"),  # how many came in the last minutes
            models.Index(
                fields=["kind", "-raised_at"],
                name="alert_decided_kind",
                condition=models.Q(state__in=["confirmed", "dismissed"]),  # how often alerts like one were confirmed
            ),
            models.Index(  # the beat asks every few seconds
                fields=["due_at"], name="alert_due", condition=models.Q(due_at__isnull=False)
            ),
            models.Index(
                fields=["camera"],
                name="alert_to_log",
                condition=models.Q(awaits_log=True),  # few wait for a word on what was done
            ),
            models.Index(  # the beat ends claims that have run out
                fields=["claimed_until"], name="alert_claimed", condition=models.Q(claimed_until__isnull=False)
            ),
            models.Index(  # the beat looks for events whose worker fell silent
                fields=["raised_at"], name="alert_unended", condition=models.Q(ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.sentence}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to decide."""
        return self.state in OPEN_STATES

    @property
    def holder(self) -> "User | None":
        """Who works on it now; None where nobody does or the claim has run out."""
        is_held = self.claimed_until is not None and self.claimed_until > timezone.now()
        return self.claimed_by if is_held else None

    @property
    def is_shelved(self) -> bool:
        """Whether it is out of the queue for a time."""
        return self.shelved_until is not None and self.shelved_until > timezone.now()

    @property
    def is_to_log(self) -> bool:
        """Whether it was confirmed and nobody has said yet what was done."""
        return self.state == AlertState.CONFIRMED and self.closed_at is None

    @property
    def duration(self) -> timedelta:
        """How long the event lasted, or has lasted so far."""
        return (self.ended_at or timezone.now()) - self.started_at
