"""Storing what is known of a place."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cameras.models import Site
from paca_site.accounts.models import Role, User
from paca_site.audit.services import audit_record
from paca_site.oversight.fairness.models import SiteFacts


def site_facts_store(
    *, site: Site, actor: User, area_km2: float | None, residents: int | None, source: str
) -> SiteFacts:
    """Store area and residents of a site, in place of what was known before. Audit: `site-facts.stored`, with both.

    Raises:
        ValidationError: not an administrator, neither number, one out of range, or no source.
    """
    if not actor.has_role(Role.ADMINISTRATOR):
        raise ValidationError(_("Only administrators say how large a place is."))
    with transaction.atomic():
        facts = SiteFacts.objects.select_for_update().filter(site=site).first() or SiteFacts(site=site)
        before = {"area_km2": facts.area_km2, "residents": facts.residents} if facts.pk else None
        facts.area_km2, facts.residents, facts.source = area_km2, residents, source.strip()
        facts.by, facts.at = actor, timezone.now()
        facts.full_clean()
        facts.save()
        audit_record(
            action="site-facts.stored",
            actor=actor,
            subject=f"site:{site.pk}",
            site_id=site.pk,
            details={"before": before, "area_km2": area_km2, "residents": residents, "source": facts.source},
        )
    return facts
