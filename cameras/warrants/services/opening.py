"""Opening a release to its viewer, and ending it: keys exist for exactly these files, for exactly this time."""

import base64
import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from cameras.custody.models import SealedHour
from cameras.custody.places import secret_path
from cameras.exporting.models import ExportGrant, FootageExport
from cameras.footage import footage_path
from cameras.warrants.models import FootageRelease, ReleasedKey, ReleasePart, State, Viewing
from cameras.warrants.services.deciding import (
    parts_to_release,
    reason_of,
    recorded,
    release_close,
    release_record,
    step_of,
)
from cameras.warrants.standing import standing_against, viewer_against
from cameras.warrants.vault_door import VaultRefused, ask_vault
from paca_site.accounts.models import Role, User

HALF_BYTES: Final = 32
EXPIRED = "Its time was over."


@dataclass(frozen=True, slots=True)
class KeyPart:
    """What one person brings: a key file or a share of it, and its passphrase."""

    content: bytes = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CustodianProof:
    """What unwraps the data keys: the custodian's key file and its passphrase, or shares of it; kept nowhere."""

    parts: tuple[KeyPart, ...] = field(repr=False)


def sealed_files(part: ReleasePart) -> QuerySet[SealedHour]:
    """Return the sealed files that hold some of a part's minutes, in order of time."""
    found = SealedHour.objects.filter(camera=part.camera_id, started_at__lt=part.ends_at)
    return found.filter(Q(ended_at=None) | Q(ended_at__gte=part.starts_at)).order_by("started_at")


def release_open(
    *, release: FootageRelease, actor: User, proof: CustodianProof, hours: int, reason: str, may_export: bool = False
) -> str:
    """Approve a release and open it to its viewer for some hours; with `may_export` they may take it out as files.

    Side effects: the data keys of its files, wrapped for this release; audit entry `warrant.opened`.

    Returns:
        The code, which is the other half of the key and is kept nowhere: to be handed to the viewer.

    Raises:
        ValidationError: not this person's step, the order or a camera changed, the viewer may not watch, nothing is in
            the vault, the key or passphrase is wrong, or a field is not allowed.
    """
    with recorded(release, actor, "open"):
        files = _files_to_open(release, actor, hours)
        reason = reason_of(reason)
        half = os.urandom(HALF_BYTES)
        told = _wrap(release, half, proof, [hour for _, hour in files])
    with step_of(release, actor, "open") as found:
        parts_to_release(found)
        for part, hour in files:
            ReleasedKey.objects.create(
                part=part,
                path=hour.path,
                started_at=hour.started_at,
                ended_at=hour.ended_at,
                is_cut=hour.state != SealedHour.State.CLOSED,
                sealed=base64.b64decode(told["keys"][hour.path]),
            )
        now = timezone.now()
        found.state, found.approved_by, found.approved_at = State.OPEN, actor, now
        found.expires_at, found.half = now + timedelta(hours=hours), half
        found.save()
        if may_export:
            ExportGrant.objects.create(release=found, granted_by=actor)
        release_record(
            "warrant.opened",
            found,
            actor,
            reason=reason,
            viewer=found.viewer_id,
            expires=found.expires_at.isoformat(),
            may_export=may_export,
            **({"shares": told["shares"]} if told["shares"] else {}),
            files=[hour.path for _, hour in files],
            order_sha256=found.order_sha256,
        )
    return str(told["code"])


def _files_to_open(release: FootageRelease, actor: User, hours: int) -> list[tuple[ReleasePart, SealedHour]]:
    found = FootageRelease.objects.select_related("viewer").get(pk=release.pk)
    against = standing_against(actor, found)
    if against:
        raise ValidationError(against)
    parts = parts_to_release(found)
    if found.viewer is None:
        raise ValidationError(gettext("This release names no viewer; the recorder's files are handed over."))
    against = viewer_against(found.viewer, found)
    if against:
        raise ValidationError(against)
    if not 1 <= hours <= settings.RELEASE_VIEW_HOURS:
        raise ValidationError(
            gettext("It may be open for 1 to {most} hours; got {given}.").format(
                most=settings.RELEASE_VIEW_HOURS, given=hours
            )
        )
    files = [(part, hour) for part in parts for hour in sealed_files(part)]
    for part in parts:
        if not any(of.pk == part.pk for of, _ in files):
            raise ValidationError(
                gettext("The vault has nothing of these minutes of {camera}.").format(camera=part.camera.name)
            )
    return files


def _wrap(release: FootageRelease, half: bytes, proof: CustodianProof, hours: list[SealedHour]) -> dict[str, Any]:
    question = {
        "do": "wrap",
        "release": release.pk,
        "half": base64.b64encode(half).decode(),
        "custodian": [
            {"file": base64.b64encode(part.content).decode(), "passphrase": part.passphrase} for part in proof.parts
        ],
        "files": [
            {"path": hour.path, "file": str(footage_path(hour.path)), "secret": str(secret_path(hour.path))}
            for hour in hours
        ],
    }
    try:
        told: dict[str, Any] = json.loads(ask_vault(question))
    except VaultRefused as error:
        raise ValidationError(str(error)) from error
    return told


def release_end(*, release: FootageRelease, actor: User, reason: str) -> None:
    """End an open release before its time: who requested it, or a custodian of the site.

    Side effects: its keys are destroyed, the holds end, audit entry `warrant.ended` with what was watched.

    Raises:
        ValidationError: somebody else, it is not open, or no reason.
    """
    with recorded(release, actor, "end"), transaction.atomic():
        found = FootageRelease.objects.select_for_update(no_key=True).get(pk=release.pk)
        if actor.pk != found.requested_by_id and not actor.has_role(Role.CUSTODIAN):
            raise ValidationError(gettext("Who requested it, or a custodian, ends a release."))
        if found.state != State.OPEN:
            raise ValidationError(gettext("This release is not open: {state}.").format(state=found.get_state_display()))
        _end(found, actor, reason_of(reason))


def releases_expire(*, now: datetime | None = None) -> int:
    """End the open releases whose time is over, as `release_end`. Returns how many."""
    count = 0
    late = FootageRelease.objects.opened().filter(expires_at__lte=now or timezone.now())
    for pk in late.values_list("pk", flat=True):
        with transaction.atomic():
            found = FootageRelease.objects.opened().select_for_update(no_key=True).filter(pk=pk).first()
            if found is not None:
                _end(found, None, EXPIRED)
                count += 1
    return count


def _end(release: FootageRelease, actor: User | None, reason: str) -> None:
    ReleasedKey.objects.filter(part__release=release).delete()
    release.half = None
    viewings = Viewing.objects.filter(part__release=release)
    release_close(
        release,
        State.ENDED,
        actor,
        reason,
        viewings=viewings.count(),
        watched_s=round(watched_s(viewings)),
        exports=FootageExport.objects.filter(release=release).exclude(finished_at=None).count(),
    )


def watched_s(viewings: QuerySet[Viewing]) -> float:
    """Return how many seconds of footage were watched, each counted once however often it was."""
    total, until = 0.0, None
    last = None
    for part, start, end in viewings.order_by("part", "from_at").values_list("part_id", "from_at", "until_at"):
        if part != last:
            last, until = part, None
        begin = start if until is None or start > until else until
        total += max(0.0, (end - begin).total_seconds())
        until = end if until is None or end > until else until
    return total
