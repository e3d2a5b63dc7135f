"""The only way to a camera, site or policy for a person: absent and not yours are the same 404."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from cameras.models import Camera, LegalHold, Modality, RetentionPolicy, Segment, Site
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User
from paca_site.accounts.sessions import ended

SEES_FOOTAGE = (Role.OPERATOR, Role.SUPERVISOR)
SEES_CONFIGURATION = (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR)


def visible_sites(user: User) -> list[Site]:
    """Sites of the person's scope."""
    return list(Site.objects.filter(pk__in=site_ids(user)))


def visible_cameras(user: User, *beside: str) -> list[Camera]:
    """Cameras of the person's scope, with site, policy, health and what is named `beside` them; for lists."""
    return list(
        Camera.objects.filter(site__in=site_ids(user)).select_related("site", "retention", "stream_state", *beside)
    )


def access_camera(user: User, pk: int, *, footage: bool = False, write: bool = False) -> Camera:
    """Return a camera of the person's scope.

    Args:
        user: who asks.
        pk: the camera.
        footage: the person will see (masked) pictures: operators and supervisors.
        write: the person will change it: administrators.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.is_active:
        raise Http404("No such camera.")
    if footage and user.role not in SEES_FOOTAGE:
        raise Http404("No such camera.")
    if write and user.role != Role.ADMINISTRATOR:
        raise Http404("No such camera.")
    if not footage and not write and user.role not in {*SEES_CONFIGURATION, *SEES_FOOTAGE}:
        raise Http404("No such camera.")
    camera = (
        Camera.objects.filter(pk=pk, site__in=site_ids(user))
        .select_related("site", "retention", "stream_state")
        .first()
    )
    if camera is None:
        raise Http404("No such camera.")
    return camera


def segments_to_play(camera: Camera, now: datetime) -> QuerySet[Segment]:
    """Recorded files of a camera that may be watched: none of the edge modality, none past the policy's ceiling.

    What a hold keeps beyond the ceiling is kept for its case, not for everyday watching.
    """
    if not camera.keeps_footage:
        return Segment.objects.none()
    return camera.segments.filter(started_at__gte=now - camera.retention.masked_for)


def access_segment(camera: Camera, pk: int) -> Segment:
    """Return a recorded file of a camera that the caller has reached through `access_camera(footage=True)`.

    Raises:
        Http404: the camera has none of that key that may be watched.
    """
    segment = segments_to_play(camera, timezone.now()).filter(pk=pk).first()
    if segment is None:
        raise Http404("No such recording.")
    return segment


def access_policy(user: User, pk: int, *, write: bool = False) -> RetentionPolicy:
    """Return a retention policy to put cameras under: administrators.

    Args:
        user: who asks.
        pk: the policy.
        write: the person will change it: only where all cameras under it are in their scope.

    Raises:
        Http404: there is none, the role may not, or others live by it too.
    """
    if not user.has_role(Role.ADMINISTRATOR):
        raise Http404("No such policy.")
    policy = RetentionPolicy.objects.filter(pk=pk).first()
    if policy is None:
        raise Http404("No such policy.")
    if write and policy.cameras.exclude(site__in=site_ids(user)).exists():
        raise Http404("No such policy.")
    return policy


SEES_HOLDS = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.CUSTODIAN, Role.AUDITOR)


def visible_holds(user: User) -> list[LegalHold]:
    """Legal holds on cameras of the person's scope, newest first; operators see none."""
    if not user.has_role(*SEES_HOLDS):
        return []
    holds = LegalHold.objects.filter(camera__site__in=site_ids(user))
    return list(holds.select_related("camera__site", "placed_by", "ended_by"))


def access_hold(user: User, pk: int, *, write: bool = False) -> LegalHold:
    """Return a hold of the person's scope; with `write` to lift it, for custodians only.

    Raises:
        Http404: there is none, it is out of scope, or the role may not.
    """
    if not user.has_role(*((Role.CUSTODIAN,) if write else SEES_HOLDS)):
        raise Http404("No such hold.")
    hold = (
        LegalHold.objects.filter(pk=pk, camera__site__in=site_ids(user))
        .select_related("camera__site", "placed_by", "ended_by")
        .first()
    )
    if hold is None:
        raise Http404("No such hold.")
    return hold


def visible_policies(user: User) -> list[RetentionPolicy]:
    """All policies, with the number of cameras in (`camera_count`) and outside (`other_count`) the person's scope."""
    in_scope = Q(cameras__site__in=site_ids(user))
    counts = {"camera_count": Count("cameras", filter=in_scope), "other_count": Count("cameras", filter=~in_scope)}
    return list(RetentionPolicy.objects.annotate(**counts))


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who stands behind a WebSocket: person and session, by key, so that each check reads them anew."""

    user_id: int | None
    session_key: str | None

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> "Watcher":
        """Read the scope of a connection."""
        session = scope.get("session")
        return cls(user_id=getattr(scope.get("user"), "pk", None), session_key=getattr(session, "session_key", None))


def watching_user(watcher: Watcher, *roles: Role) -> User | None:
    """Return the person behind a connection if they have one of the roles now.

    Without any named: if they may be shown masked footage, which is operators and supervisors.

    None where they signed out, changed their password elsewhere, were deactivated, have no second factor where one is
    required, or have another role.
    """
    user = User.objects.filter(pk=watcher.user_id or 0).first()
    if user is None or not user.has_role(*(roles or SEES_FOOTAGE)):
        return None
    if watcher.session_key and not _is_valid(watcher.session_key, user):
        return None
    if settings.REQUIRE_SECOND_FACTOR and not is_mfa_enabled(user):
        return None
    return user


def _is_valid(session_key: str, user: User) -> bool:
    """Return whether a session still holds.

    One that has run out stays in the table until it is cleared, and so do the others of a person who changed their
    password, until their next request: this tells both.
    """
    session = Session.objects.filter(pk=session_key, expire_date__gt=timezone.now()).first()
    if session is None:
        return False
    kept = session.get_decoded()
    is_same = constant_time_compare(kept.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    return is_same and not ended(kept, user.role)


def watchable_cameras(watcher: Watcher, pks: Iterable[int]) -> dict[int, Modality] | None:
    """Return those of the cameras whose masked footage a connection may show: `access_camera(footage=True)` for many.

    Returns:
        Their keys and modalities; None where the connection may show nothing at all (see `watching_user`).
    """
    user = watching_user(watcher)
    if user is None:
        return None
    found = Camera.objects.filter(pk__in=list(pks), site__in=site_ids(user))
    return {pk: Modality(modality) for pk, modality in found.values_list("pk", "modality")}
