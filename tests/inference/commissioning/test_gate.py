"""What a commissioning says to the gate, when it is out of date, and when its stills go."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from cameras.assessing.models import RunningNetwork
from cameras.commissioning.gate import reasons_against_running
from cameras.commissioning.models import Still
from cameras.commissioning.standing import standings_of
from cameras.custody.models import DeletionRecord
from cameras.custody.services.proving import RecordsVerdict, records_verify
from cameras.footage import footage_path
from cameras.models import Camera
from inference.commissioning.services.deciding import run_sign
from inference.commissioning.services.keeping import stills_purge
from inference.commissioning.services.walking import run_abandon
from paca_site.accounts.models import User
from paca_site.audit.models import AuditEntry
from tests.cast import make_camera, make_hold, make_policy, make_segment
from tests.inference.commissioning.walks import labelled, make_run, make_still

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services", "folders")]
REASON = "All covered, also at the borders"


def test_a_no_go_keeps_the_camera_off_until_a_go_and_lets_it_run_for_the_next_walk(
    camera: Camera, supervisor: User, operator: User
) -> None:
    other = make_camera(camera.site)
    assert reasons_against_running([camera, other]) == {}
    run_sign(run=labelled(camera, supervisor, operator), is_go=False, reason=REASON, actor=supervisor)
    reasons = reasons_against_running([camera, other])
    assert list(reasons) == [camera.pk]
    assert REASON in reasons[camera.pk][0]
    again = labelled(camera, supervisor, operator)
    assert reasons_against_running([camera]) == {}  # its trial
    run_abandon(run=again, actor=supervisor)
    assert reasons_against_running([camera]) == reasons
    run_sign(run=labelled(camera, supervisor, operator), is_go=True, reason=REASON, actor=supervisor)
    assert reasons_against_running([camera]) == {}


def test_a_trial_that_is_too_old_lets_no_camera_run(camera: Camera, supervisor: User, operator: User) -> None:
    run_sign(run=labelled(camera, supervisor, operator), is_go=False, reason=REASON, actor=supervisor)
    make_run(camera, supervisor, began_at=timezone.now() - timedelta(days=8))
    assert camera.pk in reasons_against_running([camera])


def test_where_a_go_is_required_a_changed_masker_stops_the_camera(
    camera: Camera, supervisor: User, operator: User, settings: LazySettings
) -> None:
    settings.COMMISSION_REQUIRED = True
    assert "Not commissioned" in reasons_against_running([camera])[camera.pk][0]
    run_sign(run=labelled(camera, supervisor, operator), is_go=True, reason=REASON, actor=supervisor)
    assert reasons_against_running([camera]) == {}
    make_segment(camera, timezone.now(), masker="another")
    assert standings_of([camera])[camera.pk].changed == ("the network that masks",)
    assert "Out of date" in reasons_against_running([camera])[camera.pk][0]
    make_segment(camera, timezone.now() + timedelta(seconds=10), masker="test")
    assert reasons_against_running([camera]) == {}


@pytest.mark.parametrize("kind", RunningNetwork.Kind.values)
def test_another_network_or_masking_makes_it_out_of_date(
    camera: Camera, supervisor: User, operator: User, kind: str
) -> None:
    run_sign(run=labelled(camera, supervisor, operator), is_go=True, reason=REASON, actor=supervisor)
    assert standings_of([camera])[camera.pk].has_go
    RunningNetwork.objects.create(site=camera.site, kind=kind, name="Newer", weights="1" * 12)
    standing = standings_of([camera])[camera.pk]
    assert len(standing.changed) == 1
    assert standing.needs_attention
    assert camera.pk not in reasons_against_running([camera])  # not required: shown, not stopped


def test_stills_go_with_their_commissioning_or_with_the_policy_of_clips_but_not_under_a_hold(
    supervisor: User, operator: User
) -> None:
    camera = make_camera(supervisor.scopes.get().site, retention=make_policy(clip_days=1))
    run = make_run(camera, supervisor)
    kept, old, held = (make_still(run, path=f"commissioning/{name}.jpg") for name in ("kept", "old", "held"))
    past = timezone.now() - timedelta(days=2)
    Still.objects.filter(pk=old.pk).update(captured_at=past)
    Still.objects.filter(pk=held.pk).update(captured_at=past + timedelta(hours=1))
    make_hold(camera, operator, starts_at=past + timedelta(minutes=50), ends_at=past + timedelta(minutes=70))
    for still in (kept, old, held):
        footage_path(still.path).parent.mkdir(parents=True, exist_ok=True)
        footage_path(still.path).write_bytes(b"masked")
    assert stills_purge(camera=camera) == 1
    assert [footage_path(still.path).exists() for still in (kept, old, held)] == [True, False, True]
    run_abandon(run=run, actor=supervisor)
    assert stills_purge(camera=camera) == 1
    assert [footage_path(still.path).exists() for still in (kept, held)] == [False, True]
    assert AuditEntry.objects.filter(action="retention.purged").count() == 2
    assert [json.loads(record.text)["bytes"] for record in DeletionRecord.objects.order_by("pk")] == [6, 6]
    assert records_verify() == RecordsVerdict(2, ())


def test_standings_take_the_same_number_of_queries_for_any_number_of_cameras(
    supervisor: User, operator: User, django_assert_num_queries: Any
) -> None:
    site = supervisor.scopes.get().site
    cameras = [make_camera(site) for _ in range(4)]
    for each in cameras[:3]:
        run_sign(run=labelled(each, supervisor, operator, stills=1), is_go=True, reason=REASON, actor=supervisor)
    with django_assert_num_queries(5):
        assert sum(standing.has_go for standing in standings_of(cameras).values()) == 3
    with django_assert_num_queries(2):
        reasons_against_running(cameras)
