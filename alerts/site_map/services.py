"""Storing a site's plan, laying it on the map, and taking it away."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from alerts.site_map.models import SitePlan
from alerts.site_map.picture import PlanPicture
from alerts.site_map.placing import Placement
from cameras.models import Site
from paca_site.accounts.models import Role, User
from paca_site.audit.services import audit_record

NOWHERE: dict[str, Any] = {
    "anchor_x": None,
    "anchor_y": None,
    "anchor_latitude": None,
    "anchor_longitude": None,
    "metres_per_px": None,
    "turned_deg": None,
}


def _check(actor: User) -> None:
    if not actor.has_role(Role.ADMINISTRATOR):
        raise ValidationError(gettext("Only administrators change a site's plan."))


def plan_store(*, site: Site, actor: User, picture: PlanPicture) -> SitePlan:
    """Keep a picture as the site's plan instead of the one before. Audit: `site-plan.stored`.

    A picture of the same size lies where the one before did; another has to be laid anew.

    Raises:
        ValidationError: not an administrator.
    """
    _check(actor)
    values = {"picture": picture.content, "digest": picture.digest, "stored_by": actor}
    size = {"width": picture.width, "height": picture.height}
    with transaction.atomic():
        known = SitePlan.objects.select_for_update().filter(site=site).defer("picture").first()
        is_same_size = known is not None and (known.width, known.height) == (picture.width, picture.height)
        plan, _ = SitePlan.objects.update_or_create(
            site=site, defaults={**values, **size, **({} if is_same_size else NOWHERE)}
        )
        audit_record(
            action="site-plan.stored",
            actor=actor,
            subject=f"site:{site.pk}",
            site_id=site.pk,
            details={**size, "digest": picture.digest, "is_placed": plan.is_placed},
        )
    return plan


def plan_place(*, plan: SitePlan, actor: User, placement: Placement) -> None:
    """Lay the plan on the map. Audit: `site-plan.placed`, with where and how.

    Raises:
        ValidationError: not an administrator, a place that is none, or the picture was changed meanwhile.
    """
    _check(actor)
    anchor = placement.anchor
    if not (0 <= anchor.x <= plan.width and 0 <= anchor.y <= plan.height):
        raise ValidationError(
            gettext("A point lies within the picture's {width} x {height} pixels.").format(
                width=plan.width, height=plan.height
            )
        )
    values: dict[str, Any] = {
        "anchor_x": anchor.x,
        "anchor_y": anchor.y,
        "anchor_latitude": anchor.latitude,
        "anchor_longitude": anchor.longitude,
        "metres_per_px": placement.metres_per_px,
        "turned_deg": placement.turned_deg,
    }
    with transaction.atomic():
        if SitePlan.objects.filter(pk=plan.pk, digest=plan.digest).update(**values) != 1:
            raise ValidationError(gettext("Another picture was stored meanwhile: look at it, then place it."))
        audit_record(
            action="site-plan.placed",
            actor=actor,
            subject=f"site:{plan.site_id}",
            site_id=plan.site_id,
            details={"digest": plan.digest, **{name: round(value, 7) for name, value in values.items()}},
        )


def plan_remove(*, site: Site, actor: User) -> bool:
    """Delete the site's plan. Audit: `site-plan.removed`. False where there was none.

    Raises:
        ValidationError: not an administrator.
    """
    _check(actor)
    with transaction.atomic():
        plan = SitePlan.objects.select_for_update().filter(site=site).defer("picture").first()
        if plan is None:
            return False
        SitePlan.objects.filter(pk=plan.pk).delete()
        details = {"digest": plan.digest}
        audit_record(
            action="site-plan.removed", actor=actor, subject=f"site:{site.pk}", site_id=site.pk, details=details
        )
    return True
