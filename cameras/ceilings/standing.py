"""Which ceilings hold for a camera; the database has the last word (migration 0002)."""

from django.db.models import QuerySet
from django.db.models.functions import Lower, Trim
from django.utils import timezone

from cameras.authorising.models import Authorisation
from cameras.ceilings.models import LIMITS, Ceiling
from cameras.ceilings.telling import ceiling_sentence
from cameras.models import Camera, Modality

FOOTAGE = LIMITS[:3]


def jurisdictions() -> list[str]:
    """Return the jurisdictions of signed authorisations, for people to choose from."""
    found = Authorisation.objects.standing().values_list("jurisdiction", flat=True)
    return sorted({name.strip() for name in found})


def ceilings_of(camera: Camera, modality: Modality) -> QuerySet[Ceiling]:
    """Return the ceilings that would hold for a camera of that modality."""
    standing = Authorisation.objects.standing().filter(cameras=camera, ends_on__gte=timezone.now().date())
    names = standing.annotate(name=Lower(Trim("jurisdiction"))).values("name")
    found = Ceiling.objects.annotate(name=Lower(Trim("jurisdiction"))).filter(modality__in=("", modality))
    return found.filter(name="") | found.filter(name__in=names)


def reasons_against_modality(camera: Camera, modality: Modality) -> list[str]:
    """Return why a camera's policy would be above a ceiling if its modality were that one; empty: it would not."""
    kept = {name: getattr(camera.retention, name) for name in LIMITS}
    if modality != Modality.CENTRAL:
        kept["raw_hours"] = 0
    if modality == Modality.EDGE:
        kept |= dict.fromkeys(FOOTAGE, 0)
    return [
        ceiling_sentence(
            kind=kind,
            camera=camera.name,
            policy=camera.retention.name,
            given=given,
            most=getattr(ceiling, kind),
            modality=ceiling.modality,
            jurisdiction=ceiling.jurisdiction,
        )
        for ceiling in ceilings_of(camera, modality)
        for kind, given in kept.items()
        if getattr(ceiling, kind) is not None and given > getattr(ceiling, kind)
    ]
