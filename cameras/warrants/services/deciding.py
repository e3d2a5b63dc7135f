"""The steps after a request: confirmed, handed over, refused, withdrawn, lapsed. Each is another person's."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from cameras.models import LegalHold, Modality
from cameras.services.holds import hold_lift
from cameras.warrants.models import SHORTEST_REASON, FootageRelease, HandedFile, ReleasePart, State
from cameras.warrants.orders import OrderError, order_read
from cameras.warrants.standing import standing_against
from paca_site.accounts.models import User
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import audit_record, audit_record_now

logger = logging.getLogger(__name__)
LAPSED = "Nobody decided in time."


@dataclass(frozen=True, slots=True)
class OrderReading:
    """What the second person read in the order, without having it put into their mouth.

    Attributes:
        reference: the number on the order.
        starts_at: from when on the order allows footage, aware.
        ends_at: until when.
        cameras: of how many cameras at most.
        is_genuine: the person says that court, legal basis and signature are those of the order.
    """

    reference: str
    starts_at: datetime
    ends_at: datetime
    cameras: int
    is_genuine: bool


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that the recorder of a part's camera gave: its name, SHA-256 (64 hex digits) and size."""

    part: ReleasePart
    name: str
    sha256: str
    size_bytes: int


@contextmanager
def recorded(release: FootageRelease, actor: User, step: str) -> Iterator[None]:
    """Record that a step was refused, and why; what the step wrote is rolled back before."""
    try:
        yield
    except ValidationError as error:
        why = " ".join(error.messages)
        audit_record_now(
            action="warrant.attempt-refused",
            actor=actor,
            subject=f"warrant:{release.pk}",
            site_id=release.site_id,
            details={"step": step, "why": why},
        )
        logger.warning("release %s: %s by user %s was refused: %s", release.pk, step, actor.pk, why)
        raise


@contextmanager
def step_of(release: FootageRelease, actor: User, step: str) -> Iterator[FootageRelease]:
    """Yield the release, held against others; a refusal is recorded although the step is not.

    Raises:
        ValidationError: the person may not take a step in it now.
    """
    with recorded(release, actor, step), transaction.atomic():
        found = FootageRelease.objects.select_for_update(no_key=True).get(pk=release.pk)
        against = standing_against(actor, found)
        if against:
            raise ValidationError(against)
        yield found


def release_confirm(*, release: FootageRelease, actor: User, reading: OrderReading) -> None:
    """Confirm that a request says what its order says. Audit: `warrant.confirmed`.

    Raises:
        ValidationError: not this person's step, the order was changed on disk, or the request goes beyond it.
    """
    with step_of(release, actor, "confirm") as found:
        if found.state != State.REQUESTED:
            raise ValidationError(gettext("This release is confirmed already."))
        check_order(found)
        _check_reading(found, reading)
        found.state, found.confirmed_by, found.confirmed_at = State.CONFIRMED, actor, timezone.now()
        found.ordered_from, found.ordered_until = reading.starts_at, reading.ends_at
        found.ordered_cameras = reading.cameras
        found.save()
        ordered = {"from": reading.starts_at.isoformat(), "to": reading.ends_at.isoformat(), "cameras": reading.cameras}
        release_record("warrant.confirmed", found, actor, ordered=ordered, order_sha256=found.order_sha256)


def check_order(release: FootageRelease) -> None:
    """Raise `ValidationError` where the stored order is not the one that was uploaded."""
    try:
        order_read(release.order_file, release.order_sha256)
    except OrderError as error:
        logger.error("release %s: %s", release.pk, error)
        raise ValidationError(str(error)) from error


def _check_reading(release: FootageRelease, reading: OrderReading) -> None:
    parts = list(release.parts.all())
    if reading.reference.strip().casefold() != release.reference.casefold():
        raise ValidationError(gettext("The reference in the order is not the one of this request."))
    if not reading.is_genuine:
        raise ValidationError(gettext("Say that you compared court, legal basis and signature with the order."))
    if reading.starts_at > min(part.starts_at for part in parts) or reading.ends_at < max(
        part.ends_at for part in parts
    ):
        raise ValidationError(gettext("The request asks for minutes outside those of the order."))
    if reading.cameras < len(parts):
        raise ValidationError(
            gettext("The request asks for {asked} cameras, the order allows {allowed}.").format(
                asked=len(parts), allowed=reading.cameras
            )
        )


def release_hand_over(
    *, release: FootageRelease, actor: User, files: Sequence[GivenFile], received_by: str, reason: str
) -> None:
    """Approve a release and record the files that the cameras' own recorders gave to the authority.

    Side effects: audit entry `warrant.handed-over` with every hash; the holds end.

    Raises:
        ValidationError: not this person's step, the order was changed on disk, a camera has no file or is no central
            one any more, or a field is not allowed.
    """
    with step_of(release, actor, "hand over") as found:
        if found.viewer_id is not None:
            raise ValidationError(gettext("This release names a viewer; it is opened, not handed over."))
        for part in parts_to_release(found):
            if not any(file.part.pk == part.pk for file in files):
                raise ValidationError(gettext("No file is named for {camera}.").format(camera=part.camera.name))
        if not received_by.strip():
            raise ValidationError(gettext("Say who received the files."))
        for file in files:
            handed = HandedFile(part=file.part, name=file.name, sha256=file.sha256, size_bytes=file.size_bytes)
            handed.full_clean()
            handed.save()
        found.received_by = received_by.strip()[:120]
        found.approved_by, found.approved_at = actor, timezone.now()
        given = [
            {"camera": file.part.camera_id, "name": file.name, "sha256": file.sha256, "bytes": file.size_bytes}
            for file in files
        ]
        release_close(
            found, State.HANDED_OVER, actor, reason_of(reason), files=given, received_by=found.received_by,
            order_sha256=found.order_sha256,
        )  # fmt: skip


def parts_to_release(release: FootageRelease) -> list[ReleasePart]:
    """Return the parts of a release that a custodian approves now, after the last look at order and cameras.

    Raises:
        ValidationError: it is not confirmed, its order was changed on disk, or a camera is no central one any more.
    """
    if release.state != State.CONFIRMED:
        raise ValidationError(gettext("This release is not confirmed yet."))
    check_order(release)
    parts = list(release.parts.select_related("camera"))
    for part in parts:
        if part.camera.modality != Modality.CENTRAL:
            raise ValidationError(gettext("{camera} is no central camera any more.").format(camera=part.camera.name))
    return parts


def release_refuse(*, release: FootageRelease, actor: User, reason: str) -> None:
    """Refuse a release: a supervisor the facts, a custodian the release. Audit: `warrant.refused`; the holds end.

    Raises:
        ValidationError: not this person's step, or no reason.
    """
    with step_of(release, actor, "refuse") as found:
        release_close(found, State.REFUSED, actor, reason_of(reason), at=found.state)


def release_withdraw(*, release: FootageRelease, actor: User, reason: str) -> None:
    """Take a request back, by who made it. Audit: `warrant.withdrawn`; the holds end.

    Raises:
        ValidationError: somebody else's request, it is over, or no reason.
    """
    with recorded(release, actor, "withdraw"), transaction.atomic():
        found = FootageRelease.objects.select_for_update(no_key=True).get(pk=release.pk)
        if found.requested_by_id != actor.pk:
            raise ValidationError(gettext("Only who requested a release withdraws it."))
        if not found.is_waiting:
            raise ValidationError(gettext("This release is over: {state}.").format(state=found.get_state_display()))
        release_close(found, State.WITHDRAWN, actor, reason_of(reason), at=found.state)


def releases_lapse(*, now: datetime | None = None) -> int:
    """End the releases that nobody decided in time. Audit: `warrant.lapsed` each; their holds end. Returns how many."""
    count = 0
    for pk in (
        FootageRelease.objects.waiting().filter(decide_by__lte=now or timezone.now()).values_list("pk", flat=True)
    ):
        with transaction.atomic():
            found = FootageRelease.objects.waiting().select_for_update(no_key=True).filter(pk=pk).first()
            if found is not None:
                release_close(found, State.LAPSED, None, LAPSED, at=found.state)
                count += 1
    return count


def reason_of(text: str) -> str:
    """Return a reason without the spaces around it; too short or too long raises `ValidationError`."""
    text = text.strip()
    if not SHORTEST_REASON <= len(text) <= 500:
        raise ValidationError(
            gettext("The reason must have {least} to 500 characters; it has {count}.").format(
                least=SHORTEST_REASON, count=len(text)
            )
        )
    return text


ACTIONS = {
    State.HANDED_OVER: "warrant.handed-over",
    State.ENDED: "warrant.ended",
    State.REFUSED: "warrant.refused",
    State.WITHDRAWN: "warrant.withdrawn",
    State.LAPSED: "warrant.lapsed",
}


def release_close(release: FootageRelease, state: State, actor: User | None, reason: str, **details: Any) -> None:
    """End a release and its holds, with its audit entry, inside the caller's transaction; the row is locked."""
    # the rows before the first audit entry: who lifts one of them by hand holds the row and waits for the trail
    holds = LegalHold.objects.select_for_update(no_key=True, of=("self",)).filter(release_part__release=release)
    current = list(holds.filter(ended_at=None).select_related("camera").order_by("pk"))
    release.state, release.closed_by, release.closed_at, release.close_reason = state, actor, timezone.now(), reason
    release.save()
    for hold in current:
        hold_lift(hold=hold, actor=actor, reason=f"Release {release.pk} is over: {state.value}.")
    release_record(ACTIONS[state], release, actor, reason=reason, **details)


def release_record(action: str, release: FootageRelease, actor: User | None, **details: Any) -> AuditEntry:
    """Append an entry about a release, inside the caller's transaction, and return it."""
    return audit_record(
        action=action,
        actor=actor,
        subject=f"warrant:{release.pk}",
        site_id=release.site_id,
        details={"reference": release.reference, **details},
    )
