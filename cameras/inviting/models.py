"""Invitations to an account: for whom, in which role, at which sites, until when, and who let them in."""

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cameras.models import Site
from paca_site.accounts.models import Role

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PERSON = settings.AUTH_USER_MODEL
TOKEN_BYTES: Final = 32
"""256 bits: not to be guessed, so that a plain hash keeps it and no count of tries is needed."""
SHORTEST_REASON: Final = 10
STATES = {
    "open": _("Open"),
    "waiting": _("Waits to be let in"),
    "done": _("Let in"),
    "revoked": _("Revoked"),
    "expired": _("Expired"),
}


def token_make() -> str:
    """Return what stands in a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return what is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()


class Invitation(models.Model):
    """One link that makes one account, which nobody can use before a second person has let it in.

    Three people, held by the database: who invites, who takes it, who lets in.
    """

    for_whom = models.CharField(_("for whom"), max_length=150, help_text=_("Their own name, as you know it."))
    email = models.EmailField(_("e-mail"), blank=True)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    sites = models.ManyToManyField(Site, related_name="+")
    scope_ends_at = models.DateTimeField(null=True, blank=True, help_text="When their work with the sites ends.")
    reason = models.CharField(_("why"), max_length=300, validators=[MinLengthValidator(SHORTEST_REASON)])
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    made_by = models.ForeignKey(PERSON, editable=False, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True, editable=False)
    taken_by = models.OneToOneField(
        PERSON, null=True, editable=False, on_delete=models.PROTECT, related_name="invitation"
    )
    confirmed_at = models.DateTimeField(null=True, editable=False)
    confirmed_by = models.ForeignKey(PERSON, null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(PERSON, null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    revoke_reason = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("made_by")) & ~Q(taken_by=F("made_by")) & ~Q(confirmed_by=F("taken_by")),
                name="invitation_three_people",
            ),
            models.CheckConstraint(
                condition=Q(taken_at=None, taken_by=None) | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="invitation_taken_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, taken_at__isnull=False, revoked_at=None),
                name="invitation_let_in_once_taken",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.for_whom} ({self.role})"

    @property
    def state(self) -> str:
        """A key of `STATES`."""
        if self.revoked_at is not None:
            return "revoked"
        if self.confirmed_at is not None:
            return "done"
        if self.taken_at is not None:
            return "waiting"
        return "open" if self.expires_at > timezone.now() else "expired"

    @property
    def state_label(self) -> "StrOrPromise":
        """The word for its state."""
        return STATES[self.state]

    @property
    def site_names(self) -> str:
        """Its sites in a line; `sites` should be loaded."""
        return ", ".join(site.name for site in self.sites.all())
