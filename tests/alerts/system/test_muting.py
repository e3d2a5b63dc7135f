from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.system.causes import Cause
from alerts.system.models import SystemAlert
from alerts.system.muting import is_muted
from alerts.system.services.telling import Finding, findings_tell
from cameras.models import Camera
from tests.cast import make_alert, make_camera

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def tell(camera: Camera, seconds_ago: float, reason: str = "") -> None:
    at = timezone.now() - timedelta(seconds=seconds_ago)
    findings_tell([Finding(Cause.CAMERA_LOST, f"camera:{camera.pk}", reason, at, camera.pk)])


def test_an_alert_of_a_moment_without_any_picture_makes_no_sound() -> None:
    camera = make_camera()
    tell(camera, 60, "refused")
    assert is_muted(make_alert(camera))
    assert not is_muted(make_alert(make_camera()))


def test_an_event_that_began_before_the_camera_was_lost_is_heard() -> None:
    camera = make_camera()
    tell(camera, 5, "refused")
    assert not is_muted(make_alert(camera))  # it began 15 s ago


def test_a_camera_that_came_back_is_heard_also_before_its_alert_has_ended() -> None:
    camera = make_camera()
    tell(camera, 60, "refused")
    tell(camera, 40)
    assert not is_muted(make_alert(camera))
    tell(camera, 10, "refused")
    assert not is_muted(make_alert(camera))  # it began 15 s ago, in the time between
    assert is_muted(make_alert(camera, started_at=timezone.now()))


def test_another_fault_of_the_camera_mutes_nothing() -> None:
    camera = make_camera()
    tell(camera, 60, "refused")
    SystemAlert.objects.update(cause=Cause.RECORDING_STOPPED)
    assert not is_muted(make_alert(camera))
