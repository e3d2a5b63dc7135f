"""Sites and their cameras as a passer-by may read them: no address, no position, nobody's name."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cameras.assessing.standing import standings
from cameras.authorising.models import Authorisation
from cameras.authorising.standing import Ground, grounds
from cameras.keeping import keeping_sentences
from cameras.models import Camera, MaskingStyle, Modality, Site, VehicleMasking
from cameras.running import reasons_against

MODALITIES = {
    Modality.CENTRAL: _(
        "Central: masked, searched for unusual events and recorded (masked) on the operator's server; the unmasked "
        "stream crosses the operator's network on its way there."
    ),
    Modality.HYBRID: _(
        "Hybrid: masked in a box at the camera; searched and recorded (masked) on the operator's server."
    ),
    Modality.EDGE: _("Edge: masked and searched in a box at the camera; only time, place and text of alerts leave it."),
}
STYLES = {
    MaskingStyle.SILHOUETTE: _("People are covered by a silhouette of one colour."),
    MaskingStyle.EDGE: _("People are covered; an outline of their shape is drawn."),
    MaskingStyle.LA3D_PIXELATE: _("People are covered by coarse squares, which keep some of the colour below."),
    MaskingStyle.LA3D_BLUR: _("People are covered by strong blur, which keeps some of the colour below."),
}
VEHICLES = {
    VehicleMasking.PLATES: _("Of vehicles the lower half is covered, where number plates are."),
    VehicleMasking.WHOLE: _("Vehicles are covered as a whole."),
}


@dataclass(frozen=True, slots=True)
class PublicCamera:
    """A camera in plain words."""

    name: str
    purpose: str
    is_running: bool
    is_demo: bool
    modality: str
    masking: tuple[str, ...]
    keeping: tuple[str, ...]
    legal_basis: str
    authorised: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublicAssessment:
    """An impact assessment of a site: its subject, the day it was signed (None: never), and whether it still holds."""

    title: str
    signed_on: date | None
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class PublicSite:
    """A site with its cameras; `since` is when its first camera was set up, None without any."""

    pk: int
    name: str
    is_demo: bool
    cameras: tuple[PublicCamera, ...]
    since: datetime | None
    assessments: tuple[PublicAssessment, ...]

    @property
    def running_count(self) -> int:
        """How many of the cameras are running."""
        return sum(camera.is_running for camera in self.cameras)


def public_sites() -> list[PublicSite]:
    """Return all sites with all cameras and assessments, by name. A fixed number of queries."""
    sites = list(Site.objects.prefetch_related("cameras__retention").order_by("name"))
    assessed: dict[int, list[PublicAssessment]] = {site.pk: [] for site in sites}
    for standing in standings(list(assessed), required_only=False):
        signed_at = standing.signed.signed_at if standing.signed else None
        told = PublicAssessment(
            standing.questionnaire.title, signed_at.date() if signed_at else None, standing.is_in_force
        )
        assessed[standing.site_id].append(told)
    held_back = set(reasons_against([camera for site in sites for camera in site.cameras.all()]))
    authorised = grounds([camera for site in sites for camera in site.cameras.all()])
    return [_site(site, tuple(assessed[site.pk]), held_back, authorised) for site in sites]


def _site(
    site: Site, assessments: tuple[PublicAssessment, ...], held_back: set[int], authorised: dict[int, Ground]
) -> PublicSite:
    cameras = sorted(site.cameras.all(), key=lambda camera: camera.name)
    return PublicSite(
        pk=site.pk,
        name=site.name,
        is_demo=site.is_demo,
        cameras=tuple(
            _camera(camera, authorised[camera.pk], is_held_back=camera.pk in held_back) for camera in cameras
        ),
        since=min((camera.created_at for camera in cameras), default=None),
        assessments=assessments,
    )


def _camera(camera: Camera, ground: Ground, *, is_held_back: bool) -> PublicCamera:
    return PublicCamera(
        name=camera.name,
        purpose=camera.purpose,
        is_running=camera.is_enabled and not is_held_back,
        is_demo=camera.is_demo,
        modality=str(MODALITIES[Modality(camera.modality)]),
        masking=tuple(masking_sentences(camera)),
        keeping=tuple(keeping_sentences(camera.retention, camera.modality)),
        legal_basis=camera.retention.legal_basis,
        authorised=tuple(_authorised(found) for found in ground.current),
    )


def _authorised(found: Authorisation) -> str:
    return gettext("{authority} ({reference}), under {basis}, until {day}: {purpose}. Events: {kinds}.").format(
        authority=found.authority,
        reference=found.reference,
        basis=found.legal_basis,
        day=found.ends_on,
        purpose=found.get_purpose_display(),
        kinds=", ".join(found.kind_words).lower(),
    )


def masking_sentences(camera: Camera) -> list[str]:
    """Return how this camera's pictures are masked, in plain words."""
    sentences = [str(STYLES[MaskingStyle(camera.masking_style)]), str(VEHICLES[VehicleMasking(camera.vehicle_masking)])]
    if camera.masking["shades"]:
        sentences.append(gettext("Silhouettes differ in brightness, so that people in a crowd can be told apart."))
    count = len(camera.masked_zones)
    if count:
        sentences.append(
            ngettext(
                "One part of the picture is always covered, whatever is there.",
                "{count} parts of the picture are always covered, whatever is there.",
                count,
            ).format(count=count)
        )
    else:
        sentences.append(gettext("No part of the picture is covered all the time."))
    return sentences
