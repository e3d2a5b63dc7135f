"""What is not assessed does not run: the dispatcher, the worker, the pages and the supervision all heed it."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from alerts.system.causes import Cause
from cameras.assessing.models import Assessment, StaleSince, TrialPeriod
from cameras.assessing.services.demo import trial_begin
from cameras.assessing.services.noticing import changes_note
from cameras.assessing.standing import grace
from cameras.conditions import HELD_BACK, camera_condition
from cameras.live import stop_key, valkey
from cameras.models import Camera
from cameras.running import reasons_against
from inference.leases import lease_claim, lease_release
from inference.models import StreamState
from inference.services import streams
from inference.services.dispatch import streams_ensure
from inference.services.supervising import _camera_findings
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.cameras.assessing.made import sign_all
from tests.cast import make_camera, make_user
from tests.paca_site.audit.test_trail_pages import client_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("services")]


def switch(camera: Camera, running: str) -> str:
    client = client_of(make_user(Role.ADMINISTRATOR, camera.site))
    answer = client.post(reverse("cameras:camera-switch", args=[camera.pk]), {"running": running}, follow=True)
    return answer.content.decode()


def test_a_camera_that_is_not_assessed_gets_no_turn_and_its_pages_say_why() -> None:
    blocked, free = make_camera(), make_camera()
    sign_all(free.site)
    assert streams_ensure() == [free.pk]
    assert streams.stream_run(blocked.pk) == "not allowed", "a turn that was queued before runs nothing"
    streams_ensure()
    blocked = Camera.objects.select_related("stream_state").get(pk=blocked.pk)
    condition = camera_condition(blocked)
    assert (condition.name, condition.is_fault) == (HELD_BACK, False)
    assert "No signed assessment" in condition.reason
    assert not [
        found
        for found in _camera_findings(timezone.now())
        if found.camera_id == blocked.pk and found.cause == Cause.CAMERA_UNWATCHED and found.reason
    ]
    page = client_of(make_user(Role.OPERATOR, blocked.site)).get(reverse("cameras:camera-detail", args=[blocked.pk]))
    assert "Does not run" in page.content.decode()


def test_a_camera_that_runs_is_told_to_stop_when_its_grace_period_is_over() -> None:
    camera = make_camera(threshold_percent=40)
    sign_all(camera.site)
    lease = lease_claim(camera_id=camera.pk, owner="worker")
    assert lease is not None
    Camera.objects.update(threshold_percent=30)
    changes_note()
    streams_ensure()
    assert not valkey().exists(stop_key(camera.pk)), "it has its grace period"
    StaleSince.objects.update(seen_at=timezone.now() - grace())
    streams_ensure()
    assert valkey().exists(stop_key(camera.pk))
    assert StreamState.objects.get().status != HELD_BACK, "its worker still writes"
    lease_release(lease)
    assert streams_ensure() == []
    assert StreamState.objects.get().status == HELD_BACK
    sign_all(camera.site)
    assert streams_ensure() == [camera.pk]


def test_a_stale_assessment_lets_a_camera_run_on_but_not_be_started_until_it_is_signed_again() -> None:
    camera = make_camera(threshold_percent=40)
    sign_all(camera.site)
    Camera.objects.update(threshold_percent=30)
    client = client_of(make_user(Role.SUPERVISOR, camera.site))
    page = client.get(reverse("cameras:camera-detail", args=[camera.pk])).content.decode()
    assert "Will stop" in page
    assert (timezone.now() + grace()).strftime("Runs until %Y-%m-%d") in page
    assert "is stopped" in switch(camera, "0")
    refused = switch(camera, "1")
    assert "was not started" in refused
    assert "Changed since the assessment" in refused
    assert not Camera.objects.get().is_enabled
    assert not AuditEntry.objects.filter(action="camera.started").exists()
    sign_all(camera.site)
    assert "starts now" in switch(camera, "1")
    assert streams_ensure() == [camera.pk]


def test_who_adds_a_camera_is_told_that_it_does_not_run_yet() -> None:
    old = make_camera()
    sign_all(old.site)
    fields = {
        "address": "rtsp://camera.example/stream", "frames_per_second": 5, "site": old.site_id, "name": "New",
        "latitude": 58, "longitude": 8, "heading_deg": 0, "view_deg": 70, "range_m": 30, "purpose": "To see.",
        "modality": "central", "retention": old.retention_id,
    }  # fmt: skip
    client = client_of(make_user(Role.ADMINISTRATOR, old.site))
    page = client.post(reverse("cameras:camera-add"), fields, follow=True).content.decode()
    assert "New is saved. It does not run yet" in page
    assert "a new camera" in page


def test_a_camera_of_the_command_line_runs_on_trial_and_no_longer() -> None:
    camera = make_camera()
    trial_begin(camera=camera)
    assert not reasons_against([camera])
    TrialPeriod.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert reasons_against([camera])
    assert AuditEntry.objects.filter(action="assessment.trial-begun", subject=f"camera:{camera.pk}").count() == 1


@pytest.mark.parametrize("is_demo", [True, False])
def test_an_installation_that_is_begun_with_a_camera_runs_all_its_cameras(
    is_demo: bool, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR, settings.DEMO = tmp_path, is_demo
    monkeypatch.setattr("inference.management.commands.seed_site.demo_videos_ensure", lambda: None)
    call_command("seed_site", camera="rtsp://127.0.0.1:1/stream")
    cameras = list(Camera.objects.select_related("retention"))
    assert len(cameras) == (4 if is_demo else 1)
    assert reasons_against(cameras) == {}
    assert TrialPeriod.objects.count() == 1
    assert Assessment.objects.exclude(signed_at=None).count() == (2 if is_demo else 0)
