import asyncio
import time

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.utils import timezone

from alerts.consumers.alerts import AlertConsumer
from alerts.services.raising import alert_raise
from alerts.system.causes import Cause
from alerts.system.services import pushing
from alerts.system.services.telling import Finding, findings_tell
from cameras.models import Site
from paca_site.accounts.models import Role
from paca_site.embedded.services import ServiceUrls
from tests.cast import make_camera, make_report, make_site, make_user

pytestmark = pytest.mark.django_db(transaction=True)


async def opened(role: Role, site: Site) -> WebsocketCommunicator:
    communicator = WebsocketCommunicator(AlertConsumer.as_asgi(), "/ws/alerts/")
    communicator.scope["user"] = await sync_to_async(make_user)(role, site)
    assert (await communicator.connect(timeout=10))[0]
    assert await communicator.receive_json_from(timeout=10) == {"type": "ready"}
    return communicator


def test_a_valkey_that_hangs_holds_nobody_up(
    services: ServiceUrls, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Hanging:
        async def group_send(self, group: str, message: object) -> None:
            await asyncio.sleep(60)

    monkeypatch.setattr(pushing, "PUSH_S", 0.05)
    monkeypatch.setattr(pushing, "get_channel_layer", Hanging)
    started_s = time.monotonic()
    assert findings_tell([Finding(Cause.WORKER_LOST, "worker:w@host", "silent", timezone.now())]) == 1
    assert time.monotonic() - started_s < 5
    assert "could not be pushed (TimeoutError)" in caplog.text


async def test_screens_are_told_of_their_cameras_and_some_of_the_whole_system(services: ServiceUrls) -> None:
    site = await sync_to_async(make_site)()
    here, elsewhere = await sync_to_async(make_camera)(site), await sync_to_async(make_camera)()
    operator, supervisor, administrator = [
        await opened(role, site) for role in (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)
    ]
    now = timezone.now()
    lost = [
        Finding(Cause.CAMERA_LOST, f"camera:{camera.pk}", "refused", now, camera.pk) for camera in (elsewhere, here)
    ]
    worker = Finding(Cause.WORKER_LOST, "worker:w@host", "silent", now)
    for finding in (*lost, worker):
        await sync_to_async(findings_tell)([finding])
    for screen, causes in (
        (operator, ["Camera lost"]),
        (supervisor, ["Camera lost", "Worker lost"]),
        (administrator, ["Camera lost", "Worker lost"]),
    ):
        told = [await screen.receive_json_from(timeout=10) for _ in causes]
        assert [message["words"].split(":")[0] for message in told] == causes
        assert told[0]["camera"] == here.pk
        assert all(message["type"] == "system.changed" and message["is_new"] for message in told)
        assert await screen.receive_nothing(timeout=0.3)
    await sync_to_async(alert_raise)(camera_id=here.pk, report=make_report())
    assert (await operator.receive_json_from(timeout=10))["type"] == "alert.changed"
    assert await administrator.receive_nothing(timeout=0.5)  # an administrator sees no footage and no alerts
    for screen in (operator, supervisor, administrator):
        await screen.disconnect()
