from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cameras.live import lease_key, queued_key, stop_key, valkey
from cameras.models import Camera
from cameras.running import reasons_against
from cameras.services.cameras import camera_switch
from cameras.stopping import gate
from cameras.stopping.models import Halt
from cameras.stopping.services.halting import halt_end, halt_place
from inference.models import StreamState
from inference.services.dispatch import streams_ensure
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_camera, make_halt, make_site, make_user

pytestmark = pytest.mark.django_db
WHY = "Somebody changes clothes in front of it"


@pytest.fixture(autouse=True)
def _the_stop_button_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cameras.running.AGAINST_RUNNING", (gate.reasons_against_running,))
    monkeypatch.setattr("cameras.running.AGAINST_STARTING", (gate.reasons_against_running,))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sent: list[int] = []

    def send(name: str, args: list[int], **options: Any) -> None:
        sent.append(args[0])

    monkeypatch.setattr("inference.services.dispatch.current_app.send_task", send)
    return sent


def test_an_operator_stops_a_camera_in_two_steps_and_its_worker_is_told_at_once(
    django_capture_on_commit_callbacks: Any,
) -> None:
    camera = make_camera()
    valkey().delete(stop_key(camera.pk))
    desk = client_of(make_user(Role.OPERATOR, camera.site))
    form = desk.get(f"/stop/add/?what=camera-{camera.pk}").text
    assert f'<option value="camera-{camera.pk}" selected>' in form
    with django_capture_on_commit_callbacks(execute=True):
        answer = desk.post("/stop/add/", {"what": f"camera-{camera.pk}", "reason": WHY}, follow=True)
    assert f"Stopped: {camera.name}" in answer.text
    assert valkey().get(stop_key(camera.pk)) == b"1"
    assert AuditEntry.objects.filter(action="halt.placed", site_id=camera.site_id).count() == 1


def test_a_stopped_camera_is_not_queued_and_its_page_says_who_stopped_it_and_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    halted, other = make_camera(), make_camera()
    for camera in (halted, other):
        valkey().delete(lease_key(camera.pk), queued_key(camera.pk))
    keeper = make_user(Role.OPERATOR, halted.site, first_name="Kari", last_name="Vakt")
    halt_place(halt=Halt(site=halted.site, camera=halted, reason=WHY), actor=keeper)
    sent = queued(monkeypatch)
    streams_ensure()
    assert other.pk in sent
    assert halted.pk not in sent
    assert "Stopped by Kari Vakt" in StreamState.objects.get(camera=halted).reason
    assert WHY in client_of(keeper).get(f"/cameras/{halted.pk}/").text


def test_stopping_a_site_stops_all_its_cameras_and_no_other() -> None:
    site = make_site()
    mine, other = [make_camera(site), make_camera(site)], make_camera()
    halt_place(halt=Halt(site=site, reason=WHY), actor=make_user(Role.SUPERVISOR, site))
    against = reasons_against([*mine, other])
    assert set(against) == {camera.pk for camera in mine}
    assert "with all of the site" in against[mine[0].pk][0]


def test_only_a_supervisor_lets_it_run_again_and_says_why() -> None:
    camera = make_camera()
    operator, supervisor = (make_user(role, camera.site) for role in (Role.OPERATOR, Role.SUPERVISOR))
    halt = make_halt(camera, operator)
    address = f"/stop/{halt.pk}/end/"
    assert client_of(operator).post(address, {"reason": "It is over now."}).status_code == 404
    short = client_of(supervisor).post(address, {"reason": "over"})
    assert short.status_code == 422
    assert "must have 10 to 300 characters; it has 4" in short.text
    assert 'value="over"' in short.text
    assert reasons_against([camera])
    assert client_of(supervisor).post(address, {"reason": "The works are over."}).status_code == 302
    assert not reasons_against([camera])
    assert AuditEntry.objects.filter(action="halt.ended", actor=supervisor).count() == 1


def test_what_is_stopped_cannot_be_stopped_again_and_what_runs_again_not_twice() -> None:
    camera = make_camera()
    supervisor = make_user(Role.SUPERVISOR, camera.site)
    halt = halt_place(halt=Halt(site=camera.site, camera=camera, reason=WHY), actor=supervisor)
    with pytest.raises(ValidationError, match="already"):
        halt_place(halt=Halt(site=camera.site, camera=camera, reason=WHY), actor=supervisor)
    halt_end(halt=halt, actor=supervisor, reason="It is over now.")
    with pytest.raises(ValidationError, match="meanwhile"):
        halt_end(halt=halt, actor=supervisor, reason="It is over now.")
    assert AuditEntry.objects.filter(action__startswith="halt.").count() == 2


def test_an_administrator_cannot_start_a_camera_that_the_desk_stopped() -> None:
    camera = make_camera(is_enabled=False)
    make_halt(camera, make_user(Role.OPERATOR, camera.site))
    with pytest.raises(ValidationError, match="Works on the pavement"):
        camera_switch(camera=camera, is_enabled=True, actor=make_user(Role.ADMINISTRATOR, camera.site))
    assert not Camera.objects.get(pk=camera.pk).is_enabled


def test_nobody_stops_cameras_of_another_site() -> None:
    camera, other = make_camera(), make_camera()
    desk = client_of(make_user(Role.OPERATOR, camera.site))
    for what in (f"camera-{other.pk}", f"site-{other.site_id}"):
        answer = desk.post("/stop/add/", {"what": what, "reason": WHY})
        assert answer.status_code == 422
    assert not Halt.objects.exists()
    with pytest.raises(ValidationError, match="another site"):
        halt_place(halt=Halt(site=camera.site, camera=other, reason=WHY), actor=make_user(Role.SUPERVISOR, camera.site))


def test_the_gate_asks_once_for_any_number_of_cameras(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    cameras = [make_camera() for _ in range(5)]
    for camera in cameras[:3]:
        make_halt(camera, make_user(Role.OPERATOR, camera.site))
    with django_assert_num_queries(1):
        assert len(gate.reasons_against_running(cameras)) == 3
