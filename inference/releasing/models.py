"""Registered weights, what was measured of them, who approved them for a site, and where they run."""

from django.conf import settings
from django.db import models

from cameras.assessing.models import Assessment, RunningNetwork
from cameras.models import Site

Kind = RunningNetwork.Kind


class ModelRelease(models.Model):
    """One set of weights, copied into the data folder under its identity; the row never changes."""

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=80, help_text="What people call it.")
    weights = models.CharField(max_length=12, unique=True, help_text="Identity of all files of the weights.")
    licence = models.CharField(max_length=40, help_text="SPDX id.")
    manifest = models.JSONField(help_text="As it was registered.")
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["kind", "-registered_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.weights})"


class EvaluationRun(models.Model):
    """Figures of one run of `python -m inference evaluate`, with what is needed to repeat it."""

    release = models.ForeignKey(ModelRelease, on_delete=models.PROTECT, related_name="evaluations")
    command = models.CharField(max_length=500)
    data = models.CharField(max_length=300, help_text="On what it was measured.")
    measured_on = models.DateField()
    figures = models.JSONField(help_text="Flat: name and number.")
    sha256 = models.CharField(max_length=64, help_text="Of the file.")
    attached_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-measured_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["release", "sha256"], name="evaluation_attached_once")]

    def __str__(self) -> str:
        return f"{self.release_id} {self.measured_on}"


class Approval(models.Model):
    """A supervisor lets a release run at a site, on the strength of an assessment that was in force there."""

    release = models.ForeignKey(ModelRelease, on_delete=models.PROTECT, related_name="approvals")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="approvals")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="approvals")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["-approved_at"]
        constraints = [models.UniqueConstraint(fields=["release", "site"], name="approval_once_per_site")]

    def __str__(self) -> str:
        return f"{self.release_id} at {self.site_id}"


class Activation(models.Model):
    """From this moment on a site runs a release, or what ships (no release). The newest row counts; none is changed.

    The database refuses a release that nobody approved for the site, and an approver who activates (migration 0002).
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="activations")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    release = models.ForeignKey(ModelRelease, null=True, on_delete=models.PROTECT, related_name="activations")
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    activated_at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["site", "kind", "-id"], name="activation_newest")]  # asked by every turn

    def __str__(self) -> str:
        return f"{self.kind} {self.release_id} at {self.site_id}"
