"""Planning test alerts: how many, and of which clips."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from alerts.models import Alert
from alerts.seeding.choosing import is_usable
from alerts.seeding.models import MOST_PER_SHIFT, KnownClip, SeedPlan
from cameras.models import Site
from paca_site.accounts.models import Role, User
from paca_site.audit.services import audit_record


def _check(actor: User) -> None:
    if not actor.has_role(Role.SUPERVISOR):
        raise ValidationError(gettext("Only supervisors plan test alerts."))


def plan_set(*, site: Site, actor: User, per_shift: int) -> None:
    """Say how many test alerts a shift gets at a site. Audit: `seeding.planned`.

    Raises:
        ValidationError: not a supervisor, or a number that is not allowed.
    """
    _check(actor)
    if not 0 <= per_shift <= MOST_PER_SHIFT:
        raise ValidationError(
            gettext("A shift gets 0 to {most_per_shift} test alerts; got {per_shift}.").format(
                most_per_shift=MOST_PER_SHIFT, per_shift=per_shift
            )
        )
    with transaction.atomic():
        values = {"per_shift": per_shift, "by": actor, "at": timezone.now()}
        SeedPlan.objects.update_or_create(site=site, defaults=values)
        details = {"per_shift": per_shift}
        audit_record(action="seeding.planned", actor=actor, subject=f"site:{site.pk}", site_id=site.pk, details=details)


def known_clip_add(*, alert: Alert, actor: User, is_positive: bool) -> KnownClip:
    """Choose a decided alert's clip for tests and say what it is known to show. Audit: `seeding.clip-added`.

    Nothing is copied: the clip goes with its alert, at that one's ceiling.

    Raises:
        ValidationError: not a supervisor, chosen already, or the clip cannot be shown.
    """
    _check(actor)
    if not is_usable(alert):
        raise ValidationError(
            gettext("Only a decided alert whose event has ended and whose clip is still there can be chosen.")
        )
    try:
        with transaction.atomic():
            clip = KnownClip.objects.create(alert=alert, is_positive=is_positive, by=actor)
            _record("seeding.clip-added", clip, actor)
    except IntegrityError as error:
        raise ValidationError(gettext("This clip is chosen already.")) from error
    return clip


def known_clip_remove(*, clip: KnownClip, actor: User) -> None:
    """Choose a clip no longer; tests made of it that still wait are withdrawn. Audit: `seeding.clip-removed`.

    Raises:
        ValidationError: not a supervisor.
    """
    _check(actor)
    with transaction.atomic():
        _record("seeding.clip-removed", clip, actor)
        KnownClip.objects.filter(pk=clip.pk).delete()


def _record(action: str, clip: KnownClip, actor: User) -> None:
    audit_record(
        action=action,
        actor=actor,
        subject=f"alert:{clip.alert_id}",
        site_id=clip.alert.camera.site_id,
        details={"is_positive": clip.is_positive},
    )
