import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inference.core.decode import reader as reader_module
from inference.core.decode.reader import Reader, ReaderConfig
from inference.core.decode.source import FrameSource, SourceConfig
from inference.core.errors import DecodeError
from inference.core.frames import RawFrame
from tests.rtsp_server import RtspServer, make_clip, rtsp_server


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "shapes.mp4", seconds=2.0, fps=10)


@pytest.fixture
def server(clip: Path) -> Iterator[RtspServer]:
    server = RtspServer(clip.parent)
    server.start()
    yield server
    server.kill()


def _until(condition: Callable[[], bool], within_s: float) -> float:
    """Wait for `condition`; return the seconds it took."""
    started_s = time.monotonic()
    while not condition():
        assert time.monotonic() - started_s < within_s, f"not within {within_s} s"
        time.sleep(0.02)
    return time.monotonic() - started_s


def _frame(reader: Reader, within_s: float = 5.0) -> RawFrame:
    frame = reader.get(within_s)
    assert frame is not None
    return frame


def test_a_file_is_read_without_loss_however_slow_the_reader_of_it_is(clip: Path) -> None:
    reader = Reader(SourceConfig(str(clip)), ReaderConfig(queue_size=3, is_lossless=True)).start()
    frames = []
    while not reader.is_ended:
        frame = reader.get(1.0)
        if frame is not None:
            frames.append(frame)
        time.sleep(0.005)
    assert [frame.index for frame in frames] == list(range(20))
    assert (reader.state, reader.dropped) == ("ended", 0)


def test_a_file_that_cannot_be_read_raises_instead_of_trying_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "bad.mp4"
    path.write_bytes(b"not a video at all" * 100)
    reader = Reader(SourceConfig(str(path)), ReaderConfig(is_lossless=True)).start()
    with pytest.raises(DecodeError, match="Cannot open"):
        reader.get(5.0)
    assert reader.is_ended


def test_a_slow_consumer_gets_the_newest_frames_and_drops_are_counted(clip: Path) -> None:
    reader = Reader(SourceConfig(str(clip), realtime=True, loop=True), ReaderConfig(queue_size=2)).start()
    first = _frame(reader)
    time.sleep(1.0)
    later = _frame(reader)
    reader.stop()
    assert later.pts_s - first.pts_s > 0.6
    assert later.index == 1
    assert reader.dropped >= 6


def test_the_seam_of_a_dropped_frame_is_not_forgotten(clip: Path) -> None:
    reader = Reader(SourceConfig(str(clip), realtime=True, loop=True), ReaderConfig(queue_size=1)).start()
    assert _frame(reader).discontinuity
    _until(lambda: reader.decoded > 22, 5.0)  # over the end of the file
    assert _frame(reader).discontinuity
    reader.stop()


def test_a_camera_that_stalls_is_lost_within_four_seconds_and_comes_back(server: RtspServer) -> None:
    reader = Reader(SourceConfig(server.url("shapes.mp4"), target_fps=5)).start()
    _frame(reader)
    server.stall()
    lost_s = _until(lambda: reader.state.startswith("lost"), 5.0)
    assert lost_s < 4.0
    assert "no frame for 3 s" in reader.state
    while reader.get(0.0) is not None:
        pass
    server.resume()
    frame = _frame(reader, 10.0)
    assert frame.discontinuity
    assert reader.state == "live"
    reader.stop()


def test_a_camera_that_dies_is_lost_at_once_and_comes_back(server: RtspServer) -> None:
    reader = Reader(SourceConfig(server.url("shapes.mp4"), target_fps=5), ReaderConfig(backoff_first_s=0.3)).start()
    before = _frame(reader)
    server.kill()
    _until(lambda: reader.state.startswith("lost"), 3.0)
    while reader.get(0.0) is not None:
        pass
    server.start()
    after = _frame(reader, 10.0)
    reader.stop()
    assert after.discontinuity
    assert after.index > before.index
    assert reader.reconnects >= 1


def test_a_stream_that_ends_is_opened_again(server: RtspServer) -> None:
    reader = Reader(SourceConfig(server.url_once("shapes.mp4")), ReaderConfig(backoff_first_s=0.2)).start()
    seams = 0
    ends_s = time.monotonic() + 15
    while seams < 2 and time.monotonic() < ends_s:
        frame = reader.get(0.5)
        seams += frame is not None and frame.discontinuity
    reader.stop()
    assert seams == 2


def test_an_unreachable_camera_is_tried_again_and_its_reason_shown() -> None:
    source = SourceConfig("rtsp://admin:s3cr3t@127.0.0.1:1/x", open_timeout_s=1.0)
    reader = Reader(source, ReaderConfig(backoff_first_s=0.1)).start()
    _until(lambda: reader.reconnects >= 2, 10.0)
    state = reader.state
    reader.stop()
    assert "refused" in state
    assert "s3cr3t" not in state


def test_an_opening_that_hangs_is_replaced_and_stopping_does_not_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    hang = threading.Event()
    opened = []

    def hanging_open(config: SourceConfig) -> FrameSource:
        opened.append(config)
        hang.wait(60.0)
        raise DecodeError("it never answered.")

    monkeypatch.setattr(reader_module, "open_source", hanging_open)
    source = SourceConfig("rtsp://127.0.0.1/x", open_timeout_s=0.2)
    reader = Reader(source, ReaderConfig(stall_s=0.3, backoff_first_s=0.05, backoff_max_s=0.1)).start()
    _until(lambda: len(opened) >= 3, 10.0)
    assert "no connection" in reader.state
    time.sleep(3.0)
    assert len(opened) <= reader_module.MAX_ABANDONED + 1
    started_s = time.monotonic()
    reader.stop()
    assert time.monotonic() - started_s < 1.5
    hang.set()


def test_a_stream_that_works_is_closed_when_stop_returns_so_that_the_process_may_end(tmp_path: Path) -> None:
    others = set(threading.enumerate())
    with rtsp_server(make_clip(tmp_path / "slow.mp4", seconds=20.0, fps=2)) as url:
        reader = Reader(SourceConfig(url)).start()
        _frame(reader, 10.0)
        time.sleep(0.15)  # the next one is a while away
        reader.stop()
        left = set(threading.enumerate()) - others
    assert not [thread.name for thread in left if thread.name.startswith("reader")]


def test_nothing_comes_after_stop(clip: Path) -> None:
    reader = Reader(SourceConfig(str(clip), realtime=True, loop=True)).start()
    _frame(reader)
    reader.stop()
    while reader.get(0.0) is not None:
        pass
    assert reader.get(0.5) is None
    assert reader.is_ended


def test_a_camera_that_was_away_for_hours_is_tried_often_enough_to_be_back_in_ten_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []

    class Stopping(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return False

    reader = Reader(SourceConfig("rtsp://127.0.0.1:1/x"))
    reader._stopping = Stopping()
    for failures in range(1, 200):
        reader._lose("it is away.", failures)
    assert max(waits) < 9.0, "and a second to connect"
    assert min(waits[20:]) > 5.0, "but not in a frenzy"
    assert len(set(waits)) > 100, "never all at once"
