"""Drafting, signing and withdrawing: who, in which order. Each step is an entry of the audit trail."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.authorising.models import SHORTEST_REASON, Authorisation
from cameras.ceilings.telling import ceilings_told
from cameras.models import Camera
from cameras.services.cameras import stream_restart
from paca_site.accounts.models import User
from paca_site.audit.services import audit_lock, audit_record

LONGEST = timedelta(days=5 * 366)
TEXTS = ("authority", "reference", "purpose", "legal_basis", "jurisdiction")


def authorisation_save(*, authorisation: Authorisation, cameras: Sequence[Camera], actor: User) -> Authorisation:
    """Store a new draft or a changed one. Audit: `authorisation.drafted`.

    Raises:
        ValidationError: a field is not allowed, no camera or one of another site was chosen, it lasts too long, or
            somebody signed or changed it meanwhile.
    """
    authorisation.drafted_by, authorisation.drafted_at = actor, timezone.now()
    if not authorisation.kinds:
        raise ValidationError({"kinds": gettext("Choose at least one kind of event.")})
    authorisation.full_clean()
    if authorisation.ends_on - authorisation.starts_on > LONGEST:
        raise ValidationError({"ends_on": gettext("An authorisation lasts at most five years.")})
    if not cameras:
        raise ValidationError(gettext("Choose at least one camera."))
    if any(camera.site_id != authorisation.site_id for camera in cameras):
        raise ValidationError(gettext("All cameras must stand at the chosen place."))
    with transaction.atomic():
        if authorisation.pk is not None:
            draft = Authorisation.objects.select_for_update().filter(pk=authorisation.pk, signed_at=None)
            before = draft.values_list("version", flat=True).first()
            if before != authorisation.version:
                raise ValidationError(gettext("Somebody has signed or changed this draft meanwhile; open it anew."))
            authorisation.version += 1
        authorisation.save()
        authorisation.cameras.set(cameras)
        _record("authorisation.drafted", authorisation, actor, cameras=sorted(camera.pk for camera in cameras))
    return authorisation


def authorisation_sign(*, authorisation: Authorisation, actor: User, version: int) -> None:
    """Sign the draft as it was read; from its first day on its cameras may run under it. Audit: `authorisation.signed`.

    Raises:
        ValidationError: it is signed already, was changed since it was read, is over, the person drafted it, or its
            jurisdiction has a ceiling below the policy of one of its cameras.
    """
    with transaction.atomic():
        audit_lock()  # ceilings are set under it too
        found = Authorisation.objects.select_for_update().select_related("site").get(pk=authorisation.pk)
        if found.signed_at is not None:
            raise ValidationError(gettext("It is signed already."))
        if found.version != version:
            raise ValidationError(gettext("It was changed after you opened it: read it again."))
        if found.drafted_by_id == actor.pk:
            raise ValidationError(gettext("Who drafted it cannot sign: another person must."))
        if found.ends_on < found.today():
            raise ValidationError(gettext("Its last day, {day}, is over.").format(day=found.ends_on))
        found.signed_by, found.signed_at = actor, timezone.now()
        with ceilings_told():
            found.save(update_fields=["signed_by", "signed_at"])
        keys = sorted(found.cameras.values_list("pk", flat=True))
        _record("authorisation.signed", found, actor, cameras=keys, drafted_by=found.drafted_by_id)


def authorisation_withdraw(*, authorisation: Authorisation, actor: User, reason: str) -> None:
    """End what was signed, now and for good; its cameras stop unless another one covers them.

    Audit: `authorisation.withdrawn`. Side effects: the workers of its cameras are told to end their turns.

    Raises:
        ValidationError: no reason, or it is not in force any more.
    """
    text = reason.strip()
    if not SHORTEST_REASON <= len(text) <= 300:
        raise ValidationError(
            gettext("Say why in 10 to 300 characters; these are {given}.").format(given=len(text)), code="length"
        )
    with transaction.atomic():
        found = Authorisation.objects.standing().filter(pk=authorisation.pk)
        if found.update(withdrawn_at=timezone.now(), withdrawn_by=actor, withdraw_reason=text) != 1:
            raise ValidationError(gettext("It is withdrawn already, or was never signed."))
        keys = sorted(authorisation.cameras.values_list("pk", flat=True))
        _record("authorisation.withdrawn", authorisation, actor, cameras=keys, reason=text)
        for key in keys:
            transaction.on_commit(partial(stream_restart, key))


def _record(action: str, authorisation: Authorisation, actor: User, **details: object) -> None:
    told = {name: str(getattr(authorisation, name)) for name in TEXTS}
    days = {name: str(getattr(authorisation, name)) for name in ("starts_on", "ends_on", "review_on")}
    audit_record(
        action=action,
        actor=actor,
        subject=f"authorisation:{authorisation.pk}",
        site_id=authorisation.site_id,
        details={**told, **days, "kinds": authorisation.kinds, "version": authorisation.version, **details},
    )
