"""People, their one role, and the sites they may see."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Role(models.TextChoices):
    """What a person does at PACA; exactly one each, so that duties stay separate."""

    OPERATOR = "operator", _("Operator")
    SUPERVISOR = "supervisor", _("Supervisor")
    ADMINISTRATOR = "administrator", _("Administrator")
    CUSTODIAN = "custodian", _("Custodian")
    AUDITOR = "auditor", _("Auditor")


class User(AbstractUser):
    """A person with an account. People are deactivated, never deleted: the audit trail points at them."""

    role = models.CharField(max_length=16, choices=Role.choices)
    language = models.CharField(max_length=8, blank=True, help_text="Code such as nb; empty: the installation's.")
    scopes: "RelatedManager[SiteScope]"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def has_role(self, *roles: Role) -> bool:
        """Return whether the person is active and has one of the roles."""
        return self.is_active and self.role in roles


class SiteScopeQuerySet(models.QuerySet["SiteScope"]):
    """Scopes, narrowed."""

    def current(self) -> "SiteScopeQuerySet":
        """Scopes that hold now."""
        now = timezone.now()
        return self.filter(models.Q(starts_at=None) | models.Q(starts_at__lte=now)).filter(
            models.Q(ends_at=None) | models.Q(ends_at__gt=now)
        )


class SiteScope(models.Model):
    """One person may work with one site, from a moment to a moment (open where empty)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="scopes")
    site = models.ForeignKey("cameras.Site", on_delete=models.CASCADE, related_name="scopes")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    objects = SiteScopeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "site"], name="site_scope_once_per_user_and_site")]

    def __str__(self) -> str:
        return f"{self.user} at site {self.site_id}"
