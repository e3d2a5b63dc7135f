"""Alerts and the decisions people made on them."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.follow_up import ActionTaken, ConfidenceReveal
from alerts.incidents import Incident
from alerts.reasons import DismissReason as DismissReason
from alerts.shelves import Shelf
from alerts.shifts import Shift  # noqa: F401 - Django finds the models of an app here
from cameras.models import Camera

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from paca_site.accounts.models import User


class AlertState(models.TextChoices):
    """Where an alert is in its life."""

    NEW = "new", _("New")
    ESCALATED = "escalated", _("Escalated")
    CONFIRMED = "confirmed", _("Confirmed")
    DISMISSED = "dismissed", _("Dismissed")


OPEN_STATES = (AlertState.NEW, AlertState.ESCALATED)


class Severity(models.IntegerChoices):
    """How soon a person should look; always shown as colour, icon and word."""

    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")


class CallLevel(models.IntegerChoices):
    """Who has been called to an open alert, by the clock or by an escalation."""

    DESK = 0, _("Desk")
    SECOND = 1, _("Second operator called")
    SUPERVISOR = 2, _("Supervisor called")


class ClipState(models.TextChoices):
    """Whether the masked clip can be watched."""

    PENDING = "pending", _("Being made")
    READY = "ready", _("Ready")
    MISSING = "missing", _("No recording")
    NONE = "none", _("Not kept by policy")
    PURGED = "purged", _("Deleted at the end of its retention")


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
        return self.filter(state=AlertState.CONFIRMED, closed_at=None)


AnyAlertManager = models.Manager.from_queryset(AlertQuerySet)


class RealAlertManager(AnyAlertManager["Alert"]):
    """Alerts that machines raised: the default, so that no count, list or export has a seeded one by forgetting."""

    def get_queryset(self) -> AlertQuerySet:
        """Leave out what was seeded."""
        return AlertQuerySet(self.model, using=self._db).filter(is_seeded=False)


class Alert(models.Model):
    """An event as an operator sees it. The row is the alert: a push only says that there is something to look at."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="alerts")
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
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="claimed_alerts"
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
            models.UniqueConstraint(fields=["claimed_by"], name="alert_one_claim_per_person"),
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
                condition=models.Q(state="confirmed", closed_at=None),  # few wait for a word on what was done
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


class Verdict(models.TextChoices):
    """What a person decided."""

    CONFIRM = "confirm", _("Confirmed")
    DISMISS = "dismiss", _("Dismissed")
    ESCALATE = "escalate", _("Escalated")
    UNDO = "undo", _("Undone")


class Decision(models.Model):
    """What one person decided on one alert, when, and what they had seen."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    reason = models.CharField(max_length=10, choices=DismissReason.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    role = models.CharField(max_length=16)
    at = models.DateTimeField(default=timezone.now)
    after_s = models.FloatField(help_text="Seconds from the alert's appearance to this decision.")
    watched_s = models.FloatField(
        default=0.0, help_text="Seconds of the clip that were played on this screen before it."
    )
    is_confidence_shown = models.BooleanField(default=True, help_text="Whether the page told the confidence before it.")
    is_bulk = models.BooleanField(default=False, help_text="Dismissed together with others of its incident.")
    state_before = models.CharField(max_length=10, choices=AlertState.choices, default=AlertState.NEW)
    revokes = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="revoked_by",
        help_text="The decision that this one takes back; nothing is deleted.",
    )

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(verdict="dismiss") | ~models.Q(reason=""),
                name="decision_dismissal_has_a_reason",
                violation_error_message=_("A dismissal needs a reason."),
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="undo", revokes__isnull=False)
                | (~models.Q(verdict="undo") & models.Q(revokes=None)),
                name="decision_undo_names_what_it_revokes",
            ),
        ]
        indexes = [models.Index(fields=["-at"], name="decision_at")]  # the supervisors' list, newest first

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.by}"

    @property
    def after(self) -> timedelta:
        """Time from the alert's appearance to this decision."""
        return timedelta(seconds=self.after_s)
