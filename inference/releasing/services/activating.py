"""Approving a release for a site, activating it there, and going back."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from cameras.assessing.models import RunningNetwork
from cameras.assessing.services.loading import network_declare, network_withdraw
from cameras.assessing.standing import standings
from cameras.models import Camera, Site
from cameras.services.cameras import stream_restart
from inference.releasing.models import Activation, Approval, Kind, ModelRelease
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record


def _reason(given: str) -> str:
    given = given.strip()
    if not 10 <= len(given) <= 300:
        raise ValidationError(gettext("Say why in 10 to 300 characters; these are {given}.").format(given=len(given)))
    return given


def release_approve(*, release: ModelRelease, site: Site, actor: User, reason: str) -> Approval:
    """Let a release run at a site. It is bound to the newest signed assessment there. Audit: `release.approved`.

    Raises:
        ValidationError: nothing was measured of it, the site is not assessed, it is approved already, or no reason.
    """
    reason = _reason(reason)
    if not release.evaluations.exists():
        raise ValidationError(
            gettext("Nothing was measured of this release: attach an evaluation first (attach_evaluation).")
        )
    signed = [standing.signed for standing in standings([site.pk]) if standing.is_in_force and standing.signed]
    if not signed:
        raise ValidationError(
            gettext("No assessment of {name} is in force: a release is approved on the strength of one.").format(
                name=site.name
            )
        )
    if Approval.objects.filter(release=release, site=site).exists():
        raise ValidationError(gettext("It is approved for {name} already.").format(name=site.name))
    newest = max(signed, key=lambda assessment: assessment.pk)
    with transaction.atomic():
        approval = Approval.objects.create(
            release=release, site=site, assessment=newest, approved_by=actor, reason=reason
        )
        audit_record(
            action="release.approved",
            actor=actor,
            subject=f"release:{release.pk}",
            site_id=site.pk,
            details={"weights": release.weights, "assessment": newest.pk, "reason": reason},
        )
    return approval


def release_activate(*, site: Site, kind: Kind, release: ModelRelease | None, actor: User, reason: str) -> Activation:
    """Run a release at a site, or what ships (None); also the way back. Audit: `release.activated`.

    Side effects: the answers about this network become stale; the site's cameras begin a new turn with it.

    Raises:
        ValidationError: it is of another kind, not approved for the site by another person, runs already, or no reason.
    """
    reason = _reason(reason)
    if release is not None:
        if release.kind != kind:
            raise ValidationError(
                gettext("{release} is no {kind}.").format(release=release, kind=Kind(kind).label.lower())
            )
        if not Approval.objects.filter(release=release, site=site).exclude(approved_by=actor).exists():
            raise ValidationError(
                gettext("{release} is not approved for {name} by another person.").format(
                    release=release, name=site.name
                )
            )
    with transaction.atomic():
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)  # one activation after the other
        newest = Activation.objects.filter(site=site, kind=kind).order_by("-pk").first()
        before = newest.release if newest else None
        if before == release:
            raise ValidationError(gettext("It runs there already."))
        activation = Activation.objects.create(site=site, kind=kind, release=release, activated_by=actor, reason=reason)
        if release is None:
            network_withdraw(kind=RunningNetwork.Kind(kind), site=site)
        else:
            # what can be called is a matter of the program, not of its weights
            shipped = RunningNetwork.objects.filter(site=None, kind=kind).first()
            network_declare(
                kind=RunningNetwork.Kind(kind),
                name=release.name,
                weights=release.weights,
                site=site,
                event_kinds=shipped.event_kinds if shipped else [],
            )
        audit_record(
            action="release.activated",
            actor=actor,
            subject=f"site:{site.pk}",
            site_id=site.pk,
            details={
                "kind": kind,
                "was": before.weights if before else "shipped",
                "now": release.weights if release else "shipped",
                "reason": reason,
            },
        )
        cameras = list(Camera.objects.filter(site=site, is_enabled=True).values_list("pk", flat=True))
        transaction.on_commit(lambda: _restart(cameras))
    return activation


def _restart(camera_ids: list[int]) -> None:
    for pk in camera_ids:
        stream_restart(pk)
