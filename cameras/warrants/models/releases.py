"""Releases of unmasked footage under a warrant: what was ordered, who took which step, what left the house.

What may follow upon what, and who may do it, is held by triggers too (migrations/0002_rules.py).
"""

from datetime import timedelta
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

    from cameras.warrants.models.viewing import ReleasedKey, Viewing

SHORTEST_REASON: Final = 10
"""Characters: enough to be understood a year later."""
SHA256: Final = RegexValidator(r"^[0-9a-f]{64}\Z", _("A SHA-256 has 64 digits from 0 to 9 and a to f."))


class State(models.TextChoices):
    """How far a release has come."""

    REQUESTED = "requested", _("Requested")
    CONFIRMED = "confirmed", _("Confirmed")
    OPEN = "open", _("Open to the viewer")
    ENDED = "ended", _("Viewed, ended")
    HANDED_OVER = "handed-over", _("Handed over")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Lapsed")


OPEN_STATES: Final = (State.REQUESTED, State.CONFIRMED)
"""Somebody still has a step to take."""
LIVE_STATES: Final = (*OPEN_STATES, State.OPEN)
"""It is not over."""
MOST_VIEW_HOURS: Final = 72
"""No setting opens a release to its viewer for longer."""


class FootageReleaseQuerySet(models.QuerySet["FootageRelease"]):
    """Releases, narrowed."""

    def waiting(self) -> "FootageReleaseQuerySet":
        """Releases in which somebody still has a step to take."""
        return self.filter(state__in=OPEN_STATES)

    def opened(self) -> "FootageReleaseQuerySet":
        """Releases that are open to their viewer, or would be but for the clock."""
        return self.filter(state=State.OPEN)


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
    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who may watch it here. Empty: the camera's recorder hands files over.",
    )
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ordered_from = models.DateTimeField(null=True, help_text="As the second person read it in the order.")
    ordered_until = models.DateTimeField(null=True)
    ordered_cameras = models.PositiveSmallIntegerField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=120, blank=True, help_text="Who took the files, and for whom.")
    expires_at = models.DateTimeField(null=True, help_text="The viewer sees nothing from then on.")
    half = models.BinaryField(null=True, help_text="One half of the key to the keys, while it is open.")
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
                & (Q(approved_by=None) | ~Q(approved_by=F("requested_by")) & ~Q(approved_by=F("confirmed_by")))
                & (
                    Q(viewer=None)
                    | ~Q(viewer=F("requested_by"))
                    & (Q(confirmed_by=None) | ~Q(viewer=F("confirmed_by")))
                    & (Q(approved_by=None) | ~Q(viewer=F("approved_by")))
                ),
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
                condition=Q(
                    state__in=[State.CONFIRMED, State.OPEN, State.ENDED, State.HANDED_OVER], confirmed_by__isnull=False
                )
                | Q(state=State.REQUESTED, confirmed_by=None)
                | Q(state__in=[State.REFUSED, State.WITHDRAWN, State.LAPSED]),
                name="release_confirmed_when_it_says_so",
            ),
            models.CheckConstraint(
                condition=Q(state=State.HANDED_OVER, approved_by__isnull=False, approved_at__isnull=False, viewer=None)
                & ~Q(received_by="")
                | Q(
                    state__in=[State.OPEN, State.ENDED],
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    viewer__isnull=False,
                    received_by="",
                )
                | ~Q(state__in=[State.HANDED_OVER, State.OPEN, State.ENDED])
                & Q(approved_by=None, approved_at=None, received_by=""),
                name="release_approved_when_it_says_so",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVE_STATES, closed_at=None, closed_by=None, close_reason="")
                | ~Q(state__in=LIVE_STATES) & Q(closed_at__isnull=False) & ~Q(close_reason=""),
                name="release_closed_when_it_says_so",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[State.OPEN, State.ENDED],
                    expires_at__gt=F("approved_at"),
                    expires_at__lte=F("approved_at") + timedelta(hours=MOST_VIEW_HOURS),
                )
                | ~Q(state__in=[State.OPEN, State.ENDED]) & Q(expires_at=None),
                name="release_open_for_72_hours_at_most",
            ),
            models.CheckConstraint(
                condition=Q(state=State.OPEN, half__isnull=False) | ~Q(state=State.OPEN) & Q(half=None),
                name="release_has_its_half_while_open",
            ),
        ]

    if TYPE_CHECKING:
        site_id: int
        requested_by_id: int
        confirmed_by_id: int | None
        approved_by_id: int | None
        viewer_id: int | None

    def __str__(self) -> str:
        return f"{self.reference} ({self.authority})"

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has a step to take."""
        return self.state in OPEN_STATES

    @property
    def is_open(self) -> bool:
        """Whether its viewer may watch now; it ends by the clock, whatever the row still says."""
        return self.state == State.OPEN and self.expires_at is not None and timezone.now() < self.expires_at


class ReleasePart(models.Model):
    """The minutes of one camera in a release, and the hold that keeps them meanwhile."""

    release = models.ForeignKey(FootageRelease, on_delete=models.PROTECT, related_name="parts")
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="release_parts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    hold = models.OneToOneField(LegalHold, on_delete=models.PROTECT, related_name="release_part")

    files: "RelatedManager[HandedFile]"
    keys: "RelatedManager[ReleasedKey]"
    viewings: "RelatedManager[Viewing]"

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
