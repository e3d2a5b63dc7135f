"""Halts: somebody at the desk said stop, and until when it held."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext

from cameras.event_kinds import KINDS
from cameras.models import Camera, Site

SHORTEST_REASON = 10
"""Characters: enough to be understood a month later."""


class HaltQuerySet(models.QuerySet["Halt"]):
    """Halts, narrowed."""

    def current(self) -> "HaltQuerySet":
        """Halts that hold now."""
        return self.filter(ended_at=None)

    def of_cameras(self) -> "HaltQuerySet":
        """Those that stop cameras, not kinds of event."""
        return self.filter(kind="")


class Halt(models.Model):
    """One camera, all of a site, or one kind of event there, stopped until a supervisor lets it run again."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="halts")
    camera = models.ForeignKey(
        Camera,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="halts",
        help_text="Empty: the whole site.",
    )
    kind = models.CharField(
        max_length=40,
        blank=True,
        choices=list(KINDS.items()),
        help_text="Kind of event that becomes no alert at the whole site; its cameras go on. Empty: cameras stop.",
    )
    reason = models.CharField(max_length=300, validators=[MinLengthValidator(SHORTEST_REASON)])
    began_at = models.DateTimeField(default=timezone.now, editable=False)
    began_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, editable=False, on_delete=models.PROTECT, related_name="halts_placed"
    )
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="halts_ended"
    )
    end_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects = HaltQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["camera"],
                condition=models.Q(ended_at=None, camera__isnull=False),
                name="halt_one_current_a_camera",
            ),
            models.UniqueConstraint(
                fields=["site", "kind"],
                condition=models.Q(ended_at=None, camera=None),
                name="halt_one_current_a_site_and_kind",
            ),
            models.CheckConstraint(condition=models.Q(kind="") | models.Q(camera=None), name="halt_kind_of_whole_site"),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None, end_reason="")
                | models.Q(ended_at__isnull=False, ended_by__isnull=False) & ~models.Q(end_reason=""),
                name="halt_ended_whole_or_not",
            ),
        ]

    if TYPE_CHECKING:
        camera_id: int | None

    def __str__(self) -> str:
        return gettext("{what} since {began_at:%Y-%m-%d %H:%M}").format(what=self.what, began_at=self.began_at)

    @property
    def what(self) -> str:
        """What is stopped, in words."""
        if self.kind:
            return gettext("{kind} at {name}").format(kind=self.get_kind_display(), name=self.site.name)
        return self.camera.name if self.camera else gettext("All cameras of {name}").format(name=self.site.name)

    @property
    def sentence(self) -> str:
        """Why a camera under it does not run."""
        whole = "" if self.camera_id else gettext(" with all of the site")
        return gettext("Stopped{whole} by {began_by} at {began_at:%H:%M} UTC: {reason}").format(
            whole=whole, began_by=self.began_by, began_at=self.began_at, reason=self.reason
        )
