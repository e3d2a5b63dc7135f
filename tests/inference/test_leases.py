"""One camera, one worker."""

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from cameras.live import lease_key, stop_key, valkey
from inference.leases import LEASE_MS, LeaseKeeper, lease_claim, lease_release
from inference.models import StreamState, StreamStatus
from inference.writer import StreamWriter
from tests.cast import make_camera
from tests.stack import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("services")]


@pytest.fixture
def camera_id() -> Iterator[int]:
    camera = make_camera()
    yield camera.pk
    valkey().delete(lease_key(camera.pk), stop_key(camera.pk))


def test_a_second_worker_does_not_get_a_camera_that_runs(camera_id: int) -> None:
    assert lease_claim(camera_id=camera_id, owner="first") is not None
    assert lease_claim(camera_id=camera_id, owner="second") is None


def test_a_lease_given_back_can_be_taken_at_once_and_raises_the_fence(camera_id: int) -> None:
    first = lease_claim(camera_id=camera_id, owner="first")
    assert first is not None
    lease_release(first)
    second = lease_claim(camera_id=camera_id, owner="second")
    assert second is not None
    assert second.fence == first.fence + 1


def test_the_lease_of_a_worker_that_died_ends_within_three_seconds(camera_id: int) -> None:
    lease_claim(camera_id=camera_id, owner="killed")
    assert 0 < valkey().pttl(lease_key(camera_id)) <= LEASE_MS <= 3000


def test_a_worker_that_wakes_up_after_losing_its_lease_writes_nothing(camera_id: int) -> None:
    sleeper = lease_claim(camera_id=camera_id, owner="sleeper")
    assert sleeper is not None
    valkey().delete(lease_key(camera_id))
    successor = lease_claim(camera_id=camera_id, owner="successor")
    assert successor is not None
    ended = threading.Event()
    writer = StreamWriter(sleeper, ended)
    writer.start()
    writer.put_health({"status": StreamStatus.LOST, "reason": "an old story"})
    assert ended.wait(5), "the sleeper must be told to end"
    writer.finish()
    state = StreamState.objects.get(pk=camera_id)
    assert (state.owner, state.reason) == ("successor", "")


def test_a_keeper_renews_its_lease_and_takes_it_again_when_valkey_forgot_it(camera_id: int) -> None:
    lease = lease_claim(camera_id=camera_id, owner="first")
    assert lease is not None
    ended = threading.Event()
    keeper = LeaseKeeper(lease, ended)
    keeper.start()
    valkey().delete(lease_key(camera_id))  # as a restart of Valkey does
    wait_for("the lease taken again", lambda: valkey().get(lease_key(camera_id)) == lease.token.encode(), 3)
    assert not ended.is_set()
    valkey().set(lease_key(camera_id), "somebody else")
    assert ended.wait(3), "a lost lease must end the turn"
    keeper.stop()


def test_a_changed_camera_ends_its_turn(camera_id: int) -> None:
    lease = lease_claim(camera_id=camera_id, owner="first")
    assert lease is not None
    ended = threading.Event()
    keeper = LeaseKeeper(lease, ended)
    keeper.start()
    valkey().set(stop_key(camera_id), "1", ex=15)
    assert ended.wait(3)
    keeper.stop()


def test_writes_of_one_stream_keep_their_order(camera_id: int) -> None:
    lease = lease_claim(camera_id=camera_id, owner="first")
    assert lease is not None
    writer = StreamWriter(lease, threading.Event())
    written: list[int] = []
    for number in range(20):
        writer.put(partial(written.append, number))
    writer.start()
    writer.finish()
    assert written == list(range(20))
