"""Shares even out, nobody who leaves keeps a camera, and nothing is moved twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cameras.live import lease_key, moving_key, valkey
from cameras.models import Camera
from inference.heartbeat import database_now
from inference.leases import lease_claim
from inference.models import StreamState, StreamStatus, WorkerState
from inference.places import Place, places_now
from inference.services.balancing import AT_ONCE, moves
from inference.services.dispatch import streams_ensure
from tests.cast import make_camera, make_site


def place(name: str, room: int = 8, *, is_leaving: bool = False) -> Place:
    return Place(f"{name}@host", name, room, is_leaving)


def after(owners: dict[int, str], places: list[Place], movable: frozenset[int] | None = None) -> Counter[str]:
    """Shares when every move that is asked for has been made, look by look."""
    owners = dict(owners)
    for _ in range(50):
        found = moves(places, owners, {}, frozenset(owners) if movable is None else movable)
        if not found:
            break
        owners |= {move.camera_id: move.to.owner for move in found}
    return Counter(owners.values())


def test_a_worker_that_joins_gets_its_share() -> None:
    shares = after(dict.fromkeys(range(8), "old"), [place("old"), place("new")])
    assert shares == {"old": 4, "new": 4}


def test_no_more_than_a_few_go_to_one_worker_at_a_time() -> None:
    asked = moves([place("old", 20), place("new", 20)], dict.fromkeys(range(20), "old"), {}, frozenset(range(20)))
    assert len(asked) == AT_ONCE
    moving = {move.camera_id: move.to.name for move in asked}
    owners = dict.fromkeys(range(20), "old")
    assert moves([place("old", 20), place("new", 20)], owners, moving, frozenset(range(20))) == []


def test_a_worker_that_leaves_gives_everything_to_those_with_room() -> None:
    owners = {1: "leaver", 2: "leaver", 3: "a", 4: "a", 5: "b"}
    places = [place("leaver", is_leaving=True), place("a", 3), place("b", 3)]
    assert after(owners, places) == {"a": 2, "b": 3} or after(owners, places) == {"a": 3, "b": 2}


def test_a_full_worker_gets_nothing() -> None:
    owners = dict.fromkeys(range(6), "leaver") | {6: "full"}
    places = [place("leaver", is_leaving=True), place("full", 1)]
    assert moves(places, owners, {}, frozenset(owners)) == []


def test_a_camera_that_gives_no_frames_stays_where_it_is() -> None:
    assert moves([place("old"), place("new")], dict.fromkeys(range(4), "old"), {}, frozenset()) == []


def test_a_difference_of_one_moves_nothing() -> None:
    assert moves([place("a"), place("b")], {1: "a", 2: "a", 3: "b"}, {}, frozenset({1, 2, 3})) == []


def test_cameras_of_a_worker_that_nobody_knows_are_left_to_their_leases() -> None:
    assert moves([place("a"), place("b")], dict.fromkeys(range(4), "dead"), {}, frozenset(range(4))) == []


@given(
    st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=6),
    st.lists(st.integers(0, 7), max_size=30),
)
def test_shares_always_end_even_and_moves_always_end(rooms: list[tuple[int, bool]], held: list[int]) -> None:
    places = [place(f"w{number}", room, is_leaving=leaves) for number, (room, leaves) in enumerate(rooms)]
    owners = {pk: f"w{number}" for pk, number in enumerate(held)}
    shares = after(owners, places)
    assert sum(shares.values()) == len(owners)
    staying = [one for one in places if not one.is_leaving]
    with_room = [one for one in staying if shares[one.owner] < one.room]
    for one in with_room:
        most = max(shares[other.owner] for other in staying)
        assert most - shares[one.owner] <= 1, "an even share for everybody who has room"
        assert not any(shares[other.owner] for other in places if other.is_leaving)


@pytest.fixture
def fleet() -> Iterator[list[Camera]]:
    site = make_site()
    cameras = [make_camera(site) for _ in range(4)]
    now = database_now()
    for number, name in enumerate(("old", "new", "other")):
        WorkerState.objects.create(
            name=f"{name}@host",
            host=name,
            process=number,
            queues=["streams"] if name != "other" else ["default"],
            threads=8,
            started_at=now,
            seen_at=now,
        )
    for camera in cameras:
        assert lease_claim(camera_id=camera.pk, owner="old:0") is not None
    StreamState.objects.update(status=StreamStatus.LIVE, updated_at=timezone.now())
    yield cameras
    valkey().delete(*(key(camera.pk) for camera in cameras for key in (lease_key, moving_key)))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, str]]:
    sent: list[tuple[str, int, str]] = []

    def send(name: str, args: list[int], queue: Any, expires: float) -> None:
        sent.append((name, args[0], getattr(queue, "name", queue)))

    monkeypatch.setattr(current_app, "send_task", send)
    return sent


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("services")
class TestTheDispatcher:
    """With real leases, workers' rows and Valkey."""

    def test_asks_the_new_worker_for_half_and_asks_once(
        self, fleet: list[Camera], sent: list[tuple[str, int, str]]
    ) -> None:
        assert streams_ensure() == []
        assert len(sent) == 2
        assert {(name, queue) for name, _, queue in sent} == {("inference.tasks.take_over_stream", "new@host.dq2")}
        streams_ensure()
        assert len(sent) == 2, "they are on their way"

    def test_leaves_cameras_that_are_lost_alone(self, fleet: list[Camera], sent: list[tuple[str, int, str]]) -> None:
        StreamState.objects.update(status=StreamStatus.LOST)
        streams_ensure()
        assert sent == []

    def test_relieves_a_worker_that_is_too_crowded_to_mask(
        self, fleet: list[Camera], sent: list[tuple[str, int, str]]
    ) -> None:
        StreamState.objects.update(status=StreamStatus.MASKING_DOWN)
        streams_ensure()
        assert len(sent) == 2

    def test_empties_a_worker_that_was_told_to_stop(
        self, fleet: list[Camera], sent: list[tuple[str, int, str]]
    ) -> None:
        WorkerState.objects.filter(host="old").update(stopped_at=timezone.now())
        streams_ensure()
        assert sorted(pk for _, pk, _ in sent) == [camera.pk for camera in fleet]

    def test_gives_nothing_to_a_silent_worker(self, fleet: list[Camera], sent: list[tuple[str, int, str]]) -> None:
        WorkerState.objects.filter(host="new").update(seen_at=database_now() - timedelta(seconds=7))
        assert [found.name for found in places_now()] == ["old@host"]
        streams_ensure()
        assert sent == []
