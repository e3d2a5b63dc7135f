"""Questionnaires, assessments of sites with their answers, and which networks they were given for."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, Site

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Questionnaire(models.Model):
    """One version of a questionnaire, as its file had it; never changed, a newer version is another row."""

    slug = models.SlugField(max_length=60)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    is_required = models.BooleanField(help_text="No camera runs without a signed assessment by this one.")
    content = models.JSONField(help_text="Sections and questions; see cameras/assessing/reading.py.")
    sha256 = models.CharField(max_length=64, help_text="Of the file.")
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="questionnaire_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="questionnaire_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"

    @property
    def questions(self) -> dict[str, dict[str, Any]]:
        """All questions by key, in the order of the file."""
        return {question["key"]: question for section in self.content["sections"] for question in section["questions"]}


class Assessment(models.Model):
    """The answers of a site to one questionnaire: a draft, submitted, or signed for ever.

    The database refuses (migration 0002): any change of a signed assessment, a change of an answer, an answer to what
    is submitted, and a signature by somebody who answered.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="assessments")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="assessments")
    slug = models.SlugField(max_length=60, help_text="The questionnaire's, whatever its version.")
    number = models.PositiveIntegerField(help_text="Of this site and questionnaire, from 1.")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    configuration = models.JSONField(default=dict, help_text="Of the site when it was submitted; what is signed.")
    fingerprints = models.JSONField(default=dict, help_text="SHA-256 of each aspect of `configuration`.")
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    returned_at = models.DateTimeField(null=True)
    return_reason = models.CharField(max_length=500, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)

    answers: "RelatedManager[Answer]"

    class Meta:
        ordering = ["site", "slug", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["site", "slug", "number"], name="assessment_number_once"),
            models.UniqueConstraint(
                fields=["site", "slug"], condition=Q(signed_at=None), name="assessment_one_unsigned_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(submitted_by=None, submitted_at=None)
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                name="assessment_submitted_by_and_at_together",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None)
                | Q(signed_by__isnull=False, signed_at__isnull=False, submitted_at__isnull=False),
                name="assessment_signed_only_when_submitted",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("submitted_by")),
                name="assessment_signed_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire.title}, {self.site.name}, no. {self.number}"

    @property
    def state(self) -> str:
        """`draft`, `submitted` or `signed`."""
        if self.signed_at is not None:
            return "signed"
        return "draft" if self.submitted_at is None else "submitted"

    def newest_answers(self) -> dict[str, "Answer"]:
        """Return the answer that counts for each question answered, by its key."""
        rows = self.answers.select_related("answered_by").order_by("revision")
        return {answer.question: answer for answer in rows}


class Answer(models.Model):
    """One answer to one question; a later one is another row, and the earlier ones stay."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="answers")
    question = models.SlugField(max_length=60, help_text="Key of the question.")
    revision = models.PositiveIntegerField()
    choice = models.CharField(max_length=80, blank=True)
    text = models.TextField(max_length=5000)
    fingerprints = models.JSONField(help_text="Of the aspects that the question depends on, as they were then.")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    is_carried = models.BooleanField(default=False, help_text="Taken over from the assessment before.")

    class Meta:
        ordering = ["assessment", "question", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "question", "revision"], name="answer_revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.question} {self.revision}"


class StaleSince(models.Model):
    """When a difference from a signed assessment was first seen; the grace period counts from here.

    It stays when the difference goes, until the next signature: switching to and fro wins no time.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="stale_since")
    aspect = models.CharField(max_length=20)
    key = models.CharField(max_length=20, help_text="The camera's key, or site.")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "aspect", "key"], name="stale_since_once"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.aspect} {self.key}"


class TrialPeriod(models.Model):
    """How long a camera that was added on the command line may run before its site is assessed with it.

    Who starts PACA on a machine of their own with a camera's address tries it out; people work at pages, where a new
    camera waits for the signature.
    """

    camera = models.OneToOneField(Camera, on_delete=models.CASCADE, related_name="trial_period", primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.camera_id} until {self.until:%Y-%m-%d}"


class RunningNetwork(models.Model):
    """Which weights mask and detect: at a site, or everywhere (no site). Written by who runs them."""

    class Kind(models.TextChoices):
        """What a network does."""

        MASKER = "masker", _("Masks")
        DETECTOR = "detector", _("Detects")

    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="networks")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=80)
    weights = models.CharField(max_length=64, help_text="Identity of all files of the weights.")
    event_kinds = models.JSONField(default=list, blank=True, help_text="What a detector can call; empty for maskers.")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "kind"], nulls_distinct=False, name="running_network_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.weights[:12]}"


class NetworkPrint(models.Model):
    """Which weights a fingerprint stands for; alerts and recordings keep fingerprints (weights and settings) only."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=80)
    weights = models.CharField(max_length=64, help_text="Identity of all files of the weights.")
    first_run_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.weights})"
