from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from alerts.consumers import alerts as consumers
from alerts.consumers.alerts import NOT_SIGNED_IN, NOT_YOURS, AlertConsumer
from alerts.models import Alert, AlertState, Verdict
from alerts.services.calling import alerts_call_overdue
from alerts.services.claiming import alert_claim
from alerts.services.deciding import Choice, alert_decide
from alerts.services.flooding import floods_check
from alerts.services.raising import alert_raise
from alerts.services.shelving import alert_shelve
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.embedded.services import ServiceUrls
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_report, make_site, make_user

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


async def test_a_claim_tells_the_other_screens_who_has_the_alert(
    desk: Desk, operators_screen: WebsocketCommunicator
) -> None:
    await sync_to_async(alert_claim)(alert=desk.alert, actor=desk.supervisor)
    message = await operators_screen.receive_json_from(timeout=10)
    assert (message["alert"], message["holder"]) == (desk.alert.pk, desk.supervisor.pk)
    assert "row__state--held" in message["html"]


async def test_a_call_and_a_shelf_reach_every_screen(desk: Desk, operators_screen: WebsocketCommunicator) -> None:
    late = timezone.now() + timedelta(hours=1)
    await Alert.objects.filter(pk=desk.alert.pk).aupdate(due_at=timezone.now())
    await sync_to_async(alerts_call_overdue)(now=late)
    message = await operators_screen.receive_json_from(timeout=10)
    assert (message["is_call"], message["call_level"], message["is_open"]) == (True, 1, True)
    await sync_to_async(alert_shelve)(alert=desk.alert, actor=desk.operator, minutes=15, reason="Building work")
    assert not (await operators_screen.receive_json_from(timeout=10))["is_open"]  # leaves the queue


async def test_a_flood_makes_every_screen_read_anew(desk: Desk, operators_screen: WebsocketCommunicator) -> None:
    for _ in range(10):
        await sync_to_async(make_alert)(desk.alert.camera)
    await sync_to_async(floods_check)()
    assert (await operators_screen.receive_json_from(timeout=10))["type"] == "desk.changed"


async def test_a_push_reaches_a_screen_without_the_thread_that_closes_connections(
    desk: Desk, operators_screen: WebsocketCommunicator, monkeypatch: pytest.MonkeyPatch
) -> None:
    went = []

    async def closing() -> None:
        went.append(1)

    monkeypatch.setattr("channels.consumer.aclose_old_connections", closing)
    await sync_to_async(alert_raise)(camera_id=desk.alert.camera_id, report=make_report())
    assert (await operators_screen.receive_json_from(timeout=10))["type"] == "alert.changed"
    assert not went
    await operators_screen.send_json_to({"type": "ping"})
    assert await operators_screen.receive_json_from(timeout=10) == {"type": "pong"}
    assert went  # so that this test notices when Channels does it elsewhere
