"""What the last comparison of each camera's last week with the four before gave."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera


class DriftState(models.TextChoices):
    """What a comparison says."""

    FEW = "few", _("too little seen")
    STEADY = "steady", _("as before")
    DRIFT = "drift", _("drift")


class Drift(models.Model):
    """One camera's newest comparison; numbers only."""

    camera = models.OneToOneField(Camera, on_delete=models.CASCADE, related_name="drift", primary_key=True)
    measured_at = models.DateTimeField()
    flagged_since = models.DateTimeField(null=True, help_text="First comparison of an unbroken row with a flag.")
    scores = models.CharField(max_length=6, choices=DriftState.choices)
    scores_p = models.FloatField(null=True)
    factor = models.FloatField(null=True, help_text="Events of the last week in proportion to those before.")
    threshold_percent = models.FloatField(null=True, help_text="Threshold at which `factor` was counted.")
    calibration = models.CharField(max_length=6, choices=DriftState.choices)
    calibration_p = models.FloatField(null=True)
    decided = models.PositiveIntegerField(null=True, help_text="Alerts of the last week.")
    confirmed = models.PositiveIntegerField(null=True)
    expected = models.FloatField(null=True, help_text="Confirmed, by alerts of the same confidence.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scores="few", scores_p=None, factor=None, threshold_percent=None)
                | ~Q(scores="few") & Q(scores_p__range=(0, 1), factor__gt=0, threshold_percent__isnull=False),
                name="drift_scores_whole_or_few",
            ),
            models.CheckConstraint(
                condition=Q(calibration="few", calibration_p=None, decided=None, confirmed=None, expected=None)
                | ~Q(calibration="few")
                & Q(calibration_p__range=(0, 1), decided__gt=0, confirmed__isnull=False, expected__isnull=False),
                name="drift_calibration_whole_or_few",
            ),
            models.CheckConstraint(
                condition=Q(flagged_since=None) & ~Q(scores="drift") & ~Q(calibration="drift")
                | Q(flagged_since__isnull=False) & (Q(scores="drift") | Q(calibration="drift")),
                name="drift_flag_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.scores} {self.calibration}"

    @property
    def is_flagged(self) -> bool:
        """Whether anything drifted."""
        return self.flagged_since is not None

    @property
    def scores_sentence(self) -> str:
        """How scores compare, in a sentence."""
        if self.factor is None or self.threshold_percent is None:
            return gettext("Scores: too few days have been seen to compare the last week with the four before.")
        if self.scores == DriftState.DRIFT:
            told = gettext(
                "Scores drift: in the last week events at a threshold of {threshold:.0f} percent came {factor:.1f} "
                "times as often as in the four weeks before."
            )
        else:
            told = gettext("Scores: the last week is as the four before, as far as chance allows to tell.")
        return told.format(threshold=self.threshold_percent, factor=self.factor)

    @property
    def calibration_sentence(self) -> str:
        """How decisions compare, in a sentence."""
        if self.decided is None or self.confirmed is None or self.expected is None:
            return gettext("Confidence: too few alerts were decided to compare the last week with the four before.")
        if self.calibration == DriftState.DRIFT:
            told = gettext(
                "Confidence drifts: of {decided} alerts decided in the last week {confirmed} were confirmed; by alerts "
                "of the same confidence in five weeks, about {expected:.0f} would be."
            )
        else:
            told = gettext(
                "Confidence: of {decided} alerts decided in the last week {confirmed} were confirmed, much as before."
            )
        return told.format(decided=self.decided, confirmed=self.confirmed, expected=self.expected)
