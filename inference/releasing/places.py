"""What the pages of releases show: what ships, what is registered, and what each site runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cameras.assessing.models import RunningNetwork
from cameras.models import Site
from inference.releasing.models import Activation, Approval, Kind, ModelRelease

CARDS: Final = {Kind.MASKER: "paca-seg", Kind.DETECTOR: "paca-detect"}
"""The card that tells the limits of each kind's method, by the name of its page."""


@dataclass(frozen=True, slots=True)
class Place:
    """What one site runs for one kind: `active` None means what ships; `approved` are those it may be given."""

    site: Site
    kind: Kind
    active: ModelRelease | None
    last: Activation | None
    approved: list[ModelRelease]


def shipped_networks() -> list[tuple[RunningNetwork, str, str]]:
    """Return what ships: the network, what it does in words, and the name of its card."""
    found = RunningNetwork.objects.filter(site=None).order_by("-kind")
    return [(network, str(Kind(network.kind).label), CARDS[Kind(network.kind)]) for network in found]


def registered_releases() -> list[ModelRelease]:
    """Return everything that is registered; of no site, as the rows of weights are of none."""
    return list(ModelRelease.objects.all())


def places(sites: Sequence[Site]) -> list[Place]:
    """Return what each of the sites runs for each kind; three queries."""
    newest = {}
    activations = Activation.objects.filter(site__in=sites).select_related("release", "activated_by")
    for activation in activations.order_by("site_id", "kind", "-pk").distinct("site_id", "kind"):
        newest[activation.site_id, activation.kind] = activation
    approved = list(Approval.objects.filter(site__in=sites).select_related("release"))
    return [
        Place(
            site=site,
            kind=kind,
            active=newest[site.pk, kind].release if (site.pk, kind) in newest else None,
            last=newest.get((site.pk, kind)),
            approved=[row.release for row in approved if row.site_id == site.pk and row.release.kind == kind],
        )
        for site in sites
        for kind in Kind
    ]
