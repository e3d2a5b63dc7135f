"""The parts of a box: settings, keys, policy, ledger, masking, post and frames."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inference.core.boxes.requests import CONFIGURATION, public_of, sign
from inference.core.frames import RawFrame
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from inference.edge.delivery import Delivery
from inference.edge.identity import KEY, Card, make_key, now_text, read_card, read_key, write_card
from inference.edge.keys import Keys
from inference.edge.ledger import Ledger
from inference.edge.masking import CountedMasking
from inference.edge.outbox import Outbox
from inference.edge.policy import Policy, PolicyError
from inference.edge.settings import BoxError, read_settings
from inference.edge.sinks import FrameSender
from tests.inference.edge.fake_server import FakeServer, Killed
from tests.inference.edge.test_outbox import event

SERVER_KEY = Ed25519PrivateKey.generate()
WHOLE = '[server]\nurl = "https://paca.example"\n[box]\ndata = "d"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = ", "is no TOML"),
        ("", "url must be an https address"),
        ('[server]\nurl = "http://paca.example"', "http to this machine only"),
        ('[server]\nurl = "https://paca.example"', "data must name a folder"),
        (WHOLE + "outbox_events = 1", "from 100 to 100000, got 1"),
        (WHOLE + "rotate_days = true", "from 1 to 365, got True"),
        (WHOLE + 'colour = "red"', "takes data, outbox_events, rotate_days; got colour"),
        (WHOLE + "[camera]\n", "the parts are"),
        (WHOLE + '[cameras.front]\naddress = "rtsp://x"', "got [cameras.front]"),
        (WHOLE + '[cameras.1]\nurl = "rtsp://x"', "with address"),
        (WHOLE.replace("[box]", 'ca = "ca.pem"\n[box]'), "which is no file"),
    ],
)
def test_a_wrong_box_toml_says_what_is_wrong_and_what_is_allowed(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "box.toml").write_text(text)
    with pytest.raises(BoxError) as error:
        read_settings(tmp_path / "box.toml")
    assert words in str(error.value)


def test_a_right_box_toml_is_read_and_shows_no_address(tmp_path: Path) -> None:
    (tmp_path / "box.toml").write_text(WHOLE + '[cameras.7]\naddress = "rtsp://user:secret@10.0.0.9/"')
    settings = read_settings(tmp_path / "box.toml")
    assert settings.addresses == {7: "rtsp://user:secret@10.0.0.9/"}
    assert (settings.data, settings.ca) == (tmp_path / "d", None)
    assert "secret" not in repr(settings)


def card(key_since: str = "") -> Card:
    return Card(1, "Lamp post", "Square", 1, public_of(SERVER_KEY), key_since or now_text())


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    make_key(tmp_path / KEY)
    assert public_of(read_key(tmp_path / KEY))
    (tmp_path / KEY).chmod(0o640)
    with pytest.raises(BoxError, match="may be read by others"):
        read_key(tmp_path / KEY)


@pytest.mark.parametrize("kill", [(at, when) for at in (1, 2) for when in ("before", "after")], ids=str)
def test_a_box_killed_while_it_rotates_its_key_is_never_locked_out(kill: tuple[int, str], tmp_path: Path) -> None:
    old = make_key(tmp_path / KEY)
    write_card(tmp_path, card(key_since="2026-01-01T00:00:00+00:00"))
    server = FakeServer(old)
    server.kill_at = kill
    keys = Keys(tmp_path, read_card(tmp_path), server, 30)  # type: ignore[arg-type]
    assert keys.is_due
    with pytest.raises(Killed):
        keys.rotate()
    again = FakeServer(read_key(tmp_path / KEY), server.known)
    again.next = server.next
    keys = Keys(tmp_path, read_card(tmp_path), again, 30)  # type: ignore[arg-type]
    assert keys.is_due
    if public_of(again.key) in again.known:
        keys.rotate()
    else:
        assert keys.recover()
    assert not Keys(tmp_path, read_card(tmp_path), again, 30).is_due  # type: ignore[arg-type]
    assert again.known == [public_of(read_key(tmp_path / KEY))]
    assert public_of(old) not in again.known


def configuration(key: Ed25519PrivateKey = SERVER_KEY, **given: Any) -> dict[str, str]:
    camera = {"id": 1, "name": "Front", "modality": "edge", "address": "rtsp://x", "fps": 5, "threshold_percent": None}
    document = {
        "box": 1,
        "enrolment": 1,
        "version": 1,
        "issued_at": datetime.now(UTC).isoformat(),
        "valid_until": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "language": "en",
        "cameras": [{**camera, "masking": {"style": "silhouette"}, "reasons": []}],
        **given,
    }
    text = json.dumps(document)
    return {"text": text, "signature": sign(key, CONFIGURATION, text)}


@pytest.mark.parametrize(
    ("signed", "words"),
    [
        (configuration(Ed25519PrivateKey.generate()), "not signed by the server"),
        ({**configuration(), "text": configuration(version=9)["text"]}, "not signed by the server"),
        (configuration(box=2), "another box"),
        (configuration(enrolment=2), "earlier enrolment"),
        (configuration(version=1), "older than version 2"),
        ({}, "not signed by the server"),
        (configuration(cameras=[{"id": 1}]), "lacks or garbles"),
        (configuration(valid_until="tomorrow"), "lacks or garbles"),
        (configuration(issued_at="yesterday"), "lacks or garbles"),
    ],
)
def test_a_configuration_that_is_not_right_changes_nothing(signed: dict[str, str], words: str, tmp_path: Path) -> None:
    policy = Policy(card(), Outbox(tmp_path / "outbox.sqlite"))
    policy.take(configuration(version=2))
    with pytest.raises(PolicyError, match=words):
        policy.take(signed)
    assert (policy.version, policy.outdated()) == (2, "")


def test_a_policy_holds_only_while_it_is_valid_and_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    policy = Policy(card(), outbox)
    assert "no mask policy yet" in policy.outdated()
    policy.take(configuration())
    assert policy.outdated() == ""
    assert Policy(card(), outbox).outdated() == "", "it is read again after a restart"
    policy.heard_of(2)
    assert policy.outdated() == "", "there are seconds to read it"
    monkeypatch.setattr("inference.edge.policy.LATE_S", -1.0)
    assert "newer one could not be read" in policy.outdated()
    policy.take(configuration(version=2, valid_until=(datetime.now(UTC) - timedelta(seconds=1)).isoformat()))
    assert "not heard from the server" in policy.outdated()


def test_a_clock_that_jumps_back_lengthens_no_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = Policy(card(), Outbox(tmp_path / "outbox.sqlite"))
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    until = (tomorrow + timedelta(hours=1)).isoformat()
    policy.take(configuration(issued_at=tomorrow.isoformat(), valid_until=until))
    assert "stands before the time of its mask policy" in policy.outdated()
    policy.take(configuration(version=2))
    assert policy.outdated() == ""
    later_s = time.monotonic() + 3601  # an hour has passed, but the clock on the wall was set back by as much
    monkeypatch.setattr("inference.edge.policy.time.monotonic", lambda: later_s)
    assert "not heard from the server" in policy.outdated()


class Counting:
    """What a ledger reads of a reader."""

    decoded = dropped = 0


def raw(index: int) -> RawFrame:
    image = np.full((36, 64, 3), 200, np.uint8)
    return RawFrame(image, index, index / 5, datetime.now(UTC), discontinuity=index == 0)


def test_an_outdated_policy_withholds_every_frame_and_the_sum_holds(tmp_path: Path) -> None:
    policy, ledger, reader = Policy(card(), Outbox(tmp_path / "outbox.sqlite")), Ledger(), Counting()
    ledger.begin(reader)  # type: ignore[arg-type]
    out = []
    with MaskingStage(create_masker("cover-all")) as stage:
        masking = CountedMasking(stage, policy, ledger)
        for index in range(6):
            if index == 3:
                policy.take(configuration())
            reader.decoded += 2
            reader.dropped += 1
            out += masking.push(raw(index))
        out += masking.flush()
    assert [bool(frame.withheld) for frame in out] == [True] * 3 + [False] * 3
    assert "mask policy" in out[0].withheld
    assert not any((frame.image == 200).all(axis=2).any() for frame in out)
    minute = ledger.minute()
    assert minute["raw_left"] <= 2  # the loop's own last frame, and the stage's
    assert {**minute, "raw_left": 0} == {
        "decoded": 12,
        "masked": 3,
        "withheld": 3,
        "discarded": 6,
        "held_before": 0,
        "held": 0,
        "raw_left": 0,
    }


def test_frames_inside_a_line_are_held_and_discarded_when_it_ends_and_a_kept_one_shows() -> None:
    ledger, reader, kept = Ledger(), Counting(), []
    ledger.begin(reader)  # type: ignore[arg-type]
    reader.decoded = 5
    for index in range(5):
        frame = raw(index)
        ledger.enters(frame)
        kept.append(frame)
    del frame
    first = ledger.minute()
    assert (first["decoded"], first["held"], first["raw_left"]) == (5, 5, 5)
    kept.clear()
    ledger.end()
    second = ledger.minute()
    assert (second["decoded"], second["discarded"], second["held_before"], second["held"]) == (0, 5, 5, 0)
    assert second["raw_left"] == 0


def post(server: FakeServer, outbox: Outbox) -> Delivery:
    return Delivery(server, outbox)  # type: ignore[arg-type]


def test_the_post_waits_for_the_server_and_then_delivers_in_order_once(tmp_path: Path) -> None:
    outbox, server = Outbox(tmp_path / "outbox.sqlite"), FakeServer(Ed25519PrivateKey.generate())
    server.is_away = True
    delivery = post(server, outbox)
    for number in (1, 2):
        outbox.event_put(4, event(number))
    outbox.record_add(1, "a", "b", {})
    assert delivery._deliver() is False
    assert (outbox.event_count(), server.taken) == (2, [])
    server.is_away = False
    assert delivery._deliver() is True
    assert [path for path, _ in server.taken] == ["/box/cameras/4/event"] * 2 + ["/box/attest"]
    assert [body["started_at"] for path, body in server.taken[:2]] == [event(1).started_at.isoformat()] * 2
    assert (outbox.event_count(), outbox.record_next()) == (0, None)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_box_killed_around_a_delivery_delivers_again_and_loses_nothing(when: str, tmp_path: Path) -> None:
    outbox, server = Outbox(tmp_path / "outbox.sqlite"), FakeServer(Ed25519PrivateKey.generate())
    outbox.event_put(4, event(1))
    server.kill_at = (1, when)
    with pytest.raises(Killed):
        post(server, outbox)._deliver()
    outbox.close()
    assert post(server, Outbox(tmp_path / "outbox.sqlite"))._deliver() is True
    assert {body["event_id"] for _, body in server.taken} == {event(1).event_id}


@pytest.mark.parametrize(("refusal", "waits"), [("malformed", 0), ("camera", 0), ("clock", 1), ("revoked", 1)])
def test_only_what_will_never_be_taken_is_given_up_and_counted(refusal: str, waits: int, tmp_path: Path) -> None:
    outbox, server = Outbox(tmp_path / "outbox.sqlite"), FakeServer(Ed25519PrivateKey.generate())
    server.refusal = refusal
    outbox.event_put(4, event(1))
    post(server, outbox)._deliver()
    assert (outbox.event_count(), outbox.fact("events_lost", "0")) == (waits, str(1 - waits))


def test_live_frames_are_sent_while_somebody_watches_and_dropped_while_the_server_is_away() -> None:
    server = FakeServer(Ed25519PrivateKey.generate())
    sender = FrameSender(server, 4, "edge", "m")  # type: ignore[arg-type]
    frame = create_masker("cover-all").push(raw(0))[0]
    with pytest.raises(TypeError):
        sender.write(raw(0))  # type: ignore[arg-type]
    sender.write(frame)
    time.sleep(0.1)
    assert server.taken == []
    sender.is_watched = True
    sender.write(frame)
    wait_until(lambda: sender.sent == 1)
    server.is_away = True
    for _ in range(5):
        sender.write(frame)
    wait_until(lambda: bool(sender.fault))
    assert len(sender._queue) <= 1
    sender.close()
    assert not sender._queue


def wait_until(holds: Any, within_s: float = 5.0) -> None:
    ended = threading.Event()
    until_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until_s, "it did not happen"
        ended.wait(0.02)
