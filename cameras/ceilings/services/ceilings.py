"""Setting and taking away ceilings. Each is one transaction with its entry of the audit trail."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import model_to_dict
from django.utils import timezone
from django.utils.translation import gettext

from cameras.ceilings.models import Ceiling
from cameras.ceilings.telling import ceilings_told
from paca_site.accounts.models import User
from paca_site.audit.services import audit_lock, audit_record


def ceiling_save(*, ceiling: Ceiling, actor: User) -> Ceiling:
    """Set a ceiling or change one; no policy changes by it. Audit: `ceiling.set`.

    Raises:
        ValidationError: a field is not allowed, it was taken away meanwhile, or a camera's policy is above it.
    """
    ceiling.set_by, ceiling.set_at = actor, timezone.now()
    ceiling.full_clean()
    with transaction.atomic():
        audit_lock()  # cameras and policies change under it too: none slips past a ceiling that is being set
        before = Ceiling.objects.filter(pk=ceiling.pk).first() if ceiling.pk else None
        if ceiling.pk and before is None:
            raise ValidationError(gettext("Somebody has taken this ceiling away meanwhile."))
        with ceilings_told():
            ceiling.save()
        details = {"where": {"modality": ceiling.modality, "jurisdiction": ceiling.jurisdiction}}
        _record("ceiling.set", ceiling, actor, {**details, "before": _told(before), "now": _told(ceiling)})
    return ceiling


def ceiling_remove(*, ceiling: Ceiling, actor: User) -> None:
    """Take a ceiling away; policies stay as they are. Audit: `ceiling.removed`.

    Raises:
        ValidationError: somebody was first.
    """
    with transaction.atomic():
        audit_lock()
        if Ceiling.objects.filter(pk=ceiling.pk).delete()[0] != 1:
            raise ValidationError(gettext("Somebody has taken this ceiling away meanwhile."))
        _record("ceiling.removed", ceiling, actor, {"before": _told(ceiling)})


def _told(ceiling: Ceiling | None) -> dict[str, object] | None:
    return None if ceiling is None else model_to_dict(ceiling, exclude=["id"])


def _record(action: str, ceiling: Ceiling, actor: User, details: dict[str, object]) -> None:
    audit_record(action=action, actor=actor, subject=f"ceiling:{ceiling.pk}", details=details)
