"""A camera box as a process of its own beside a whole installation: enrolled, watched, cut off, killed, searched."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import redis
import simplejpeg

from cameras.live import LIVE_FIELD, live_key, watched_key
from inference.core.publishing.wire import unpack_live
from tests.e2e.apart import Apart
from tests.stack import CHECKOUT, Stack, running_stack, wait_for

pytestmark = pytest.mark.e2e


class Box:
    """A folder that is all a box's disk, and the process that may write to it."""

    def __init__(
        self, folder: Path, stack: Stack, house: dict[str, Any], clip: Path, apart: Apart | None = None
    ) -> None:
        self.folder, self.house, self._apart = folder, house, apart
        folder.mkdir()
        server = f'url = "{apart.url}"\nca = "{apart.ca}"' if apart else f'url = "{stack.url}"'
        addresses = "".join(f'[cameras.{house[name]}]\naddress = "{clip}"\n' for name in ("edge", "hybrid"))
        (folder / "box.toml").write_text(f'[server]\n{server}\n[box]\ndata = "data"\n{addresses}')
        self.process: subprocess.Popen[bytes] | None = None

    def _command(self, *more: str) -> dict[str, Any]:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}}
        program = self._apart.program if self._apart else CHECKOUT
        places = {"HOME": str(self.folder), "TMPDIR": str(self.folder), "PYTHONPATH": str(program)}
        begins = [*self._apart.prefix, str(self._apart.python)] if self._apart else [sys.executable]
        command = [*begins, "-m", "inference", "edge", "--config", "box.toml", *more]
        return {"args": command, "cwd": self.folder, "env": {**kept, **places, "PYTHONDONTWRITEBYTECODE": "1"}}

    def enrol(self) -> str:
        done = subprocess.run(
            **self._command("--enrol", self.house["code"]), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(**self._command(), stdout=log, stderr=log)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(40)
            self.process = None

    def waiting(self, since: datetime | None = None) -> set[str]:
        """Ids of events that wait in the outbox; of those that began after `since`."""
        with sqlite3.connect(f"file:{self.folder / 'data' / 'outbox.sqlite'}?mode=ro", uri=True) as database:
            rows = database.execute("SELECT event, json_extract(body, '$.started_at') FROM event").fetchall()
        return {event for event, at in rows if since is None or datetime.fromisoformat(at) > since}

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


@pytest.fixture(scope="module")
def enrolled(stack: Stack, street_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A box with an edge and a hybrid camera, enrolled."""
    environment = {**os.environ, **stack.services(), "PACA_DATA": str(stack.data), "PACA_REQUIRE_SECOND_FACTOR": "0"}
    command = [sys.executable, "-m", "tests.e2e.box_in_stack"]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    box = Box(tmp_path_factory.mktemp("box") / "box", stack, json.loads(done.stdout.splitlines()[-1]), street_clip)
    told = box.enrol()
    assert "Lamp post 4" in told
    try:
        yield box
    except BaseException:
        sys.stderr.write((box.folder / "log").read_text()[-4000:])
        raise
    finally:
        box.end()


@pytest.fixture
def box(stack: Stack, enrolled: Box) -> Box:
    """The box, running and both cameras live, whatever an earlier test did to it."""
    if enrolled.process is None:
        enrolled.start()
    live = (
        "SELECT count(*) FROM inference_streamstate WHERE status = 'live' AND camera_id IN (%s, %s) "
        "AND last_frame_at > now() - interval '5 seconds'"
    )
    both = enrolled.house["edge"], enrolled.house["hybrid"]
    wait_for("both cameras live", lambda: stack.query(live, *both) == [(2,)], 120)
    return enrolled


def alerts(stack: Stack, camera: int) -> list[tuple[Any, ...]]:
    return stack.query(
        "SELECT event_id, started_at, raised_at, clip_state FROM alerts_alert WHERE camera_id = %s ORDER BY id", camera
    )


def test_a_hybrid_camera_is_recorded_and_searched_on_the_server_and_an_edge_camera_on_its_box(
    stack: Stack, box: Box
) -> None:
    edge, hybrid = box.house["edge"], box.house["hybrid"]
    wait_for("an alert of the edge camera", lambda: alerts(stack, edge), 150)
    wait_for("an alert of the hybrid camera", lambda: alerts(stack, hybrid), 150)
    assert {row[3] for row in alerts(stack, edge)} == {"none"}
    kept = dict(stack.query("SELECT camera_id, count(*) FROM cameras_segment GROUP BY 1"))
    assert kept.get(hybrid, 0) > 0
    assert edge not in kept
    owners = dict(stack.query("SELECT camera_id, owner FROM inference_streamstate"))
    assert owners[edge] == "", "no worker runs a camera that its box runs"
    assert owners[hybrid] != ""
    wait_for("the clip of the hybrid camera", lambda: "ready" in {row[3] for row in alerts(stack, hybrid)}, 60)


def test_masked_frames_reach_the_wall_while_somebody_watches_and_then_no_more(stack: Stack, box: Box) -> None:
    edge = box.house["edge"]
    valkey = redis.Redis.from_url(stack.services()["REDIS_URL"])

    def frames() -> list[bytes]:
        valkey.set(watched_key(edge), "1", ex=5)
        entries: Any = valkey.xrange(live_key(edge))
        return [fields[LIVE_FIELD] for _, fields in entries]

    assert not valkey.exists(live_key(edge))
    found = wait_for("frames of the edge camera", lambda: found if len(found := frames()) >= 5 else None, 30)
    header, jpeg = unpack_live(found[-1])
    assert simplejpeg.decode_jpeg(jpeg).shape[:2] == (header.height, header.width) == (360, 640)
    valkey.delete(watched_key(edge))
    wait_for("no more frames", lambda: not valkey.exists(live_key(edge)), 30)


def test_alerts_of_a_time_without_the_server_come_afterwards_once_with_true_times_also_after_a_kill(
    stack: Stack, box: Box
) -> None:
    edge = box.house["edge"]
    attested = "SELECT 1 FROM boxes_attestation WHERE box_id = (SELECT max(id) FROM boxes_box)"
    wait_for("a first minute attested, so that the chain has begun", lambda: stack.query(attested), 90)
    stack.stop()
    stopped_at = datetime.now(UTC)
    kept = wait_for("an event in the outbox", lambda: box.waiting(stopped_at), 150)
    box.end(signal.SIGKILL)
    assert kept <= box.waiting(), "what was kept before the kill is there after it"
    stack.start(150)
    back_at = stack.query("SELECT now()")[0][0]
    box.start()
    wait_for("the events", lambda: kept <= {row[0] for row in alerts(stack, edge)}, 90)
    found = alerts(stack, edge)
    wait_for("an empty outbox", lambda: not box.waiting(), 60)
    rows = [row for row in found if row[0] in kept]
    assert len(rows) == len(kept)
    assert all(stopped_at < started_at < back_at <= raised_at for _, started_at, raised_at, _ in rows)
    assert len({row[0] for row in found}) == len(found)
    told = "SELECT reason FROM system_alerts_systemalert WHERE cause = 'attestation' AND reason LIKE '%%Nothing is%%'"
    (reason,) = wait_for("the alert that the kill left a gap", lambda: stack.query(told), 150)[0]
    assert "Nothing is attested for" in reason
    sums = "SELECT sum(decoded), sum(masked) FROM boxes_attestation WHERE fault = '' HAVING count(*) >= 2"
    decoded, masked = wait_for("sound minutes", lambda: stack.query(sums), 150)[0]
    assert 0 < masked <= decoded


def test_nothing_of_any_picture_lies_on_the_disk_of_the_box(box: Box, street_clip: Path) -> None:
    box.end()
    files = box.files()
    assert set(files) <= {"box.toml", "log", "box.key", "box.json"} | {
        f"outbox.sqlite{end}" for end in ("", "-wal", "-shm")
    }
    with av.open(str(street_clip)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)][::20]
    rows = {picture[row, 100:116].tobytes() for picture in pictures for row in range(0, 360, 12)}
    assert len(rows) > 100
    assert any(row in pictures[0].tobytes() for row in rows), "the search finds what is there"
    for name, content in files.items():
        for mark in (b"\xff\xd8\xff", b"\x89PNG", b"ftyp", b"moov", b"RIFF"):
            assert mark not in content, (name, mark)
        assert not any(row in content for row in rows if len(np.unique(np.frombuffer(row, np.uint8))) > 4), name
