"""Saving cameras beside everything else that happens to them."""

import threading

import pytest
from django.db import connections, transaction

from cameras.models import Camera
from cameras.services import cameras as saving
from cameras.services.cameras import camera_save, camera_switch, policy_save
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import audit_record
from tests.cast import make_alert, make_camera, make_policy

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobody_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "stream_restart", lambda camera_id: None)


class Beside(threading.Thread):
    """A transaction that refers to a camera's row and has the trail's lock, open until somebody waits for it."""

    def __init__(self, camera: Camera, *, is_new_camera: bool) -> None:
        super().__init__()
        self._camera, self._is_new_camera = camera, is_new_camera
        self.has_lock = threading.Event()
        self.fault = ""

    def run(self) -> None:
        try:
            with transaction.atomic():
                if self._is_new_camera:
                    make_camera(retention=self._camera.retention)
                else:
                    make_alert(self._camera)
                audit_record(action="alert.raised", actor=None)
                self.has_lock.set()
                threading.Event().wait(0.5)  # the other one has its rows by now, if it ever takes them first
        except Exception as error:  # noqa: BLE001 - told to the test
            self.fault = repr(error)
        finally:
            connections.close_all()


@pytest.mark.parametrize("name", ["", "another name"])
def test_a_camera_is_saved_while_an_alert_of_it_is_raised_and_nobody_is_sent_away(name: str) -> None:
    camera = make_camera()
    beside = Beside(camera, is_new_camera=False)
    beside.start()
    assert beside.has_lock.wait(5)
    camera.name, camera.frames_per_second = name or camera.name, 7
    camera_save(camera=camera, actor=None)
    beside.join(10)
    assert beside.fault == ""
    assert AuditEntry.objects.filter(action="camera.changed").exists()


def test_a_policy_is_saved_while_a_camera_is_put_under_it() -> None:
    policy = make_policy()
    beside = Beside(make_camera(retention=policy), is_new_camera=True)
    beside.start()
    assert beside.has_lock.wait(5)
    policy.name, policy.masked_hours = "another name", 12
    policy_save(policy=policy, actor=None)
    beside.join(10)
    assert beside.fault == ""


def test_stopping_a_camera_keeps_what_a_colleague_has_just_changed() -> None:
    camera = make_camera()
    Camera.objects.filter(pk=camera.pk).update(name="Renamed meanwhile")
    camera_switch(camera=camera, is_enabled=False, actor=None)
    camera_switch(camera=camera, is_enabled=False, actor=None)
    camera.refresh_from_db()
    assert (camera.name, camera.is_enabled) == ("Renamed meanwhile", False)
    assert AuditEntry.objects.filter(action="camera.stopped").count() == 1
