"""How long a connection showed each camera: recorded when it ends, with a real Valkey."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async

from cameras.live import live_key, valkey, watched_key
from cameras.models import Camera
from paca_site.accounts.models import Role, SiteScope, User
from paca_site.audit.models import AuditEntry
from tests.cameras.test_live import is_watched, socket_of, until, watch
from tests.cast import make_camera, make_site, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("services")]


@pytest.fixture
def camera() -> Camera:
    camera = make_camera(make_site())
    valkey().delete(live_key(camera.pk), watched_key(camera.pk))
    return camera


@pytest.fixture
def operator(camera: Camera) -> User:
    return make_user(Role.OPERATOR, camera.site)


async def test_the_end_of_a_connection_records_how_long_each_camera_was_shown(operator: User, camera: Camera) -> None:
    late = await sync_to_async(make_camera)(camera.site)
    elsewhere = await sync_to_async(make_camera)()
    await SiteScope.objects.acreate(user=operator, site=elsewhere.site)
    async with socket_of(operator) as socket:
        await watch(socket, camera, elsewhere)
        await until(lambda: is_watched(camera))
        await asyncio.sleep(1.2)
        await watch(socket, camera, late)  # `elsewhere` leaves the screen
        await until(lambda: is_watched(late))
        await asyncio.sleep(1.2)
        assert not await AuditEntry.objects.filter(action="camera.watch-ended").aexists()
    ends = [entry async for entry in AuditEntry.objects.filter(action="camera.watch-ended").order_by("site_id")]
    assert [entry.site_id for entry in ends] == [camera.site_id, elsewhere.site_id], "one for each site, not camera"
    lengths = {key: s for entry in ends for key, s in json.loads(entry.body)["details"]["seconds"].items()}
    assert set(lengths) == {str(camera.pk), str(elsewhere.pk), str(late.pk)}
    assert lengths[str(elsewhere.pk)] in (1, 2)
    assert lengths[str(late.pk)] in (1, 2)
    assert lengths[str(camera.pk)] in (2, 3, 4)
    assert {entry.actor_id for entry in ends} == {operator.pk}
    begun = [entry async for entry in AuditEntry.objects.filter(action="camera.watched")]
    assert {entry.request_id for entry in begun} == {entry.request_id for entry in ends}


async def test_a_connection_that_showed_nothing_records_no_end(operator: User) -> None:
    async with socket_of(operator):
        pass
    assert not await AuditEntry.objects.filter(action="camera.watch-ended").aexists()
