"""The administrator's pages: who may open them, what they save, what they record, what they never show."""

import base64
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alerts.models import OPEN_STATES as ALERT_OPEN_STATES
from alerts.models import AlertState, Severity
from cameras import live
from cameras.alert_marks import OPEN_STATES
from cameras.models import Camera, RetentionPolicy, Site
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from paca_site.sealing import open_text
from tests.cast import make_alert, make_camera, make_policy, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services", "_no_second_factor")]


@pytest.fixture
def _no_second_factor(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = False


@pytest.fixture
def site() -> Site:
    return make_site()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def administrator(site: Site) -> User:
    return make_user(Role.ADMINISTRATOR, site)


def filled(site: Site, policy: RetentionPolicy, **changes: Any) -> dict[str, Any]:
    return {
        "address": "rtsp://viewer:s3cret@10.0.4.20:554/stream1", "frames_per_second": 5,
        "threshold_percent": 50, "site": site.pk, "name": "Torggata 4", "latitude": 58.1, "longitude": 7.9,
        "heading_deg": 90, "view_deg": 70, "range_m": 30, "purpose": "See people in need of help.",
        "modality": "central", "retention": policy.pk, **changes,
    }  # fmt: skip


def details_of(action: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(AuditEntry.objects.get(action=action).body)["details"]
    return found


def test_an_administrator_adds_a_camera_and_the_trail_knows(site: Site, administrator: User) -> None:
    response = client_of(administrator).post(reverse("cameras:camera-add"), filled(site, make_policy()))
    camera = Camera.objects.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("cameras:camera-detail", args=[camera.pk])
    assert camera.is_enabled
    assert camera.address == "rtsp://viewer:s3cret@10.0.4.20:554/stream1"
    assert "s3cret" not in AuditEntry.objects.get(action="camera.created").body


def test_a_password_is_kept_and_never_shown_again(
    site: Site, administrator: User, django_capture_on_commit_callbacks: Any
) -> None:
    camera = make_camera(site, address="rtsp://viewer:s3cret@10.0.4.20:554/stream1")
    client, url = client_of(administrator), reverse("cameras:camera-change", args=[camera.pk])
    assert "s3cret" not in client.get(url).content.decode()
    shown = "rtsp://viewer:***@10.0.4.20:554/stream1"
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            url, filled(site, camera.retention, name=camera.name, address=shown, heading_deg=180, version=1)
        )
    assert response.status_code == 302
    camera.refresh_from_db()
    assert (camera.address, camera.heading_deg) == ("rtsp://viewer:s3cret@10.0.4.20:554/stream1", 180)
    assert "heading_deg" in details_of("camera.changed")["changes"]
    assert "address" not in details_of("camera.changed")["changes"]
    assert live.valkey().exists(live.stop_key(camera.pk)), "the worker is told to read the new settings"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"address": "ftp://10.0.0.1/x"}, "rtsp://, rtsps://, http:// or https://"),
        ({"address": "http://169.254.169.254/"}, "link-local"),
        ({"modality": "cloud"}, "Select a valid choice"),
        ({"frames_per_second": 26}, "less than or equal to 25"),
        ({"purpose": ""}, "required"),
        ({"latitude": 91}, "less than or equal to 90"),
    ],
)
def test_what_is_not_allowed_is_told_and_nothing_is_saved(
    site: Site, administrator: User, changes: dict[str, Any], said: str
) -> None:
    response = client_of(administrator).post(reverse("cameras:camera-add"), filled(site, make_policy(), **changes))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Camera.objects.exists()


def test_a_name_stands_once_per_site(site: Site, administrator: User) -> None:
    make_camera(site, name="Torggata 4")
    response = client_of(administrator).post(reverse("cameras:camera-add"), filled(site, make_policy()))
    assert "already has a camera of that name" in response.content.decode()


def test_a_camera_cannot_be_put_into_a_site_of_somebody_else(administrator: User) -> None:
    response = client_of(administrator).post(reverse("cameras:camera-add"), filled(make_site(), make_policy()))
    assert response.status_code == 422
    assert not Camera.objects.exists()


def test_stopping_and_starting_are_recorded_by_their_names(site: Site, administrator: User) -> None:
    camera, client = make_camera(site), client_of(administrator)
    url = reverse("cameras:camera-switch", args=[camera.pk])
    client.post(url, {"running": "0"})
    assert not Camera.objects.get().is_enabled
    client.post(url, {"running": "1"})
    assert Camera.objects.get().is_enabled
    assert list(
        AuditEntry.objects.order_by("number").values_list("action", flat=True).filter(action__startswith="camera.")
    ) == [
        "camera.stopped",
        "camera.started",
    ]
    assert client.get(url).status_code == 405


WRITERS = {Role.ADMINISTRATOR}
PAGES: list[tuple[str, str, set[Role]]] = [
    ("get", "camera-list", {Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR}),
    ("get", "wall", {Role.OPERATOR, Role.SUPERVISOR}),
    ("get", "wall-alerts", {Role.OPERATOR, Role.SUPERVISOR}),
    ("get", "camera-add", WRITERS),
    ("get", "camera-plan", WRITERS),
    ("get", "camera-keeping", WRITERS),
    ("get", "policy-list", {Role.ADMINISTRATOR, Role.AUDITOR, Role.CUSTODIAN}),
    ("get", "policy-add", WRITERS),
    ("get", "policy-preview", WRITERS),
    ("get", "holding-list", set(Role) - {Role.OPERATOR}),
    ("post", "camera-test", WRITERS),
]


def test_pages_open_for_their_roles_and_nobody_else(site: Site) -> None:
    cast = {role: client_of(make_user(role, site)) for role in Role}
    for method, name, allowed in PAGES:
        url = reverse(f"cameras:{name}")
        for role, client in cast.items():
            assert getattr(client, method)(url).status_code == (200 if role in allowed else 403), (name, role)
        assert getattr(Client(), method)(url).status_code == 302, name


@pytest.mark.parametrize("name", ["camera-detail", "camera-health", "camera-change", "camera-switch"])
def test_a_camera_of_another_site_is_not_there(administrator: User, name: str) -> None:
    camera = make_camera()
    client, url = client_of(administrator), reverse(f"cameras:{name}", args=[camera.pk])
    assert (client.post(url) if name == "camera-switch" else client.get(url)).status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_only_footage_roles_get_a_live_tile(site: Site, role: Role) -> None:
    camera = make_camera(site)
    response = client_of(make_user(role, site)).get(reverse("cameras:camera-detail", args=[camera.pk]))
    if role == Role.CUSTODIAN:
        assert response.status_code == 404
        return
    sees = role in {Role.OPERATOR, Role.SUPERVISOR}
    assert ("data-tile-canvas" in response.content.decode()) is sees
    assert details_of("camera.viewed") == {"footage": sees}


def test_opening_the_wall_is_recorded_with_its_cameras(site: Site) -> None:
    cameras = [make_camera(site), make_camera(site)]
    make_camera()
    client_of(make_user(Role.OPERATOR, site)).get(reverse("cameras:wall"))
    assert details_of("wall.opened") == {"cameras": [camera.pk for camera in cameras]}


def test_the_wall_knows_the_most_urgent_open_alert_of_each_own_camera(site: Site) -> None:
    assert tuple(ALERT_OPEN_STATES) == OPEN_STATES
    camera, quiet = make_camera(site), make_camera(site)
    make_alert(camera, severity=Severity.LOW)
    urgent = make_alert(camera, severity=Severity.HIGH)
    make_alert(quiet, state=AlertState.DISMISSED)
    make_alert()
    told = client_of(make_user(Role.OPERATOR, site)).get(reverse("cameras:wall-alerts")).json()["alerts"]
    assert list(told) == [str(camera.pk)]
    assert told[str(camera.pk)]["url"] == reverse("alerts:alert-detail", args=[urgent.pk])


@pytest.mark.parametrize(
    ("name", "role"), [("camera-list", Role.ADMINISTRATOR), ("holding-list", Role.AUDITOR), ("wall", Role.OPERATOR)]
)
def test_lists_ask_the_database_equally_often_for_one_and_for_many(
    site: Site, name: str, role: Role, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, policy = client_of(make_user(role, site)), make_policy()
    make_camera(site, retention=policy)
    client.get(reverse(f"cameras:{name}"))
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(reverse(f"cameras:{name}"))
    for _ in range(6):
        make_camera(site, retention=policy)
    with django_assert_num_queries(len(one)):
        client.get(reverse(f"cameras:{name}"))


def test_an_address_is_tested_by_a_worker_and_shows_its_first_masked_frame(
    site: Site, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(
        "cameras.services.cameras.current_app.send_task", lambda name, **call: sent.append((name, call))
    )
    camera = make_camera(site, address="rtsp://viewer:s3cret@10.0.4.20:554/stream1")
    client = client_of(administrator)
    response = client.post(reverse("cameras:camera-test"), {"address": camera.public_address, "camera": camera.pk})
    ((task, call),) = sent
    token, address, masking = call["args"]
    assert masking == camera.masking
    assert task == "inference.tasks.test_camera"
    assert "s3cret" not in str(call)
    assert open_text(address, live.TESTED) == camera.address
    assert details_of("camera.tested") == {"address": "rtsp://viewer:***@10.0.4.20:554/stream1"}
    waiting = client.get(response["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "waited=1" in waiting
    picture = base64.b64encode(b"jpeg").decode()
    outcome = {"ok": True, "width": 640, "height": 360, "fps": 15.0, "codec": "h264", "jpeg": picture}
    live.valkey().set(live.test_key(token), json.dumps(outcome), ex=60)
    assert f"data:image/jpeg;base64,{picture}" in client.get(response["Location"]).content.decode()
    live.valkey().set(live.test_key(token), json.dumps({"ok": False, "error": "Connection refused."}), ex=60)
    assert "Connection refused." in client.get(response["Location"]).content.decode()


def test_a_test_that_no_worker_answers_ends_with_a_reason(administrator: User) -> None:
    url = reverse("cameras:camera-test-result", args=["nobody"]) + "?waited=30"
    assert "No worker answered within 30 s" in client_of(administrator).get(url).content.decode()


def test_a_refused_address_is_never_handed_to_a_worker(administrator: User) -> None:
    response = client_of(administrator).post(reverse("cameras:camera-test"), {"address": "http://169.254.169.254/"})
    assert "link-local" in response.content.decode()
    assert not AuditEntry.objects.filter(action="camera.tested").exists()


def test_a_shorter_policy_is_saved_only_when_its_loss_is_acknowledged(site: Site, administrator: User) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from tests.cast import make_segment

    policy = make_policy(masked_hours=24)
    make_segment(make_camera(site, retention=policy), timezone.now() - timedelta(hours=20))
    client, url = client_of(administrator), reverse("cameras:policy-change", args=[policy.pk])
    shorter = {"name": policy.name, "masked_hours": 6, "clip_days": 7, "alert_days": 30, "legal_basis": "Act 1"}
    response = client.post(url, shorter)
    assert response.status_code == 422
    assert "1 recording" in response.content.decode()
    policy.refresh_from_db()
    assert policy.masked_hours == 24
    assert client.post(url, {**shorter, "understood": "on"}).status_code == 302
    policy.refresh_from_db()
    assert policy.masked_hours == 6
    assert details_of("policy.changed")["changes"]["masked_hours"] == [24, 6]


def test_clips_cannot_outlive_their_alerts(administrator: User) -> None:
    values = {"name": "Odd", "masked_hours": 24, "clip_days": 40, "alert_days": 30, "legal_basis": "Act 1"}
    response = client_of(administrator).post(reverse("cameras:policy-add"), values)
    assert "Clips cannot be kept longer" in response.content.decode()
    assert not RetentionPolicy.objects.exists()
