"""What can be asked for, how long a request waits, and the order document on disk."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from cameras.models import LegalHold, Modality
from cameras.warrants.models import FootageRelease, State
from cameras.warrants.orders import Order, order_folder, order_read, read_order
from cameras.warrants.services.deciding import (
    release_confirm,
    releases_lapse,
)
from cameras.warrants.services.requesting import Minutes, release_request
from cameras.warrants.services.sweeping import strays_remove
from cameras.warrants.tasks import lapse_releases
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.cameras.warrants.made import Court, long_ago, reading
from tests.cast import ORDER, make_camera, make_release, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def test_what_nobody_decides_in_time_lapses_by_itself_and_is_decided_by_nobody(court: Court, settings: Any) -> None:
    start = timezone.now() - timedelta(days=settings.RELEASE_DECIDE_DAYS + 1)
    long_ago(court.administrator, court.supervisor)
    release = release_request(
        release=FootageRelease(authority="Court", reference="26-7", legal_basis="Act", justification="It is needed."),
        asked=[Minutes(court.camera, start - timedelta(minutes=1), start)],
        order=order_of(),
        actor=court.administrator,
        now=start,
    )
    with pytest.raises(ValidationError, match="time to be decided was over"):
        release_confirm(release=release, actor=court.supervisor, reading=reading(release))
    lapse_releases()
    release.refresh_from_db()
    assert (release.state, release.closed_by) == (State.LAPSED, None)
    assert last_action(release) == "warrant.lapsed"
    assert not LegalHold.objects.current().exists()
    assert releases_lapse() == 0


def last_action(release: FootageRelease) -> str:
    entry = AuditEntry.objects.filter(subject=f"warrant:{release.pk}").order_by("-number").first()
    return entry.action if entry else ""


def order_of() -> Order:
    return read_order(ORDER, "order.pdf")


def request_with(court: Court, **changed: Any) -> Callable[[], object]:
    now = timezone.now().replace(second=0, microsecond=0)
    values = {"camera": court.camera, "starts_at": now - timedelta(hours=2), "ends_at": now - timedelta(hours=1)}
    minutes = Minutes(**{**values, **{key: value for key, value in changed.items() if key in values}})
    return lambda: release_request(
        release=FootageRelease(authority="Court", reference="26-7", legal_basis="Act", justification="It is needed."),
        asked=changed.get("asked", [minutes]),
        order=order_of(),
        actor=changed.get("actor", court.administrator),
    )


@pytest.mark.parametrize("modality", [Modality.HYBRID, Modality.EDGE])
def test_only_central_cameras_can_be_asked_for(modality: Modality, court: Court) -> None:
    camera = make_camera(court.camera.site, modality=modality)
    with pytest.raises(ValidationError, match="no central camera"):
        request_with(court, camera=camera)()
    assert not FootageRelease.objects.exists()
    assert not order_folder().exists()


def test_a_request_needs_a_role_a_site_minutes_and_the_past(court: Court) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    other = make_camera(make_site())
    cases: list[tuple[dict[str, Any], str]] = [
        ({"actor": court.custodian}, "Only supervisors and administrators"),
        ({"asked": []}, "at least one camera"),
        ({"camera": other}, "do not work with this site"),
        ({"ends_at": now + timedelta(hours=1)}, "must not lie in the future"),
        ({"starts_at": now - timedelta(hours=30)}, "at most 24 hours"),
        ({"ends_at": now - timedelta(hours=3)}, "whole minutes"),
        ({"asked": [Minutes(court.camera, now - timedelta(minutes=5), now)] * 2}, "once"),
        (
            {"asked": [Minutes(each, now - timedelta(minutes=5), now) for each in (court.camera, other)]},
            "stand at one site",
        ),
    ]
    for changed, why in cases:
        with pytest.raises(ValidationError, match=why):
            request_with(court, **changed)()
    assert not FootageRelease.objects.exists()
    assert not LegalHold.objects.exists()


def test_the_viewer_is_another_person_of_the_site_with_a_role_that_watches(court: Court) -> None:
    for viewer, why in (
        (court.administrator, "another person than the one who requests"),
        (court.custodian, "operator, supervisor or auditor of this site"),
        (make_user(Role.OPERATOR, make_site()), "of this site"),
        (make_user(Role.OPERATOR, court.camera.site, is_active=False), "of this site"),
    ):
        with pytest.raises(ValidationError, match=why):
            make_release(court.camera, court.administrator, viewer=viewer)
    assert not FootageRelease.objects.exists()


def test_an_order_without_a_row_is_swept_away_after_an_hour_and_no_other(court: Court, data: Path) -> None:
    release = make_release(court.camera, court.administrator)
    stray = order_folder() / "left-by-a-killed-process.pdf"
    stray.write_bytes(b"%PDF-")
    assert strays_remove() == 0, "a request may be under way"
    for file in order_folder().iterdir():
        os.utime(file, (0, 0))
    assert strays_remove() == 1
    assert not stray.exists()
    assert order_read(release.order_file, release.order_sha256)
    assert (order_folder() / release.order_file).stat().st_mode & 0o077 == 0


def test_a_request_that_the_database_refuses_leaves_no_file(court: Court, monkeypatch: Any) -> None:
    def fail(**fields: Any) -> None:
        raise IntegrityError("no")

    monkeypatch.setattr("cameras.warrants.services.requesting.audit_record", fail)
    with pytest.raises(IntegrityError):
        make_release(court.camera, court.administrator)
    assert not list(order_folder().iterdir())
