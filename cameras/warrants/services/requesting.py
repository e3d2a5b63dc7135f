"""Asking for a release: the order is stored, the minutes are held, and the request stands as it was made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.holds import purge_lock
from cameras.models import Camera, LegalHold, Modality
from cameras.services.holds import hold_place
from cameras.warrants.access import REQUESTS
from cameras.warrants.models import FootageRelease, ReleasePart
from cameras.warrants.orders import Order, order_folder, order_write
from cameras.warrants.standing import VIEWS
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import User
from paca_site.audit.services import audit_record

LONGEST: Final = timedelta(hours=24)
"""Of footage of one camera in one release; an order of more is asked for in several."""
LATER: Final = (
    "confirmed_by", "confirmed_at", "ordered_from", "ordered_until", "ordered_cameras", "approved_by", "approved_at",
    "closed_by", "closed_at", "viewer", "expires_at", "half",
)  # fmt: skip
"""Fields that are empty at first; later steps fill them in, but the viewer, who need not be."""
HELD_AFTER: Final = timedelta(days=7)
"""The hold outlasts the last moment to decide by so much, so that it never ends before the release does."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """Some minutes of one camera, from and to, both aware."""

    camera: Camera
    starts_at: datetime
    ends_at: datetime

    @property
    def count(self) -> int:
        """How many."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


def release_request(
    *, release: FootageRelease, asked: Sequence[Minutes], order: Order, actor: User, now: datetime | None = None
) -> FootageRelease:
    """Ask for unmasked footage. Side effects: the order on disk, a hold on the minutes of each camera, audit entries
    `warrant.requested` and, for each camera, `hold.placed`.

    Args:
        release: authority, reference, legal basis and justification are filled in.
        asked: whole minutes, each camera once, all of one site.
        order: the document.
        actor: a supervisor or administrator of the site.
        now: when; None: now.

    Raises:
        ValidationError: the role, a field, a camera or a time is not allowed.
    """  # noqa: D205 - the first sentence says what it does
    now = now or timezone.now()
    _check(asked, actor, now)
    _check_viewer(release.viewer, asked[0].camera.site_id, actor)
    release.site, release.requested_by, release.requested_at = asked[0].camera.site, actor, now
    release.decide_by = now + timedelta(days=settings.RELEASE_DECIDE_DAYS)
    release.minutes = sum(minutes.count for minutes in asked)
    release.order_name, release.order_type = order.name, order.media_type
    release.order_bytes, release.order_sha256 = len(order.content), order.sha256
    release.order_file = order_write(order)
    try:
        release.full_clean(exclude=LATER)
        with transaction.atomic():
            _store(release, sorted(asked, key=lambda minutes: minutes.camera.pk), actor)
    except BaseException:
        (order_folder() / release.order_file).unlink(missing_ok=True)  # where even this is cut off, the sweep finds it
        raise
    return release


def _check(asked: Sequence[Minutes], actor: User, now: datetime) -> None:
    if not actor.has_role(*REQUESTS):
        raise ValidationError(gettext("Only supervisors and administrators request a release."))
    if not asked:
        raise ValidationError(gettext("Choose at least one camera."))
    if len({minutes.camera.pk for minutes in asked}) != len(asked):
        raise ValidationError(gettext("Each camera stands in a release once."))
    if len({minutes.camera.site_id for minutes in asked}) != 1:
        raise ValidationError(gettext("The cameras of one release stand at one site; ask for each site by itself."))
    if asked[0].camera.site_id not in site_ids(actor):
        raise ValidationError(gettext("You do not work with this site."))
    for minutes in asked:
        _check_minutes(minutes, now)


def _check_viewer(viewer: User | None, site_id: int, actor: User) -> None:
    if viewer is None:
        return
    if viewer.pk == actor.pk:
        raise ValidationError(gettext("The viewer must be another person than the one who requests."))
    if not viewer.has_role(*VIEWS) or site_id not in site_ids(viewer):
        raise ValidationError(gettext("The viewer must be an operator, supervisor or auditor of this site."))


def _check_minutes(minutes: Minutes, now: datetime) -> None:
    if minutes.camera.modality != Modality.CENTRAL:
        raise ValidationError(
            gettext("{camera} is no central camera: no unmasked footage of it exists.").format(
                camera=minutes.camera.name
            )
        )
    if (minutes.ends_at - minutes.starts_at).total_seconds() % 60 or minutes.count < 1:
        raise ValidationError(gettext("A release is of whole minutes, at least one."))
    if minutes.ends_at - minutes.starts_at > LONGEST:
        raise ValidationError(gettext("A release has at most 24 hours of each camera."))
    if minutes.ends_at > now:
        raise ValidationError(gettext("A release is of what was filmed: the end must not lie in the future."))


def _store(release: FootageRelease, asked: Sequence[Minutes], actor: User) -> None:
    for minutes in asked:
        purge_lock(minutes.camera.pk)  # all of them before the first audit entry, after which the trail waits for us
    release.save()
    for minutes in asked:
        hold = LegalHold(
            camera=minutes.camera,
            starts_at=minutes.starts_at,
            ends_at=minutes.ends_at,
            case=release.reference,
            reason=f"Release {release.pk} was requested by {release.authority}."[:300],
            review_on=release.decide_by.date(),
            expires_at=release.decide_by + HELD_AFTER,
        )
        ReleasePart.objects.create(
            release=release,
            camera=minutes.camera,
            starts_at=minutes.starts_at,
            ends_at=minutes.ends_at,
            hold=hold_place(hold=hold, actor=actor),
        )
    audit_record(
        action="warrant.requested",
        actor=actor,
        subject=f"warrant:{release.pk}",
        site_id=release.site_id,
        details={
            "authority": release.authority,
            "reference": release.reference,
            "legal_basis": release.legal_basis,
            "justification": release.justification,
            "minutes": release.minutes,
            "cameras": {
                str(minutes.camera.pk): [minutes.starts_at.isoformat(), minutes.ends_at.isoformat()]
                for minutes in asked
            },
            "order_sha256": release.order_sha256,
            "decide_by": release.decide_by.isoformat(),
        },
    )
