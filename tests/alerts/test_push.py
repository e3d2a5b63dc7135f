from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from alerts.consumers import alerts as consumers
from alerts.consumers.alerts import NOT_SIGNED_IN, NOT_YOURS, AlertConsumer
from alerts.models import AlertState, Verdict
from alerts.services.deciding import Choice, alert_decide
from alerts.services.raising import alert_raise
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.embedded.services import ServiceUrls
from tests.alerts.conftest import Desk
from tests.cast import make_camera, make_report, make_site, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def screen(user: User | AnonymousUser) -> WebsocketCommunicator:
    communicator = WebsocketCommunicator(AlertConsumer.as_asgi(), "/ws/alerts/")
    communicator.scope["user"] = user
    return communicator


async def opened(user: User) -> WebsocketCommunicator:
    communicator = screen(user)
    assert (await communicator.connect(timeout=10))[0]
    assert await communicator.receive_json_from(timeout=10) == {"type": "ready"}
    return communicator


@pytest.fixture
async def operators_screen(services: ServiceUrls, desk: Desk) -> AsyncIterator[WebsocketCommunicator]:
    communicator = await opened(desk.operator)
    yield communicator
    await communicator.disconnect()


async def test_a_new_alert_arrives_as_a_row(desk: Desk, operators_screen: WebsocketCommunicator) -> None:
    alert, _ = await sync_to_async(alert_raise)(camera_id=desk.alert.camera_id, report=make_report())
    message = await operators_screen.receive_json_from(timeout=10)
    assert message["type"] == "alert.changed"
    assert (message["alert"], message["camera"]) == (alert.pk, alert.camera_id)
    assert message["is_new"]
    assert message["is_open"]
    assert f'id="alert-{alert.pk}"' in message["html"]


async def test_a_decision_tells_the_other_screens_that_the_row_goes(
    desk: Desk, operators_screen: WebsocketCommunicator
) -> None:
    choice = Choice(verdict=Verdict.CONFIRM)
    await sync_to_async(alert_decide)(alert=desk.alert, actor=desk.supervisor, choice=choice)
    message = await operators_screen.receive_json_from(timeout=10)
    assert (message["alert"], message["state"], message["is_open"]) == (desk.alert.pk, AlertState.CONFIRMED, False)


async def test_the_same_event_twice_is_one_alert_and_no_second_arrival(
    desk: Desk, operators_screen: WebsocketCommunicator
) -> None:
    report = make_report()
    first, is_new = await sync_to_async(alert_raise)(camera_id=desk.alert.camera_id, report=report)
    second, is_new_again = await sync_to_async(alert_raise)(camera_id=desk.alert.camera_id, report=report)
    assert (first.pk, is_new, is_new_again) == (second.pk, True, False)
    arrivals = [await operators_screen.receive_json_from(timeout=10) for _ in range(2)]
    assert [message["is_new"] for message in arrivals] == [True, False]


async def test_alerts_of_other_sites_do_not_arrive(desk: Desk, operators_screen: WebsocketCommunicator) -> None:
    elsewhere = await sync_to_async(make_camera)(await sync_to_async(make_site)())
    await sync_to_async(alert_raise)(camera_id=elsewhere.pk, report=make_report())
    assert await operators_screen.receive_nothing(timeout=1.0)


async def test_a_ping_is_answered(operators_screen: WebsocketCommunicator) -> None:
    await operators_screen.send_json_to({"type": "ping"})
    assert await operators_screen.receive_json_from(timeout=10) == {"type": "pong"}


@pytest.mark.parametrize("role", [Role.CUSTODIAN, Role.AUDITOR])
async def test_roles_without_footage_are_refused(services: ServiceUrls, desk: Desk, role: Role) -> None:
    communicator = screen(await sync_to_async(make_user)(role, desk.site))
    await communicator.connect(timeout=10)
    assert await communicator.receive_output(timeout=10) == {"type": "websocket.close", "code": NOT_YOURS}


async def test_a_stranger_is_refused(services: ServiceUrls, db: None) -> None:
    communicator = screen(AnonymousUser())
    await communicator.connect(timeout=10)
    assert await communicator.receive_output(timeout=10) == {"type": "websocket.close", "code": NOT_SIGNED_IN}


async def test_a_scope_that_ends_ends_the_push(
    services: ServiceUrls, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "RECHECK_S", 0.1)
    communicator = await opened(desk.operator)
    await SiteScope.objects.filter(user=desk.operator).adelete()
    assert await communicator.receive_nothing(timeout=1.0)
    await sync_to_async(alert_raise)(camera_id=desk.alert.camera_id, report=make_report())
    assert await communicator.receive_nothing(timeout=1.0)
    await User.objects.filter(pk=desk.operator.pk).aupdate(is_active=False)
    assert await communicator.receive_output(timeout=10) == {"type": "websocket.close", "code": NOT_YOURS}
