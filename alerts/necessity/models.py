"""Proposals to switch something off because its alerts are almost never confirmed."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.event_kinds import KINDS
from cameras.models import Camera, Site


class ProposalState(models.TextChoices):
    """What became of a proposal."""

    OPEN = "open", _("Waits for an answer")
    ACCEPTED = "accepted", _("Switched off")
    DECLINED = "declined", _("Goes on")


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Proposals, narrowed."""

    def open(self) -> "ProposalQuerySet":
        """Those that nobody has answered."""
        return self.filter(state=ProposalState.OPEN)


class Proposal(models.Model):
    """What the record of one camera, or of one kind of event at a site, says against it, and what people answered."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="proposals")
    camera = models.ForeignKey(Camera, null=True, on_delete=models.PROTECT, related_name="proposals")
    kind = models.CharField(max_length=40, blank=True, help_text="Of event, at the whole site; empty: the camera.")
    decided = models.PositiveIntegerField(help_text="Alerts confirmed or dismissed in the time looked at.")
    confirmed = models.PositiveIntegerField()
    upper_percent = models.FloatField(help_text="The share that is confirmed lies below this, 95 % sure.")
    days = models.PositiveIntegerField(help_text="The time looked at.")
    proposed_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=ProposalState.choices, default=ProposalState.OPEN)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    not_before = models.DateField(null=True, help_text="A declined one is not made again before this day.")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "camera", "kind"],
                condition=models.Q(state="open"),
                nulls_distinct=False,
                name="proposal_one_open_a_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(camera=None) & ~models.Q(kind="") | models.Q(camera__isnull=False, kind=""),
                name="proposal_of_camera_or_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", answered_by=None, answered_at=None, reason="")
                | ~models.Q(state="open")
                & models.Q(answered_by__isnull=False, answered_at__isnull=False)
                & ~models.Q(reason=""),
                name="proposal_answered_whole_or_not",
            ),
        ]

    if TYPE_CHECKING:
        camera_id: int | None
        site_id: int

    def __str__(self) -> str:
        return self.what

    @property
    def what(self) -> str:
        """What would be switched off, in words."""
        if self.camera is not None:
            return self.camera.name
        return gettext("{kind} at {name}").format(kind=KINDS.get(self.kind, self.kind), name=self.site.name)
