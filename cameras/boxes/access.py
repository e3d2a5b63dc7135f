"""The only way to a box for a person: absent and not yours are the same 404."""

from django.db.models import Count, QuerySet
from django.http import Http404

from cameras.access import SEES_CONFIGURATION
from cameras.boxes.models import Attestation, Box
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User


def visible_boxes(user: User) -> QuerySet[Box]:
    """Boxes of the person's sites, for those who see configuration, with `camera_count`."""
    if not user.has_role(*SEES_CONFIGURATION):
        return Box.objects.none()
    boxes = Box.objects.filter(site__in=site_ids(user)).select_related("site")
    return boxes.annotate(camera_count=Count("placements"))


def access_box(user: User, pk: int, *, write: bool = False, challenge: bool = False) -> Box:
    """Return a box of the person's sites.

    Args:
        user: who asks.
        pk: the box.
        write: to change it: administrators.
        challenge: to ask it for a proof: auditors.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if write and not user.has_role(Role.ADMINISTRATOR):
        raise Http404("No such box.")
    if challenge and not user.has_role(Role.AUDITOR):
        raise Http404("No such box.")
    box = visible_boxes(user).filter(pk=pk).first()
    if box is None:
        raise Http404("No such box.")
    return box


def attestations_of(box: Box, *, only_faults: bool = False) -> QuerySet[Attestation]:
    """Return what a box attested, newest first; the caller has reached the box through `access_box`."""
    found = box.attestations.all()
    return found.exclude(fault="") if only_faults else found
