"""The live socket with a real Valkey: who may watch, what travels, what happens to slow and vanished screens."""

import asyncio
import functools
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from cameras import live_credits, live_reader
from cameras.consumers import live as consumer
from cameras.consumers.live import LiveConsumer
from cameras.live import LIVE_FIELD, Rendition, live_key, valkey, watched_key
from cameras.models import Camera, Modality, Site
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_camera, make_site, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("services")]


FORMS = {Rendition.TILE: (320, False), Rendition.FILM: (320, True), Rendition.FULL: (900, False)}


@asynccontextmanager
async def socket_of(user: Any) -> AsyncIterator[WebsocketCommunicator]:
    socket = WebsocketCommunicator(LiveConsumer.as_asgi(), "/ws/live/")
    socket.scope["user"] = user
    is_connected, _ = await socket.connect()
    assert is_connected
    try:
        yield socket
    finally:
        await socket.disconnect()


async def code_of(user: Any) -> int:
    socket = WebsocketCommunicator(LiveConsumer.as_asgi(), "/ws/live/")
    socket.scope["user"] = user
    is_connected, code = await socket.connect()
    assert not is_connected
    return int(code)


async def watch(socket: WebsocketCommunicator, *cameras: Camera) -> None:
    await socket.send_to(text_data=json.dumps({"watch": [{"camera": camera.pk} for camera in cameras]}))


async def next_frame(socket: WebsocketCommunicator) -> tuple[int, bytes]:
    while True:
        data = await socket.receive_from(timeout=4)
        if isinstance(data, bytes):
            return struct.unpack(">I", data[:4])[0], data[4:]


async def next_note(socket: WebsocketCommunicator, kind: str) -> dict[str, Any]:
    while True:
        data = await socket.receive_from(timeout=4)
        if isinstance(data, str) and json.loads(data)["type"] == kind:
            found: dict[str, Any] = json.loads(data)
            return found


async def until(happened: Callable[[], Awaitable[Any]]) -> None:
    for _ in range(80):
        if await happened():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never happened")


async def publish(camera: Camera, *frames: bytes) -> None:
    for frame in frames:
        await sync_to_async(valkey().xadd)(live_key(camera.pk), {LIVE_FIELD: frame}, maxlen=30)


async def is_watched(camera: Camera, rendition: Rendition = Rendition.FULL) -> bool:
    return bool(await sync_to_async(valkey().exists)(watched_key(camera.pk, rendition)))


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
def camera(site: Site) -> Camera:
    camera = make_camera(site)
    valkey().delete(live_key(camera.pk), watched_key(camera.pk))
    return camera


@pytest.fixture
def operator(site: Site) -> User:
    return make_user(Role.OPERATOR, site)


async def test_anonymous_and_other_roles_are_refused(site: Site) -> None:
    from django.contrib.auth.models import AnonymousUser

    assert await code_of(AnonymousUser()) == 4401
    for role in (Role.ADMINISTRATOR, Role.CUSTODIAN, Role.AUDITOR):
        assert await code_of(await sync_to_async(make_user)(role, site)) == 4403


async def test_somebody_without_a_required_second_factor_is_refused(operator: User, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    assert await code_of(operator) == 4403


async def test_an_operator_sees_masked_frames_as_the_worker_packed_them(operator: User, camera: Camera) -> None:
    async with socket_of(operator) as socket:
        await watch(socket, camera)
        await until(lambda: is_watched(camera))
        await publish(camera, b"frame-1")
        assert await next_frame(socket) == (camera.pk, b"frame-1")


async def test_a_camera_of_another_site_is_refused_and_shows_nothing(operator: User, camera: Camera) -> None:
    other = await sync_to_async(make_camera)()
    async with socket_of(operator) as socket:
        await watch(socket, camera, other)
        assert (await next_note(socket, "refused"))["cameras"] == [other.pk]
        await until(lambda: is_watched(camera))
        assert not await is_watched(other)
        await publish(other, b"not yours")
        await publish(camera, b"yours")
        assert await next_frame(socket) == (camera.pk, b"yours")


async def test_a_slow_screen_gets_two_frames_and_then_the_newest(operator: User, camera: Camera) -> None:
    async with socket_of(operator) as socket:
        await watch(socket, camera)
        await until(lambda: is_watched(camera))
        for number in range(6):
            await publish(camera, b"%d" % number)
            await asyncio.sleep(0.05)
        assert (await next_frame(socket))[1] == b"0"
        assert (await next_frame(socket))[1] == b"1"
        await asyncio.sleep(0.3)
        await socket.send_to(text_data=json.dumps({"shown": camera.pk}))
        assert (await next_frame(socket))[1] == b"5"


async def test_a_backlog_is_skipped_to_its_newest_frame(operator: User, camera: Camera) -> None:
    await publish(camera, *(b"%d" % number for number in range(20)))
    async with socket_of(operator) as socket:
        await watch(socket, camera)
        assert (await next_frame(socket))[1] == b"19"


async def test_a_screen_that_acknowledges_nothing_is_closed(
    operator: User, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_credits, "SILENCE_S", 0.2)
    monkeypatch.setattr(consumer, "TICK_S", 0.1)
    async with socket_of(operator) as socket:
        await watch(socket, camera)
        await until(lambda: is_watched(camera))
        await publish(camera, b"x")
        await next_frame(socket)
        while (told := await socket.receive_output(timeout=4))["type"] != "websocket.close":
            pass
        assert told["code"] == 4408


async def test_a_scope_that_ends_ends_the_picture(
    operator: User, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "TICK_S", 0.05)
    monkeypatch.setattr(consumer, "RECHECK_S", 0.1)
    async with socket_of(operator) as socket:
        await watch(socket, camera)
        await until(lambda: is_watched(camera))
        await SiteScope.objects.filter(user=operator).adelete()
        assert (await next_note(socket, "refused"))["cameras"] == [camera.pk]


async def test_a_role_that_changes_closes_the_socket(
    operator: User, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "TICK_S", 0.05)
    monkeypatch.setattr(consumer, "RECHECK_S", 0.1)
    async with socket_of(operator) as socket:
        await watch(socket, camera)
        await User.objects.filter(pk=operator.pk).aupdate(role=Role.AUDITOR)
        while (told := await socket.receive_output(timeout=4))["type"] != "websocket.close":
            pass
        assert told["code"] == 4403


async def test_screens_are_told_how_the_camera_is_doing(operator: User, camera: Camera) -> None:
    async with socket_of(operator) as socket:
        await watch(socket, camera)
        assert (await next_note(socket, "conditions"))["cameras"][str(camera.pk)]["name"] == "waiting"
        await Camera.objects.filter(pk=camera.pk).aupdate(is_enabled=False)
        assert (await next_note(socket, "conditions"))["cameras"][str(camera.pk)]["name"] == "stopped"


async def test_valkey_away_is_said_and_frames_resume_by_themselves(
    operator: User, camera: Camera, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_reader, "LAST_PAUSE_S", 0.3)
    there, settings.REDIS_URL = settings.REDIS_URL, "unix:///nowhere/valkey.sock"
    async with socket_of(operator) as socket:
        await watch(socket, camera)
        while (await next_note(socket, "source"))["up"]:
            pass
        settings.REDIS_URL = there
        while not (await next_note(socket, "source"))["up"]:
            pass
        await publish(camera, b"again")
        assert (await next_frame(socket))[1] == b"again"


async def test_what_is_no_message_closes_the_socket(operator: User) -> None:
    for words in ("no json", "3", "[]", "{}", '{"watch": 3}', '{"watch": [{"camera": "x"}]}', '{"shown": null}'):
        async with socket_of(operator) as socket:
            await socket.send_to(text_data=words)
            assert (await socket.receive_output(timeout=4))["code"] == 4400, words


async def test_the_servers_clock_is_told(operator: User) -> None:
    async with socket_of(operator) as socket:
        await socket.send_to(text_data='{"ping": 12.5}')
        note = await next_note(socket, "pong")
        assert note["ping"] == 12.5
        assert note["at"] > 1_700_000_000_000


async def test_whoever_watches_leaves_a_trace_once_per_connection_and_camera(
    operator: User, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "TICK_S", 0.05)
    monkeypatch.setattr(consumer, "RECHECK_S", 0.1)
    other = await sync_to_async(make_camera)()
    async with socket_of(operator) as socket:
        await watch(socket, camera, other)
        await until(lambda: is_watched(camera))
        await watch(socket, camera)
        await asyncio.sleep(0.4)
    entries = [entry async for entry in AuditEntry.objects.filter(action="camera.watched")]
    assert [(entry.actor_id, entry.subject, entry.site_id) for entry in entries] == [
        (operator.pk, f"camera:{camera.pk}", camera.site_id)
    ]


async def test_a_session_that_has_run_out_ends_the_picture(
    operator: User, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "TICK_S", 0.05)
    monkeypatch.setattr(consumer, "RECHECK_S", 0.1)
    (session := SessionStore())[HASH_SESSION_KEY] = operator.get_session_auth_hash()
    await sync_to_async(session.create)()
    socket = WebsocketCommunicator(LiveConsumer.as_asgi(), "/ws/live/")
    socket.scope["user"], socket.scope["session"] = operator, session
    assert (await socket.connect())[0]
    await watch(socket, camera)
    await Session.objects.filter(pk=session.session_key).aupdate(expire_date=timezone.now() - timedelta(seconds=1))
    while (told := await socket.receive_output(timeout=4))["type"] != "websocket.close":
        pass
    assert told["code"] == 4403


async def test_a_small_tile_and_a_film_come_in_their_own_form(operator: User, camera: Camera) -> None:
    async with socket_of(operator) as socket:
        for rendition, (width, film) in FORMS.items():
            await socket.send_to(text_data=json.dumps({"watch": [{"camera": camera.pk, "width": width, "film": film}]}))
            await until(functools.partial(is_watched, camera, rendition))
            place = {"number": 1, "key": 1} if rendition == Rendition.FILM else {}
            entry: dict[Any, Any] = {LIVE_FIELD: str(rendition).encode(), **place}
            await sync_to_async(valkey().xadd)(live_key(camera.pk, rendition), entry)
            assert (await next_frame(socket))[1] == str(rendition).encode()
            await socket.send_to(text_data=json.dumps({"shown": camera.pk}))


async def test_a_camera_box_is_asked_for_pictures_only(operator: User, site: Site) -> None:
    camera = await sync_to_async(make_camera)(site, modality=Modality.EDGE)
    async with socket_of(operator) as socket:
        await socket.send_to(text_data=json.dumps({"watch": [{"camera": camera.pk, "width": 320, "film": True}]}))
        await until(lambda: is_watched(camera))


@pytest.mark.parametrize("width", [0, -1, "wide", None, float("nan")])
async def test_a_width_that_is_none_closes_the_socket(operator: User, camera: Camera, width: Any) -> None:
    async with socket_of(operator) as socket:
        await socket.send_to(text_data=json.dumps({"watch": [{"camera": camera.pk, "width": width}]}))
        assert (await socket.receive_output(timeout=4)) == {"type": "websocket.close", "code": 4400}
