"""A commissioning of one camera: a test walk, stills of it, what people counted on them, and the decision."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinLengthValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cameras.commissioning.troubles import trouble_sentence
from cameras.models import Camera

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

REASON_MIN: Final = 10
MOST_PEOPLE: Final = 99
"""On one still; more than that nobody counts."""


class RunState(models.TextChoices):
    """Where a commissioning stands. Open are `walking`, `sampling` and `labelling`."""

    WALKING = "walking", _("test walk under way")
    SAMPLING = "sampling", _("stills are being taken")
    LABELLING = "labelling", _("to be labelled and signed")
    SIGNED = "signed", _("signed")
    FAILED = "failed", _("failed")
    ABANDONED = "abandoned", _("abandoned")


OPEN_STATES: Final = (RunState.WALKING, RunState.SAMPLING, RunState.LABELLING)


class RunQuerySet(models.QuerySet["Run"]):
    """Commissionings, narrowed."""

    def current(self, now: datetime) -> "RunQuerySet":
        """Open ones that are not older than they may be; what ends at that age by itself is over at once."""
        oldest = now - timedelta(days=settings.COMMISSION_DAYS)
        return self.filter(state__in=OPEN_STATES, began_at__gt=oldest)

    def signed(self) -> "RunQuerySet":
        """Those with a go or a no-go."""
        return self.filter(state=RunState.SIGNED)


class Run(models.Model):
    """One commissioning. What was signed never changes; nobody signs what they labelled (migration 0002)."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="commissionings", db_index=False)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.WALKING)
    walkers = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PEOPLE)],
        help_text="People who walk, and agreed to it.",
    )
    route = models.CharField(max_length=300, help_text="Where they walk, and how: pace, groups, clothing, aids.")
    prints = models.JSONField(
        help_text="SHA-256 of what it holds for, by aspect; see cameras/commissioning/standing.py."
    )
    masker = models.CharField(max_length=64, blank=True, help_text="Fingerprint of the masker that made the footage.")
    began_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="End of the walk.")
    interval_s = models.FloatField(default=0, help_text="Between two stills.")
    claimed_at = models.DateTimeField(null=True, help_text="When a worker last began to take stills.")
    # of rows from before there were codes
    trouble = models.CharField(max_length=300, blank=True, help_text="Why it failed, in a sentence.")
    trouble_code = models.CharField(max_length=20, blank=True, help_text="A key of `TROUBLES`; empty in older rows.")
    trouble_facts = models.JSONField(default=dict)
    is_go = models.BooleanField(null=True)
    reason = models.CharField(max_length=500, blank=True, validators=[MinLengthValidator(REASON_MIN)])
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    figures = models.JSONField(default=list, help_text="As they were signed; see inference/commissioning/figures.py.")
    objects = RunQuerySet.as_manager()

    stills: "RelatedManager[Still]"

    class Meta:
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["camera"],
                condition=Q(state__in=["walking", "sampling", "labelling"]),
                name="commissioning_one_open_run",
            ),
            models.CheckConstraint(
                condition=Q(state="signed", is_go__isnull=False, signed_by__isnull=False, signed_at__isnull=False)
                | (~Q(state="signed") & Q(is_go=None, signed_by=None, signed_at=None)),
                name="commissioning_signed_is_whole",
            ),
            models.CheckConstraint(condition=Q(walkers__range=(1, MOST_PEOPLE)), name="commissioning_walkers_1_to_99"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gt=F("began_at")), name="commissioning_ends_after_it_began"
            ),
        ]
        indexes = [
            models.Index(
                fields=["camera", "-signed_at"], name="commissioning_newest"
            ),  # asked by the gate, each second
        ]

    def __str__(self) -> str:
        return f"commissioning {self.pk} of camera {self.camera_id}: {self.state}"

    @property
    def why(self) -> str:
        """Why it failed, in the reader's language; an older row's in English."""
        return trouble_sentence(self.trouble_code, self.trouble_facts) if self.trouble_code else self.trouble

    @property
    def is_open(self) -> bool:
        """Whether it still goes on."""
        return self.state in OPEN_STATES


class Still(models.Model):
    """One masked still of the walk, and what was counted on it. The file goes, the numbers stay."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="stills", db_index=False)
    number = models.PositiveSmallIntegerField(help_text="Within the run, from 1.")
    captured_at = models.DateTimeField()
    path = models.CharField(max_length=255, help_text="Relative to the footage folder; empty: deleted.", blank=True)
    visible = models.PositiveSmallIntegerField(null=True, help_text="People in the picture, covered or not.")
    uncovered = models.PositiveSmallIntegerField(null=True, help_text="How many of them are not fully covered.")
    cannot_tell = models.BooleanField(default=False)
    labelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    labelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["run", "number"]
        constraints = [
            # also the index of a run's stills
            models.UniqueConstraint(fields=["run", "number"], name="still_number_once"),
            models.CheckConstraint(
                condition=Q(labelled_by=None, labelled_at=None, visible=None, uncovered=None, cannot_tell=False)
                | Q(
                    labelled_by__isnull=False, labelled_at__isnull=False, visible=None, uncovered=None, cannot_tell=True
                )
                | Q(
                    labelled_by__isnull=False,
                    labelled_at__isnull=False,
                    visible__lte=MOST_PEOPLE,
                    visible__isnull=False,
                    uncovered__isnull=False,
                    uncovered__lte=F("visible"),
                    cannot_tell=False,
                ),
                name="still_label_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["path"], name="still_file", condition=~Q(path="")),  # purge: few have a file
        ]

    def __str__(self) -> str:
        return f"still {self.number} of commissioning {self.run_id}"

    @property
    def is_labelled(self) -> bool:
        """Whether somebody has counted, or said that it cannot be told."""
        return self.labelled_at is not None
