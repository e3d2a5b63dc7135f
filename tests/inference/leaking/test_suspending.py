"""A camera above the leak budget suspends itself, once, with a trace; a supervisor lets it run: counts begin anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from alerts.system.causes import Cause
from alerts.system.models import SystemAlert
from cameras.leaking import gate
from cameras.leaking.models import LeakHour, Suspension
from cameras.live import stop_key, valkey
from cameras.models import Camera
from cameras.running import AGAINST_RUNNING, AGAINST_STARTING, reasons_against, reasons_against_start
from inference.core.leak_counts import LeakCounts
from inference.leaking.pages import watched_of
from inference.leaking.services.counting import leak_hours_add, leak_hours_purge
from inference.leaking.services.suspending import suspension_lift
from inference.services.streams import stream_run
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_camera, make_user
from tests.inference.leaking.suspensions import make_suspension

pytestmark = pytest.mark.django_db
WHY = "The statue is under a zone now."


def hour(hours_ago: int = 0) -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)


def bad(hours_ago: int = 0, **counts: int) -> LeakCounts:
    values = {"frames": 100, "people": 150, "leaks": 30, "leak_frames": 25, **counts}
    return LeakCounts(hour(hours_ago), **values)


@pytest.fixture(autouse=True)
def _the_leak_watch_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert gate.reasons_against_running in AGAINST_RUNNING
    assert gate.reasons_against_running in AGAINST_STARTING
    monkeypatch.setattr("cameras.running.AGAINST_RUNNING", (gate.reasons_against_running,))
    monkeypatch.setattr("cameras.running.AGAINST_STARTING", (gate.reasons_against_running,))


@pytest.fixture
def camera() -> Camera:
    return make_camera(is_enabled=True)


@pytest.fixture
def supervisor(camera: Camera) -> User:
    return make_user(Role.SUPERVISOR, camera.site)


def test_counts_of_one_hour_add_up_over_turns(camera: Camera) -> None:
    for _ in range(3):
        one = LeakCounts(hour(), frames=4, people=7, leaks=1, leak_frames=1, skipped=2, failed=1)
        assert leak_hours_add(camera_id=camera.pk, counts=[one]) is None
    row = LeakHour.objects.get()
    assert (row.frames, row.people, row.leaks, row.leak_frames, row.skipped, row.failed) == (12, 21, 3, 3, 6, 3)


def test_above_the_budget_the_camera_suspends_itself_once_and_everybody_is_told(
    camera: Camera, django_capture_on_commit_callbacks: Any
) -> None:
    valkey().delete(stop_key(camera.pk))
    assert leak_hours_add(camera_id=camera.pk, counts=[bad(1)]) is None  # 150 people are too few
    assert not reasons_against([camera])
    with django_capture_on_commit_callbacks(execute=True):
        suspension = leak_hours_add(camera_id=camera.pk, counts=[bad()])
        assert leak_hours_add(camera_id=camera.pk, counts=[bad()]) is None
    assert suspension is not None
    assert (suspension.people, suspension.leaks, suspension.since) == (300, 60, hour(1))
    assert suspension.low_per_1000 > suspension.budget_per_1000 == 50
    assert reasons_against([camera])[camera.pk] == [suspension.sentence]
    assert suspension.sentence in reasons_against_start(camera)
    assert valkey().get(stop_key(camera.pk)) == b"1"
    alert = SystemAlert.objects.get(cause=Cause.LEAKS)
    assert (alert.camera_id, alert.reason, alert.ended_at) == (camera.pk, suspension.sentence, None)
    entry = AuditEntry.objects.get(action="leak-watch.suspended")
    assert (entry.actor, entry.site_id) == (None, camera.site_id)


def test_a_worker_does_not_run_a_suspended_camera(camera: Camera) -> None:
    make_suspension(camera)
    assert stream_run(camera.pk) == "not allowed"


def test_what_is_older_than_a_day_is_not_judged(camera: Camera) -> None:
    assert leak_hours_add(camera_id=camera.pk, counts=[bad(25), bad(25), bad()]) is None
    assert not Suspension.objects.exists()


def test_a_supervisor_lets_it_run_with_a_reason_and_counting_begins_anew(camera: Camera, supervisor: User) -> None:
    suspension = leak_hours_add(camera_id=camera.pk, counts=[bad(), bad()])
    assert suspension is not None
    with pytest.raises(ValidationError, match="10 to 300 characters"):
        suspension_lift(suspension=suspension, actor=supervisor, reason="  mended  ")
    suspension_lift(suspension=suspension, actor=supervisor, reason=WHY)
    assert not reasons_against([camera])
    assert SystemAlert.objects.get(cause=Cause.LEAKS).ended_at is not None
    assert AuditEntry.objects.get(action="leak-watch.lifted").actor == supervisor
    with pytest.raises(ValidationError, match="meanwhile"):
        suspension_lift(suspension=suspension, actor=supervisor, reason=WHY)
    assert leak_hours_add(camera_id=camera.pk, counts=[LeakCounts(hour(), frames=1, people=1)]) is None
    assert watched_of([camera])[0].record.people == 1
    assert leak_hours_add(camera_id=camera.pk, counts=[bad(), bad()]) is not None


def test_budget_and_least_people_are_settings(camera: Camera, settings: LazySettings) -> None:
    settings.LEAK_BUDGET = 400
    assert leak_hours_add(camera_id=camera.pk, counts=[bad(), bad()]) is None
    settings.LEAK_BUDGET, settings.LEAK_PEOPLE = 50, 1000
    assert leak_hours_add(camera_id=camera.pk, counts=[]) is None
    settings.LEAK_PEOPLE = 200
    assert leak_hours_add(camera_id=camera.pk, counts=[]) is not None


def test_hours_are_deleted_after_thirty_days(camera: Camera) -> None:
    now = timezone.now()
    for days in (29, 31):
        LeakHour.objects.create(camera=camera, hour=now - timedelta(days=days))
    assert leak_hours_purge(now=now) == 1


def test_the_database_keeps_what_was_judged_and_an_end_that_was_given(camera: Camera, supervisor: User) -> None:
    suspension = make_suspension(camera)
    rows = Suspension.objects.filter(pk=suspension.pk)
    for change in ({"leaks": 1}, {"budget_per_1000": 5}, {"began_at": timezone.now()}, {"end_reason": "no end at all"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_suspension(camera)
    suspension_lift(suspension=suspension, actor=supervisor, reason=WHY)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(ended_at=None, ended_by=None, end_reason="")


@pytest.mark.parametrize(
    "counts", [{"people": 1, "leaks": 2}, {"frames": 1, "people": 9, "leaks": 5, "leak_frames": 2}], ids=str
)
def test_counts_that_cannot_be_are_refused(camera: Camera, counts: dict[str, int]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        LeakHour.objects.create(camera=camera, hour=hour(), **counts)


def test_how_many_cameras_there_are_costs_no_query(
    camera: Camera, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_suspension(camera)
    others = [make_camera() for _ in range(3)]
    with django_assert_num_queries(3):
        stands = watched_of([camera, *others])
    assert [one.suspension is not None for one in stands] == [True, False, False, False]
