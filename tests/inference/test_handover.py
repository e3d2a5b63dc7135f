"""A camera goes from one worker to another without a moment in which nobody, or two, may write."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cameras.live import handover_key, lease_key, moving_key, valkey
from cameras.models import Camera
from inference.core.decode.reader import Reader
from inference.core.decode.source import SourceConfig
from inference.core.frames import RawFrame
from inference.core.masking.cover_all import CoverAllConfig, CoverAllMasker
from inference.leases import Lease, LeaseKeeper, lease_claim, lease_owner, lease_release, lease_token
from inference.models import StreamState
from inference.services import handover, streams
from inference.services.handover import stream_take_over
from inference.writer import StreamWriter
from tests.cast import make_camera
from tests.inference.frames import raw_frame
from tests.stack import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("services")]


class Silent(Reader):
    """A reader whose frames do not matter here."""

    sees = True

    def __init__(self) -> None:
        super().__init__(SourceConfig("rtsp://127.0.0.1:1/x"))
        self.stopped = 0

    def start(self) -> "Silent":
        return self

    def get(self, timeout_s: float) -> RawFrame | None:
        time.sleep(timeout_s)
        return raw_frame() if self.sees else None

    def stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def camera() -> Iterator[Camera]:
    camera = make_camera()
    yield camera
    valkey().delete(*(key(camera.pk) for key in (lease_key, handover_key, moving_key)))


@pytest.fixture
def reader() -> Silent:
    return Silent()


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch, reader: Silent) -> list[Lease]:
    """Taking over with a line that does nothing; the leases under which it would have run."""
    taken: list[Lease] = []

    def build(camera: Camera) -> streams.Line:
        masker = CoverAllMasker(CoverAllConfig())
        return streams.Line(camera, masker, Path(), None, None, "", reader)

    monkeypatch.setattr(handover, "line_build", build)

    def run(lease: Lease, line: streams.Line) -> str:
        taken.append(lease)
        return "turn over"

    monkeypatch.setattr(handover, "turn_run", run)
    monkeypatch.setattr(handover, "worker_name", lambda: "new:2")
    monkeypatch.setattr(handover, "FIRST_FRAME_S", 0.5)
    return taken


def in_thread(call: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=call)
    thread.start()
    return thread


def run_old(camera: Camera) -> tuple[Lease, LeaseKeeper, threading.Event]:
    lease = lease_claim(camera_id=camera.pk, owner="old:1")
    assert lease is not None
    ended = threading.Event()
    keeper = LeaseKeeper(lease, ended)
    keeper.start()
    return lease, keeper, ended


def test_the_old_worker_runs_until_the_new_one_stands_ready_and_passes_the_lease_on(
    camera: Camera, taken: list[Lease], reader: Silent
) -> None:
    old, keeper, ended = run_old(camera)
    taking = in_thread(lambda: stream_take_over(camera.pk))
    assert ended.wait(4), "the old one hears of it with its next renewal"
    assert taken == [], "nobody takes it while its holder still writes"
    keeper.stop()
    lease_release(old)
    taking.join(3)
    assert [lease.fence for lease in taken] == [old.fence + 1]
    held = valkey().get(lease_key(camera.pk))
    assert held is not None
    assert lease_owner(held) == "new:2"
    assert not valkey().exists(handover_key(camera.pk), moving_key(camera.pk))
    assert reader.stopped == 1


def test_no_third_worker_gets_in_between(camera: Camera) -> None:
    old, keeper, _ = run_old(camera)
    keeper.stop()
    token = lease_token("new:2")
    valkey().set(handover_key(camera.pk), token, px=5000)
    lease_release(old)
    assert lease_claim(camera_id=camera.pk, owner="third:3") is None
    assert valkey().get(lease_key(camera.pk)) == token.encode()


def test_what_the_old_worker_writes_late_is_refused(camera: Camera, taken: list[Lease]) -> None:
    old, keeper, ended = run_old(camera)
    taking = in_thread(lambda: stream_take_over(camera.pk))
    assert ended.wait(4)
    keeper.stop()
    lease_release(old)
    taking.join(3)
    late = StreamWriter(old, threading.Event())
    late.start()
    late.put(lambda: StreamState.objects.filter(pk=camera.pk).update(reason="written twice"))
    late.put_health({"reason": "an old story"})
    late.finish()
    assert StreamState.objects.get(pk=camera.pk).reason == ""


def test_an_event_is_seen_through_before_a_camera_is_given_away(
    camera: Camera, taken: list[Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "ASKED_S", 1.5)
    _, keeper, ended = run_old(camera)
    keeper.must_stay = lambda: True
    assert "not given" in stream_take_over(camera.pk)
    assert not ended.is_set()
    assert taken == []
    assert not valkey().exists(handover_key(camera.pk)), "nobody stands ready any more"
    keeper.stop()


def test_a_camera_that_shows_nothing_to_a_second_reader_stays_where_it_is(
    camera: Camera, taken: list[Lease], reader: Silent
) -> None:
    reader.sees = False
    _, keeper, ended = run_old(camera)
    assert "not taken over" in stream_take_over(camera.pk)
    assert not ended.is_set()
    assert reader.stopped == 1
    keeper.stop()


def test_a_worker_whose_masker_fails_does_not_take_a_camera_from_one_whose_works(
    camera: Camera, taken: list[Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: CoverAllMasker, frame: RawFrame) -> None:
        raise RuntimeError("the network is broken here")

    monkeypatch.setattr(CoverAllMasker, "push", fail)
    _, keeper, ended = run_old(camera)
    assert "no masked frame" in stream_take_over(camera.pk)
    assert not ended.is_set()
    assert taken == []
    keeper.stop()


def test_a_camera_whose_worker_dies_meanwhile_is_taken_when_its_lease_ends(camera: Camera, taken: list[Lease]) -> None:
    assert lease_claim(camera_id=camera.pk, owner="old:1") is not None  # and nobody renews it
    began_s = time.monotonic()
    assert stream_take_over(camera.pk) == "turn over"
    assert time.monotonic() - began_s < 4.5
    assert len(taken) == 1


def test_only_one_of_two_that_stand_ready_gets_the_camera(
    camera: Camera, taken: list[Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "ASKED_S", 3.0)
    old, keeper, ended = run_old(camera)
    taking = [in_thread(lambda: stream_take_over(camera.pk)) for _ in range(2)]
    assert ended.wait(4)
    keeper.stop()
    lease_release(old)
    for each in taking:
        each.join(5)
    assert len(taken) == 1


def test_a_camera_that_may_not_run_is_not_taken_over(camera: Camera, taken: list[Lease]) -> None:
    Camera.objects.update(is_enabled=False)
    assert "may not run" in stream_take_over(camera.pk)
    assert taken == []


def test_a_camera_that_was_changed_while_it_was_taken_over_begins_anew(camera: Camera, reader: Silent) -> None:
    line = streams.Line(camera, None, None, None, None, "", reader)  # type: ignore[arg-type]  # it is not run
    Camera.objects.update(version=camera.version + 1)
    lease = lease_claim(camera_id=camera.pk, owner="new:2")
    assert lease is not None
    assert streams.turn_run(lease, line) == "changed meanwhile"
    wait_for("the lease given back", lambda: not valkey().exists(lease_key(camera.pk)), 2)
