"""A change of modality, from the intention to its end."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, Modality

REASON_MIN: Final = 10
COOL_OFF: Final = timedelta(minutes=5)
"""Between asking and destroying: so long a slip can be taken back."""


class ChangeState(models.TextChoices):
    """Where a change stands. Open are `asked` and `begun`; from `begun` on something may be destroyed already."""

    ASKED = "asked", _("asked for")
    BEGUN = "begun", _("under way")
    DONE = "done", _("done")
    GIVEN_UP = "given-up", _("given up")


class ModalityChangeQuerySet(models.QuerySet["ModalityChange"]):
    """Changes, narrowed."""

    def current(self) -> "ModalityChangeQuerySet":
        """Changes that are neither done nor given up; their cameras stay off."""
        return self.filter(state__in=[ChangeState.ASKED, ChangeState.BEGUN])


class ModalityChange(models.Model):
    """One camera, from one modality to another."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="modality_changes")
    before = models.CharField(max_length=10, choices=Modality.choices)
    after = models.CharField(max_length=10, choices=Modality.choices)
    reason = models.CharField(max_length=300, validators=[MinLengthValidator(REASON_MIN)])
    state = models.CharField(max_length=10, choices=ChangeState.choices, default=ChangeState.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    waits_for = models.CharField(max_length=300, blank=True, help_text="Why it cannot go on now, in a sentence.")
    ended_at = models.DateTimeField(null=True)
    objects = ModalityChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["camera"], condition=models.Q(state__in=["asked", "begun"]), name="modality_one_open_change"
            ),
            models.CheckConstraint(condition=~models.Q(before=models.F("after")), name="modality_is_another"),
        ]

    def __str__(self) -> str:
        return f"camera {self.camera_id} from {self.before} to {self.after}: {self.state}"
