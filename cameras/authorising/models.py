"""Authorisations of cameras by a public authority, and since when they are asked for."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.event_kinds import KINDS
from cameras.models import Camera, Site

SHORTEST_TEXT = 20
SHORTEST_REASON = 10


class Purpose(models.TextChoices):
    """What cameras in public places may be for; nothing else can be authorised."""

    HELP = "help", _("Help for people in need: falls, accidents, illness")
    VIOLENCE = "violence", _("Protection of people from violence")
    CROWDS = "crowds", _("Safety of crowds: crushes, panic, blocked ways out")
    TRAFFIC = "traffic", _("Vehicles where people walk")
    FACILITIES = "facilities", _("Protection of critical facilities")


def check_kinds(value: Any) -> None:
    """Refuse what is no list of known kinds of event.

    Raises:
        ValidationError: says what is allowed and what was given.
    """
    if not isinstance(value, list) or not set(map(str, value)) <= set(KINDS) or len(set(map(str, value))) != len(value):
        raise ValidationError(
            gettext("Kinds of event are some of {allowed}; got {given}.").format(
                allowed=", ".join(KINDS), given=str(value)[:100]
            )
        )


class AuthorisationQuerySet(models.QuerySet["Authorisation"]):
    """Authorisations, narrowed."""

    def standing(self) -> "AuthorisationQuerySet":
        """Signed and not withdrawn, whatever the day."""
        return self.exclude(signed_at=None).filter(withdrawn_at=None)


class Authorisation(models.Model):
    """What one authority allowed at one site: drafted by an administrator, signed by a supervisor, then kept as it is.

    The database refuses (migration 0002): any change of what is signed but one withdrawal, cameras of another site, and
    cameras added to or taken from what is signed.
    """

    site = models.ForeignKey(Site, verbose_name=_("place"), on_delete=models.PROTECT, related_name="authorisations")
    cameras: "models.ManyToManyField[Camera, models.Model]" = models.ManyToManyField(
        Camera, verbose_name=_("cameras"), related_name="authorisations"
    )
    authority = models.CharField(
        _("public authority"), max_length=160, help_text=_("Who decided it, such as a municipal council or a ministry.")
    )
    reference = models.CharField(
        _("reference"), max_length=80, help_text=_("Number and date of the decision, so that anybody can ask for it.")
    )
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose.choices)
    legal_basis = models.CharField(_("legal basis"), max_length=200, help_text=_("Act and section."))
    jurisdiction = models.CharField(_("jurisdiction"), max_length=80, help_text=_("Country, and region if it matters."))
    public_place = models.TextField(
        _("why the place is public"), max_length=2000, validators=[MinLengthValidator(SHORTEST_TEXT)]
    )
    necessity = models.TextField(
        _("why it is necessary"),
        max_length=4000,
        validators=[MinLengthValidator(SHORTEST_TEXT)],
        help_text=_("The threat, and what shows that it exists here."),
    )
    alternatives = models.TextField(
        _("less intrusive means that were considered"),
        max_length=4000,
        validators=[MinLengthValidator(SHORTEST_TEXT)],
        help_text=_("And why they do not reach the aim."),
    )
    proportionality = models.TextField(
        _("why it is proportionate"), max_length=4000, validators=[MinLengthValidator(SHORTEST_TEXT)]
    )
    kinds = models.JSONField(
        _("kinds of event"),
        default=list,
        validators=[check_kinds],
        help_text=_("Of what is not named no alert is raised at these cameras, and nothing is counted."),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), help_text=_("The last day; at most five years."))
    review_on = models.DateField(_("review on"), help_text=_("The day to ask whether it is still necessary."))
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, editable=False, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(editable=False, default=timezone.now)
    version = models.PositiveIntegerField(default=1, editable=False, help_text="Of the draft; what is signed is one.")
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdraw_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects = AuthorisationQuerySet.as_manager()

    class Meta:
        ordering = ["-drafted_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="authorisation_ends_after_it_starts",
                violation_error_message=_("The last day must not come before the first."),
            ),
            models.CheckConstraint(
                condition=Q(review_on__gte=F("starts_on"), review_on__lte=F("ends_on")),
                name="authorisation_review_within",
                violation_error_message=_("The review must come between the first and the last day."),
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None) | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="authorisation_signed_by_and_at_together",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("drafted_by")),
                name="authorisation_signed_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdraw_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, signed_at__isnull=False)
                & ~Q(withdraw_reason=""),
                name="authorisation_withdrawn_whole_or_not",
            ),
        ]

    if TYPE_CHECKING:
        site_id: int

    def __str__(self) -> str:
        return f"{self.authority}, {self.reference}"

    def today(self) -> date:
        """The day at the site."""
        return local_day(self.site, timezone.now())

    @property
    def state(self) -> str:
        """`draft`, `in-force`, `coming`, `over` or `withdrawn`."""
        if self.signed_at is None:
            return "draft"
        if self.withdrawn_at is not None:
            return "withdrawn"
        today = self.today()
        if today < self.starts_on:
            return "coming"
        return "in-force" if today <= self.ends_on else "over"

    @property
    def days_left(self) -> int:
        """Days until it is over, today not counted."""
        return (self.ends_on - self.today()).days

    @property
    def is_review_due(self) -> bool:
        """Whether the day of its review has come."""
        return self.state == "in-force" and self.today() >= self.review_on

    @property
    def kind_words(self) -> list[str]:
        """The kinds of event it allows, in words."""
        return [str(KINDS.get(kind, kind)) for kind in self.kinds]


def local_day(site: Site, moment: datetime) -> date:
    """Return the day at a site."""
    return moment.astimezone(ZoneInfo(site.time_zone)).date()


class AskedSince(models.Model):
    """Since when this installation asks for authorisations: cameras that are older have a grace period from then."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
