"""The live view without JavaScript, with a real Valkey: pictures, their age, and what happens when none comes."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.utils import timezone

from cameras import plain_live
from cameras.access import Watcher
from cameras.live import LIVE_FIELD, live_key, valkey, watched_key
from cameras.models import Camera, Site
from cameras.plain_live import film, film_timed, no_picture
from inference.core.publishing.wire import LiveHeader, join_live
from inference.models import StreamState, StreamStatus
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_camera, make_site, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("services")]
AT = datetime(2026, 11, 23, 19, tzinfo=UTC)


def message(number: int) -> bytes:
    return join_live(LiveHeader(number, AT, AT, "", 640, 360), f"\xff\xd8jpeg {number}".encode("latin-1"))


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
def camera(site: Site) -> Camera:
    camera = make_camera(site)
    StreamState.objects.create(camera=camera, status=StreamStatus.LIVE, owner="w@host:1", updated_at=timezone.now())
    valkey().delete(live_key(camera.pk), watched_key(camera.pk))
    return camera


@pytest.fixture
def operator(site: Site) -> User:
    return make_user(Role.OPERATOR, site)


async def publish(camera: Camera, first: int = 1, *, every_s: float = 0.1, count: int = 1000) -> None:
    """Be the worker: frames while somebody watches."""
    for number in range(first, first + count):
        await sync_to_async(valkey().xadd)(live_key(camera.pk), {LIVE_FIELD: message(number)}, maxlen=30)
        await asyncio.sleep(every_s)


async def parts_of(parts: AsyncIterator[bytes], count: int) -> list[bytes]:
    assert await anext(parts) == b"--paca-frame\r\n"
    found = []
    for _ in range(count):
        head, _, rest = (await anext(parts)).partition(b"\r\n\r\n")
        length = int(head.rpartition(b": ")[2])
        assert rest[length:] == b"\r\n--paca-frame\r\n"
        found.append(rest[:length])
    return found


async def client_of(user: User) -> AsyncClient:
    client = AsyncClient()
    await client.aforce_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def watcher_of(user: User) -> Watcher:
    return Watcher(user.pk, None)


async def test_one_picture_is_the_next_masked_one_and_is_recorded(camera: Camera, operator: User) -> None:
    work = asyncio.create_task(publish(camera))
    client = await client_of(operator)
    answer: Any = await client.get(f"/cameras/{camera.pk}/live/picture.jpg")
    work.cancel()
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer.content.startswith(b"\xff\xd8jpeg ")
    assert "no-store" in answer["Cache-Control"]
    entry = await AuditEntry.objects.aget(action="camera.watched")
    assert f"camera:{camera.pk}" in entry.body
    assert '"still":true' in entry.body
    assert not await AuditEntry.objects.filter(action="camera.watch-ended").aexists(), "one picture has no length"


async def test_without_a_picture_the_answer_says_so(camera: Camera, operator: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(plain_live, "FIRST_WITHIN_S", 0.2)
    answer: Any = await (await client_of(operator)).get(f"/cameras/{camera.pk}/live/picture.jpg")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "There is no picture of this camera now." in answer.content.decode()


async def test_a_film_gives_two_pictures_a_second_each_newer_than_the_last(camera: Camera, operator: User) -> None:
    work = asyncio.create_task(publish(camera))
    parts = film(camera.pk, watcher_of(operator))
    began_s = asyncio.get_running_loop().time()
    found = await parts_of(parts, 4)
    took_s = asyncio.get_running_loop().time() - began_s
    work.cancel()
    await parts.aclose()
    numbers = [int(jpeg.rpartition(b" ")[2]) for jpeg in found]
    assert numbers == sorted(set(numbers))
    assert took_s > 1.4, "two a second, however many come"


async def test_a_camera_that_falls_silent_is_shown_as_that_and_not_as_a_still(
    camera: Camera, operator: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(plain_live, "SILENT_S", 0.3)
    work = asyncio.create_task(publish(camera, count=3))
    parts = film(camera.pk, watcher_of(operator))
    found = await parts_of(parts, 4)
    await work
    await parts.aclose()
    assert found[0].startswith(b"\xff\xd8jpeg")
    assert found[-1] == no_picture()


async def test_a_film_ends_by_itself_with_the_word_that_there_is_no_picture(
    camera: Camera, operator: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(plain_live, "FILM_S", 0.6)
    work = asyncio.create_task(publish(camera))
    parts = [part async for part in film(camera.pk, watcher_of(operator))]
    work.cancel()
    assert no_picture() in parts[-1]
    assert b"jpeg " in parts[1]


async def test_a_film_records_its_length_also_when_the_browser_leaves(camera: Camera, operator: User) -> None:
    work, view_id = asyncio.create_task(publish(camera)), uuid4()

    async def show() -> None:
        async for _part in film_timed(camera.pk, watcher_of(operator), view_id):
            pass

    shown = asyncio.create_task(show())
    await asyncio.sleep(1.2)
    shown.cancel()  # what the server does when the browser hangs up
    with pytest.raises(asyncio.CancelledError):
        await shown
    work.cancel()
    entry = await AuditEntry.objects.aget(action="camera.watch-ended")
    assert (entry.request_id, entry.site_id) == (view_id, camera.site_id)
    assert json.loads(entry.body)["details"]["seconds"][str(camera.pk)] in (1, 2)


async def test_whoever_loses_the_site_sees_no_more(camera: Camera, operator: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(plain_live, "RECHECK_S", 0.2)
    work = asyncio.create_task(publish(camera))
    await SiteScope.objects.filter(user=operator).adelete()
    parts = [part async for part in film(camera.pk, watcher_of(operator))]
    work.cancel()
    assert len(parts) <= 4, "the opening, what came within the check, and the last word"
    assert no_picture() in parts[-1]


@pytest.mark.parametrize("path", ["live/", "live/film", "live/picture.jpg"])
async def test_those_who_may_see_no_footage_learn_nothing(camera: Camera, site: Site, path: str) -> None:
    for role in (Role.ADMINISTRATOR, Role.CUSTODIAN, Role.AUDITOR):
        client = await client_of(await sync_to_async(make_user)(role, site))
        answer: Any = await client.get(f"/cameras/{camera.pk}/{path}")
        assert answer.status_code == 404
    assert not await AuditEntry.objects.filter(action="camera.watched").aexists()
