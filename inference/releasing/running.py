"""Which weights a site runs now. What cannot be trusted to be the approved release does not run."""

from pathlib import Path

from django.conf import settings

from cameras.assessing.models import NetworkPrint
from inference.core.errors import WeightsError
from inference.core.sensitivity import weights_identity
from inference.core.weights import WEIGHTS_FOLDER, load_manifest
from inference.releasing.models import Activation, Approval, Kind, ModelRelease

SHIPPED = {Kind.MASKER: "paca-seg", Kind.DETECTOR: "paca-detect"}


def release_folder(release: ModelRelease) -> Path:
    """Return where the files of a release lie."""
    return Path(settings.DATA_DIR) / "weights" / release.weights


def active_release(site_id: int, kind: Kind) -> ModelRelease | None:
    """Return the release that is active at a site; None: what ships."""
    newest = Activation.objects.filter(site=site_id, kind=kind).select_related("release").order_by("-pk").first()
    return newest.release if newest else None


def active_weights(site_id: int, kind: Kind) -> Path:
    """Return the folder of the weights that a site's cameras load now.

    Raises:
        WeightsError: the release was never approved for the site, or its manifest is not the one that was registered.
            The files themselves are compared with the manifest when they are loaded.
    """
    release = active_release(site_id, kind)
    if release is None:
        return WEIGHTS_FOLDER / SHIPPED[kind]
    if not Approval.objects.filter(release=release, site=site_id).exists():
        raise WeightsError(f"The release {release} is not approved for this site: not loaded.")
    return checked_folder(release)


def checked_folder(release: ModelRelease) -> Path:
    """Return the folder of a release whose manifest is still the one that was registered.

    Raises:
        WeightsError: it is missing or another one.
    """
    folder = release_folder(release)
    manifest = load_manifest(folder.name, folder.parent)
    found = weights_identity(manifest)
    if found != release.weights or manifest.content["files"] != release.manifest["files"]:
        raise WeightsError(f"The weights in {folder.name} must be the release {release}, got {found}: not loaded.")
    return folder


def fingerprint_note(fingerprint: str, folder: Path) -> None:
    """Write down which weights a fingerprint stands for, so that alerts and recordings can be told their release."""
    manifest = load_manifest(folder.name, folder.parent)
    weights = weights_identity(manifest)
    release = ModelRelease.objects.filter(weights=weights).first()
    name = release.name if release else manifest.name
    NetworkPrint.objects.get_or_create(fingerprint=fingerprint, defaults={"name": name, "weights": weights})
