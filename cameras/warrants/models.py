"""Releases of unmasked footage under a warrant: what was ordered, who took which step, what left the house.

What may follow upon what, and who may do it, is held by triggers too (migrations/0002_rules.py).
"""

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera, LegalHold, Site

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

SHORTEST_REASON: Final = 10
"""Characters: enough to be understood a year later."""
SHA256: Final = RegexValidator(r"^[0-9a-f]{64}\Z", _("A SHA-256 has 64 digits from 0 to 9 and a to f."))


class State(models.TextChoices):
    """How far a release has come."""

    REQUESTED = "requested", _("Requested")
    CONFIRMED = "confirmed", _("Confirmed")
    HANDED_OVER = "handed-over", _("Handed over")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Lapsed")


OPEN_STATES: Final = (State.REQUESTED, State.CONFIRMED)
"""Somebody still has a step to take."""


class FootageReleaseQuerySet(models.QuerySet["FootageRelease"]):
    """Releases, narrowed."""

    def waiting(self) -> "FootageReleaseQuerySet":
        """Releases in which somebody still has a step to take."""
        return self.filter(state__in=OPEN_STATES)


class FootageRelease(models.Model):
    """What one order of a court or authority asks for, and how PACA answered."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="footage_releases")
    authority = models.CharField(_("court or authority"), max_length=120)
    reference = models.CharField(max_length=80, help_text=_("The number that stands on the order."))
    legal_basis = models.CharField(_("legal basis"), max_length=200, help_text=_("The rule that the order rests on."))
    justification = models.CharField(
        max_length=500,
        validators=[MinLengthValidator(SHORTEST_REASON)],
        help_text=_("Why these cameras and minutes, and why masked footage does not do."),
    )
    minutes = models.PositiveIntegerField(help_text="Of footage, all cameras together.")
    order_file = models.CharField(max_length=80, unique=True, help_text="Name in the folder of orders.")
    order_name = models.CharField(max_length=120, help_text="As it was called where it came from.")
    order_type = models.CharField(max_length=40, help_text="Media type, found in the content.")
    order_bytes = models.PositiveIntegerField()
    order_sha256 = models.CharField(max_length=64, validators=[SHA256])

    state = models.CharField(max_length=12, choices=State.choices, default=State.REQUESTED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decide_by = models.DateTimeField(help_text="What is not decided by then lapses.")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ordered_from = models.DateTimeField(null=True, help_text="As the second person read it in the order.")
    ordered_until = models.DateTimeField(null=True)
    ordered_cameras = models.PositiveSmallIntegerField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=120, blank=True, help_text="Who took the files, and for whom.")
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: by itself."
    )
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=500, blank=True)

    parts: "RelatedManager[ReleasePart]"
    objects = FootageReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at"]
        indexes = [
            models.Index(fields=["decide_by"], name="release_waiting", condition=Q(state__in=OPEN_STATES)),  # beat
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="release_state_known"),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="release_of_a_minute_at_least"),
            models.CheckConstraint(condition=Q(decide_by__gt=F("requested_at")), name="release_decided_after_request"),
            models.CheckConstraint(
                condition=(Q(confirmed_by=None) | ~Q(confirmed_by=F("requested_by")))
                & (Q(approved_by=None) | ~Q(approved_by=F("requested_by")) & ~Q(approved_by=F("confirmed_by"))),
                name="release_by_three_people",
            ),
            models.CheckConstraint(
                condition=Q(
                    confirmed_by=None, confirmed_at=None, ordered_from=None, ordered_until=None, ordered_cameras=None
                )
                | Q(
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                    ordered_from__lt=F("ordered_until"),
                    ordered_cameras__gte=1,
                ),
                name="release_confirmed_whole_or_not",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.CONFIRMED, State.HANDED_OVER], confirmed_by__isnull=False)
                | Q(state=State.REQUESTED, confirmed_by=None)
                | Q(state__in=[State.REFUSED, State.WITHDRAWN, State.LAPSED]),
                name="release_confirmed_when_it_says_so",
            ),
            models.CheckConstraint(
                condition=Q(state=State.HANDED_OVER, approved_by__isnull=False, approved_at__isnull=False)
                & ~Q(received_by="")
                | ~Q(state=State.HANDED_OVER) & Q(approved_by=None, approved_at=None, received_by=""),
                name="release_approved_when_it_says_so",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, closed_at=None, closed_by=None, close_reason="")
                | ~Q(state__in=OPEN_STATES) & Q(closed_at__isnull=False) & ~Q(close_reason=""),
                name="release_closed_when_it_says_so",
            ),
        ]

    if TYPE_CHECKING:
        site_id: int
        requested_by_id: int
        confirmed_by_id: int | None
        approved_by_id: int | None

    def __str__(self) -> str:
        return f"{self.reference} ({self.authority})"

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has a step to take."""
        return self.state in OPEN_STATES

    @property
    def is_overdue(self) -> bool:
        """Whether nobody decided in time; it lapses within the minute."""
        return self.is_waiting and self.decide_by <= timezone.now()


class ReleasePart(models.Model):
    """The minutes of one camera in a release, and the hold that keeps them meanwhile."""

    release = models.ForeignKey(FootageRelease, on_delete=models.PROTECT, related_name="parts")
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="release_parts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    hold = models.OneToOneField(LegalHold, on_delete=models.PROTECT, related_name="release_part")

    files: "RelatedManager[HandedFile]"

    class Meta:
        ordering = ["release", "camera__name"]
        constraints = [
            models.UniqueConstraint(fields=["release", "camera"], name="release_part_once_a_camera"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="release_part_ends_after_it_starts"),
        ]

    if TYPE_CHECKING:
        camera_id: int

    def __str__(self) -> str:
        return f"{self.camera_id} {self.starts_at:%Y-%m-%d %H:%M}"


class HandedFile(models.Model):
    """One file that the camera's own recorder gave and the authority got; PACA keeps name and hash only."""

    part = models.ForeignKey(ReleasePart, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    sha256 = models.CharField("SHA-256", max_length=64, validators=[SHA256])
    size_bytes = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["part", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["part", "sha256"], name="handed_file_once"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="handed_file_has_a_hash"),
            models.CheckConstraint(condition=Q(size_bytes__gte=1), name="handed_file_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """Since when a person has their role (no site) or may work with a site; written by triggers only.

    Whoever was given the power after a request was made decides nothing in it, however the power was given.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, null=True, on_delete=models.CASCADE, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "site"], nulls_distinct=False, name="grant_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.site_id} since {self.given_at:%Y-%m-%d %H:%M}"
