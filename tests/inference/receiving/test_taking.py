"""What boxes send: events become alerts once, frames go where they belong, attestations are checked."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from alerts.models import Alert
from cameras.boxes.models import Placement
from cameras.boxes.running import run_by_workers
from cameras.live import LIVE_FIELD, live_key, valkey, watched_key
from cameras.models import Camera
from cameras.row_state import row_state
from cameras.stopping.models import Halt
from cameras.stopping.services.halting import halt_end, halt_place
from inference.core.boxes.frames import pack_whole
from inference.core.boxes.requests import CONFIGURATION, is_signed
from inference.core.frames import PERSON, MaskedFrame, RawFrame, Tracks
from inference.core.masking.received import received_frame
from inference.core.masking.registry import create_masker
from inference.core.publishing.jpeg import encode_jpeg, pack_live
from inference.models import StreamState
from inference.receiving.reading import BoxReader
from inference.receiving.services.configuring import server_key
from inference.receiving.services.frames import line_key
from paca_site.accounts.models import Role
from tests.cast import make_user
from tests.inference.receiving.box_client import BoxClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
NOW = datetime.now(UTC)


def event(**given: Any) -> dict[str, Any]:
    return {
        "event_id": "a" * 32,
        "kind": "dispersal",
        "sentence": "People moving apart; 9 people; 2 s",
        "facts": {"people": 9.0},
        "confidence": 81.0,
        "score": 0.8,
        "threshold": 0.5,
        "started_at": (NOW - timedelta(minutes=10)).isoformat(),
        "peak_at": (NOW - timedelta(minutes=10)).isoformat(),
        "ended_at": None,
        "region": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.9]],
        "regions": [[0.0, [[0.1, 0.1], [0.5, 0.1], [0.5, 0.9]]]],
        "scores": [[0.0, 0.8]],
        "masker": "m" * 16,
        "detector": "d" * 16,
        **given,
    }


def test_an_event_that_comes_late_and_twice_is_one_alert_with_its_true_time_and_no_clip() -> None:
    box = BoxClient("edge")
    path = f"/box/cameras/{box.cameras[0].pk}/event"
    for _ in range(2):
        assert box.send(path, event(news_of_a_later_release=1)).json() == {"taken": True}
    alert = Alert.objects.get()
    assert (alert.started_at, alert.clip_state) == (NOW - timedelta(minutes=10), "none")
    ended_at = NOW - timedelta(minutes=9)
    assert box.send(path, event(ended_at=ended_at.isoformat())).status_code == 200
    assert box.send(path, event()).status_code == 200  # an older state, late
    alert.refresh_from_db()
    assert alert.ended_at == ended_at


@pytest.mark.parametrize(
    "wrong",
    [
        {"score": 1.2},
        {"score": True},
        {"confidence": "80"},
        {"kind": "suspect"},
        {"sentence": "x" * 301},
        {"sentence": ""},
        {"region": [[0, 0]]},
        {"region": [[0, 0, 0], [1, 1, 1], [2, 2, 2]]},
        {"started_at": "2026-01-01T00:00:00"},
        {"scores": [[0.0, 0.5]] * 1001},
        {"facts": {"people": "nine"}},
        {"facts": []},
    ],
    ids=str,
)
def test_an_event_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    box = BoxClient("edge")
    answer = box.send(f"/box/cameras/{box.cameras[0].pk}/event", event(**wrong))
    assert (answer.status_code, answer.json()["refused"]) == (400, "malformed")
    assert not Alert.objects.exists()


def test_a_box_reaches_no_camera_but_its_own() -> None:
    box, other = BoxClient("edge"), BoxClient("edge")
    foreign = other.cameras[0].pk
    for what, content in (("event", event()), ("frame", b"")):
        answer = box.send(f"/box/cameras/{foreign}/{what}", content)
        assert (answer.status_code, answer.json()["refused"]) == (403, "camera")
    assert not Alert.objects.exists()


def masked(index: int = 0) -> MaskedFrame:
    image = np.full((90, 160, 3), 90, np.uint8)
    frame = RawFrame(image, index, index / 5, datetime.now(UTC), discontinuity=index == 0)
    return create_masker("cover-all").push(frame)[0]


def test_a_frame_of_an_edge_camera_reaches_the_wall_only_while_somebody_watches() -> None:
    box = BoxClient("edge")
    camera = box.cameras[0].pk
    path, message = f"/box/cameras/{camera}/frame", pack_live(masked(), encode_jpeg(masked()))
    assert box.send(path, message).json() == {"watched": False}
    assert not valkey().exists(live_key(camera))
    valkey().set(watched_key(camera), "1", ex=20)
    assert box.send("/box/report").json()["watched"] == [camera]
    assert box.send(path, message).json() == {"watched": True}
    entries: Any = valkey().xrange(live_key(camera))
    assert [fields[LIVE_FIELD] for _, fields in entries] == [message]
    assert 0 < int(valkey().ttl(live_key(camera))) <= 10


@pytest.mark.parametrize("message", [b"", b"\0\0\0\2{}", pack_live(masked(), b"GIF89a")], ids=["empty", "bare", "gif"])
def test_what_is_no_live_frame_is_refused(message: bytes) -> None:
    box = BoxClient("edge")
    assert box.send(f"/box/cameras/{box.cameras[0].pk}/frame", message).json()["refused"] == "malformed"


def test_a_stopped_camera_takes_no_frames() -> None:
    box = BoxClient("edge")
    Camera.objects.update(is_enabled=False)
    answer = box.send(f"/box/cameras/{box.cameras[0].pk}/frame", pack_live(masked(), encode_jpeg(masked())))
    assert (answer.status_code, answer.json()["refused"]) == (409, "not-running")


@pytest.mark.parametrize("modality", ["edge", "hybrid"])
def test_a_stop_holds_at_the_door_though_the_box_has_not_heard_of_it(modality: str) -> None:
    box = BoxClient(modality)
    path = f"/box/cameras/{box.cameras[0].pk}/frame"
    supervisor = make_user(Role.SUPERVISOR, box.site)
    halt = halt_place(halt=Halt(site=box.site, reason="A wedding in the square"), actor=supervisor)
    message = pack_live(masked(), encode_jpeg(masked()))
    answer = box.send(path, message)
    assert (answer.status_code, answer.json()["refused"]) == (409, "not-running")
    assert "A wedding in the square" in answer.json()["text"]
    halt_end(halt=halt, actor=supervisor, reason="The wedding is over")
    assert box.send(path, message).status_code == 200


def test_a_hybrid_frame_arrives_with_its_class_map_and_tracks_and_the_line_reads_it() -> None:
    box = BoxClient("hybrid")
    camera = box.cameras[0].pk
    tracks = Tracks(
        np.array([7], np.int64),
        np.array([[1.5, 2, 30, 40]], np.float32),
        np.array([PERSON], np.uint8),
        np.array([True]),
    )
    source = masked()
    class_map = np.random.default_rng(1).integers(0, 4, (45, 80)).astype(np.uint8)
    sent = MaskedFrame(
        source.image, 3, 0.6, source.captured_at, class_map, tracks, withheld="", mint=source.mint, discontinuity=False
    )
    reader = BoxReader(camera)
    assert reader.get(0.01) is None  # the first look says from where on it reads
    reader._last_id = b"0"
    assert box.send(f"/box/cameras/{camera}/frame", pack_whole(sent, "f" * 16)).status_code == 200
    frame = reader.get(0.5)
    reader.stop()
    assert frame is not None
    assert (frame.index, frame.captured_at, reader.state) == (3, sent.captured_at, "live")
    assert (frame.class_map == class_map).all()
    assert frame.tracks.boxes.tolist() == [[1.5, 2, 30, 40]]
    assert frame.discontinuity, "nobody knows what came before the first one"
    assert np.abs(frame.image.astype(int) - source.image).max() < 12
    assert received_frame(pack_whole(sent, "f" * 16))[1] == "f" * 16


def test_a_reader_without_frames_says_that_the_camera_is_lost_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    box = BoxClient("hybrid")
    camera = box.cameras[0].pk
    monkeypatch.setattr("inference.receiving.reading.LOST_S", 0.1)
    reader = BoxReader(camera)
    reader._last_id = b"0"
    time.sleep(0.15)
    assert reader.get(0.01) is None
    assert reader.state.startswith("lost")
    valkey().xadd(line_key(camera), {LIVE_FIELD: b"garbage"})
    valkey().xadd(line_key(camera), {LIVE_FIELD: pack_whole(masked(), "f" * 16)})
    assert reader.get(0.5) is not None
    assert (reader.state, reader.reconnects, reader.damaged) == ("live", 1, 1)
    reader.stop()


def test_workers_leave_edge_cameras_of_boxes_alone_also_when_the_box_is_revoked() -> None:
    box = BoxClient("edge", "hybrid")
    box.box.revoked_at, box.box.public_key = NOW, ""
    box.box.save()
    lonely = BoxClient().site.cameras.create(
        **{
            name: getattr(box.cameras[0], name)
            for name in ("name", "address", "modality", "latitude", "longitude", "retention", "purpose")
        }
    )
    assert set(run_by_workers(Camera.objects.all())) == {box.cameras[1], lonely}


def test_a_report_is_the_health_of_an_edge_camera_but_not_of_a_hybrid_one() -> None:
    box = BoxClient("edge", "hybrid")
    health = {"state": "live", "masking": "down: masking down: hot", "detector": "ok", "fps_out": 4.0, "masker": "m"}
    told = {"config": 3, "cameras": {str(camera.pk): health for camera in box.cameras}}
    placed = row_state(Placement)
    answer = box.send("/box/report", told).json()
    assert answer["config"] == 1
    assert row_state(Placement) == placed, "who remembers what has a box need not ask anew each second"
    state = StreamState.objects.get()
    assert (state.camera, state.status, state.fps_out) == (box.cameras[0], "masking-down", 4.0)
    assert (box.fresh().config_held, box.fresh().release) == (3, "0.1.0")
    assert Placement.objects.get(camera=box.cameras[1]).health["masker"] == "m"


def test_the_configuration_counts_up_with_each_change_and_is_signed() -> None:
    box = BoxClient("edge")
    first = box.send("/box/config", method="GET").json()
    assert is_signed(server_key(), CONFIGURATION, first["text"], first["signature"])
    assert json.loads(first["text"])["version"] == 1
    assert json.loads(box.send("/box/config", method="GET").json()["text"])["version"] == 1
    Camera.objects.update(is_enabled=False)
    changed = json.loads(box.send("/box/config", method="GET").json()["text"])
    assert (changed["version"], changed["cameras"][0]["reasons"]) == (2, ["It is stopped."])
