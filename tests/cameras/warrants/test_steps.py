"""A release takes three people, an order, and its time: what else is tried is refused, says why, and is recorded."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from cameras.models import LegalHold, Modality
from cameras.services.holds import hold_lift
from cameras.services.retention import segments_purge
from cameras.warrants.models import FootageRelease, HandedFile, State
from cameras.warrants.orders import order_folder
from cameras.warrants.services.deciding import (
    release_confirm,
    release_hand_over,
    release_refuse,
    release_withdraw,
)
from paca_site.accounts.models import Role, SiteScope
from paca_site.audit.models import AuditEntry
from tests.cameras.warrants.made import REASON, Court, confirmed, files_of, hand_over, long_ago, reading
from tests.cast import make_camera, make_policy, make_release, make_segment, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def told(release: FootageRelease) -> list[tuple[str, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(subject=f"warrant:{release.pk}").order_by("number")
    return [(entry.action, json.loads(entry.body)["details"]) for entry in entries]


def test_three_people_hand_footage_over_and_every_step_is_recorded(court: Court) -> None:
    release = confirmed(court)
    hand_over(release, court.custodian)
    release.refresh_from_db()
    assert (release.state, release.approved_by, release.received_by) == (
        State.HANDED_OVER, court.custodian, "Sergeant Moe, Agder police",
    )  # fmt: skip
    trail = told(release)
    assert [action for action, _ in trail] == ["warrant.requested", "warrant.confirmed", "warrant.handed-over"]
    handed = trail[-1][1]
    assert handed["files"][0]["sha256"] == HandedFile.objects.get().sha256
    assert handed["order_sha256"] == release.order_sha256 == trail[0][1]["order_sha256"]
    verbs = AuditEntry.objects.filter(subject=f"warrant:{release.pk}").values_list("verb", flat=True)
    assert verbs.order_by("-number")[0] == "disclosure"


def test_the_minutes_are_held_from_the_request_to_the_end_and_not_longer(court: Court) -> None:
    policy = make_policy(masked_hours=1)
    court.camera.retention = policy
    court.camera.save()
    release = make_release(court.camera, court.administrator)
    part = release.parts.get()
    inside = make_segment(court.camera, part.starts_at)
    outside = make_segment(court.camera, part.starts_at - timedelta(minutes=2))
    segments_purge(camera=court.camera)
    left = set(court.camera.segments.values_list("pk", flat=True))
    assert left == {inside.pk}, f"the purge took all but {outside.pk}"
    assert part.hold.expires_at > release.decide_by
    release_withdraw(release=release, actor=court.administrator, reason="The case was dropped.")
    assert not LegalHold.objects.current().exists()
    segments_purge(camera=court.camera)
    assert not court.camera.segments.exists()


def test_a_hold_that_a_custodian_lifted_does_not_stop_the_end(court: Court) -> None:
    release = make_release(court.camera, court.administrator)
    hold_lift(hold=release.parts.get().hold, actor=court.custodian, reason="Lifted by hand, by mistake.")
    release_withdraw(release=release, actor=court.administrator, reason="The case was dropped.")
    release.refresh_from_db()
    assert release.state == State.WITHDRAWN


def same_person_confirms(court: Court) -> Callable[[], None]:
    long_ago(court.supervisor)
    release = make_release(court.camera, court.supervisor)
    return lambda: release_confirm(release=release, actor=court.supervisor, reading=reading(release))


def administrator_confirms(court: Court) -> Callable[[], None]:
    release = make_release(court.camera, court.supervisor)
    return lambda: release_confirm(release=release, actor=court.administrator, reading=reading(release))


def promoted_meanwhile(court: Court) -> Callable[[], None]:
    promoted = make_user(Role.OPERATOR, court.camera.site)
    release = confirmed(court)
    promoted.role = Role.CUSTODIAN
    promoted.save()
    return lambda: hand_over(release, promoted)


def confirmer_became_custodian(court: Court) -> Callable[[], None]:
    release = confirmed(court)
    court.supervisor.role = Role.CUSTODIAN
    court.supervisor.save()
    long_ago(court.supervisor)
    return lambda: hand_over(release, court.supervisor)


def site_given_meanwhile(court: Court) -> Callable[[], None]:
    elsewhere = make_user(Role.CUSTODIAN, make_site())
    release = confirmed(court)
    SiteScope.objects.create(user=elsewhere, site=court.camera.site)
    return lambda: hand_over(release, elsewhere)


def reactivated_meanwhile(court: Court) -> Callable[[], None]:
    gone = make_user(Role.CUSTODIAN, court.camera.site, is_active=False)
    release = confirmed(court)
    gone.is_active = True
    gone.save()
    return lambda: hand_over(release, gone)


def custodian_of_another_site(court: Court) -> Callable[[], None]:
    elsewhere, release = make_user(Role.CUSTODIAN, make_site()), confirmed(court)
    return lambda: hand_over(release, elsewhere)


def not_confirmed(court: Court) -> Callable[[], None]:
    release = make_release(court.camera, court.administrator)
    return lambda: hand_over(release, court.custodian)


def twice(court: Court) -> Callable[[], None]:
    release = confirmed(court)
    hand_over(release, court.custodian)
    return lambda: hand_over(release, court.custodian)


def minutes_outside_the_order(court: Court) -> Callable[[], None]:
    release = make_release(court.camera, court.administrator)
    late = release.parts.get().starts_at + timedelta(minutes=1)
    return lambda: release_confirm(release=release, actor=court.supervisor, reading=reading(release, starts_at=late))


def more_cameras_than_the_order(court: Court) -> Callable[[], None]:
    release = make_release(court.camera, court.administrator, make_camera(court.camera.site))
    return lambda: release_confirm(release=release, actor=court.supervisor, reading=reading(release, cameras=1))


def another_reference(court: Court) -> Callable[[], None]:
    release = make_release(court.camera, court.administrator)
    return lambda: release_confirm(release=release, actor=court.supervisor, reading=reading(release, reference="26-1"))


def order_not_compared(court: Court) -> Callable[[], None]:
    release = make_release(court.camera, court.administrator)
    return lambda: release_confirm(release=release, actor=court.supervisor, reading=reading(release, is_genuine=False))


def order_changed_on_disk(court: Court) -> Callable[[], None]:
    release = confirmed(court)
    (order_folder() / release.order_file).write_bytes(b"%PDF-1.7 another order %%EOF")
    return lambda: hand_over(release, court.custodian)


def order_gone_from_disk(court: Court) -> Callable[[], None]:
    release = make_release(court.camera, court.administrator)
    (order_folder() / release.order_file).unlink()
    return lambda: release_confirm(release=release, actor=court.supervisor, reading=reading(release))


def camera_became_an_edge_camera(court: Court) -> Callable[[], None]:
    release = confirmed(court)
    court.camera.modality = Modality.EDGE
    court.camera.save()
    return lambda: hand_over(release, court.custodian)


def a_camera_without_a_file(court: Court) -> Callable[[], None]:
    release = confirmed(court, make_camera(court.camera.site, name="Gate"))
    return lambda: release_hand_over(
        release=release, actor=court.custodian, files=files_of(release)[:1], received_by="Moe", reason=REASON
    )


def somebody_else_withdraws(court: Court) -> Callable[[], None]:
    release = make_release(court.camera, court.administrator)
    return lambda: release_withdraw(release=release, actor=court.supervisor, reason=REASON)


def no_reason(court: Court) -> Callable[[], None]:
    release = make_release(court.camera, court.administrator)
    return lambda: release_refuse(release=release, actor=court.supervisor, reason="no")


@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (same_person_confirms, "You requested this release"),
        (administrator_confirms, "for supervisors"),
        (promoted_meanwhile, "given your role after"),
        (confirmer_became_custodian, "You confirmed this release"),
        (site_given_meanwhile, "given this site after"),
        (reactivated_meanwhile, "given your role after"),
        (custodian_of_another_site, "do not work with this site"),
        (not_confirmed, "for supervisors"),
        (twice, "is over: Handed over"),
        (minutes_outside_the_order, "outside those of the order"),
        (more_cameras_than_the_order, "asks for 2 cameras, the order allows 1"),
        (another_reference, "reference in the order is not"),
        (order_not_compared, "compared court"),
        (order_changed_on_disk, "was changed"),
        (order_gone_from_disk, "cannot be read"),
        (camera_became_an_edge_camera, "no central camera any more"),
        (a_camera_without_a_file, "No file is named for"),
        (somebody_else_withdraws, "Only who requested"),
        (no_reason, "10 to 500 characters; it has 2"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_wrong_attempt_is_refused_says_why_and_is_recorded(
    attempt: Callable[[Court], Callable[[], None]], why: str, court: Court
) -> None:
    act = attempt(court)
    release = FootageRelease.objects.get()
    before = (release.state, HandedFile.objects.count())
    with pytest.raises(ValidationError, match=why):
        act()
    release.refresh_from_db()
    assert (release.state, HandedFile.objects.count()) == before
    action, details = told(release)[-1]
    assert action == "warrant.attempt-refused"
    assert why.split(";")[0] in details["why"]
