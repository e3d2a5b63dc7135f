import itertools
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from inference.core.decode.source import SourceConfig, open_source
from inference.core.errors import RecordingError
from inference.core.recording import segments as segments_module
from inference.core.recording.repair import inspect, repair
from inference.core.recording.segments import RecorderConfig, Segment, SegmentRecorder
from tests.inference.frames import START, masked_frame, raw_frame


def _recorder(folder: Path, **settings: float) -> tuple[SegmentRecorder, list[Segment]]:
    told: list[Segment] = []
    config = RecorderConfig(folder, masker_fingerprint="abc123", fps=10.0, **settings)  # type: ignore[arg-type]
    return SegmentRecorder(config, told.append), told


def _closed(told: list[Segment]) -> list[Segment]:
    return [segment for segment in told if segment.ended_at is not None]


def _images(path: Path) -> list[np.ndarray]:
    with open_source(SourceConfig(str(path))) as source:
        return [frame.image for frame in source]


def test_a_raw_frame_is_refused(tmp_path: Path) -> None:
    recorder, told = _recorder(tmp_path)
    with pytest.raises(TypeError, match="Only a MaskedFrame"):
        recorder.write(raw_frame())  # type: ignore[arg-type]
    assert told == []
    assert list(tmp_path.iterdir()) == []


def test_segments_follow_each_other_and_together_hold_every_frame(tmp_path: Path) -> None:
    recorder, told = _recorder(tmp_path / "camera", segment_s=1.0)
    for index in range(35):
        recorder.write(masked_frame(index))
    recorder.close()
    closed = _closed(told)
    assert [segment.frames for segment in closed] == [10, 10, 10, 5]
    assert [segment.path.name for segment in closed] == sorted(segment.path.name for segment in closed)
    assert closed[1].started_at == START + timedelta(seconds=1)
    assert closed[1].ended_at == START + timedelta(seconds=1.9)
    assert all(segment.bytes == segment.path.stat().st_size > 0 for segment in closed)
    assert all(len(_images(segment.path)) == segment.frames for segment in closed)
    assert {segment.masker_fingerprint for segment in told} == {"abc123"}
    assert (tmp_path / "camera").stat().st_mode & 0o077 == 0


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    recorder, told = _recorder(tmp_path)
    times = [0.0, 0.08, 0.5, 0.51, 1.7, 4.0]
    for index, at_s in enumerate(times):
        recorder.write(masked_frame(index, at_s))
    recorder.close()
    with av.open(str(told[0].path)) as container:
        assert [frame.time for frame in container.decode(video=0)] == pytest.approx(times, abs=0.001)


@pytest.mark.parametrize("what", ["size", "discontinuity", "forward", "back"])
def test_what_breaks_the_stream_starts_a_new_segment(tmp_path: Path, what: str) -> None:
    recorder, told = _recorder(tmp_path)
    recorder.write(masked_frame(0, 1.0))
    second = {
        "size": masked_frame(1, 1.1, size=(96, 64)),
        "discontinuity": masked_frame(1, 1.1, discontinuity=True),
        "forward": masked_frame(1, 60.0),
        "back": masked_frame(1, 0.5),
    }[what]
    recorder.write(second)
    recorder.close()
    assert [segment.frames for segment in _closed(told)] == [1, 1]


def test_an_odd_size_keeps_every_pixel(tmp_path: Path) -> None:
    recorder, told = _recorder(tmp_path)
    image = np.full((49, 65, 3), 200, np.uint8)
    image[-8:], image[:, -8:] = 30, 30
    recorder.write(masked_frame(0, image=image))
    recorder.close()
    assert (told[0].width, told[0].height) == (66, 50)
    recorded = _images(told[0].path)[0].astype(int)
    assert np.abs(recorded[:49, :65] - image).mean() < 4


def test_a_withheld_frame_is_recorded_as_the_flat_frame_it_is(tmp_path: Path) -> None:
    recorder, told = _recorder(tmp_path)
    recorder.write(masked_frame(0))
    recorder.write(masked_frame(1, withheld="masking down", image=np.full((48, 64, 3), 40, np.uint8)))
    recorder.close()
    assert _images(told[0].path)[1].std() < 3
    assert _closed(told)[0].frames == 2


def test_nobody_else_can_read_or_guess_a_segment(tmp_path: Path) -> None:
    names = {segments_module.segment_name(START) for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith("20260301T120000.000000Z-") for name in names)


def test_a_disk_that_refuses_is_told_and_tried_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "camera"
    blocked.write_text("a file where the folder should be")
    monkeypatch.setattr(segments_module, "RETRY_S", 0.2)
    recorder, told = _recorder(blocked)
    with pytest.raises(RecordingError, match="Cannot make the folder"):
        recorder.write(masked_frame(0))
    blocked.unlink()
    with pytest.raises(RecordingError, match="Cannot make the folder"):
        recorder.write(masked_frame(1))  # not again at once: a full disk must not be hammered
    time.sleep(0.25)
    recorder.write(masked_frame(2))
    recorder.close()
    assert [segment.frames for segment in _closed(told)] == [1]


RECORD_FOR_EVER = """
    import sys, time
    from pathlib import Path
    from inference.core.recording.segments import RecorderConfig, SegmentRecorder
    from tests.inference.frames import masked_frame
    recorder = SegmentRecorder(RecorderConfig(Path(sys.argv[1]), "abc", fps=10.0), lambda segment: None)
    start = time.monotonic()
    for index in range(10_000):
        recorder.write(masked_frame(index))
        sys.stdout.write(f"{index}\\n")
        sys.stdout.flush()
        time.sleep(max(0.0, start + (index + 1) / 10 - time.monotonic()))
"""


def test_a_killed_recorder_loses_a_second_at_most_and_its_file_plays(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RECORD_FOR_EVER), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    written = [int(line) for line in itertools.islice(process.stdout, 37)][-1] + 1
    process.send_signal(signal.SIGKILL)
    written = max([written, *(int(line) + 1 for line in process.stdout)])
    process.wait()
    path = next(tmp_path.glob("*.mp4"))
    assert written - len(_images(path)) <= 10
    content = inspect(path)
    assert content.frames >= written - 10
    assert content.started_at == START
    assert repair(tmp_path, settled_s=0.0).readable == (content,)


def test_repair_deletes_what_is_empty_reports_what_is_unreadable_and_leaves_what_may_be_in_use(tmp_path: Path) -> None:
    recorder, told = _recorder(tmp_path)
    recorder.write(masked_frame(0))
    recorder.close()
    empty = tmp_path / segments_module.segment_name(START)
    empty.touch()
    broken = tmp_path / segments_module.segment_name(START)
    broken.write_bytes(b"\0" * 100)
    assert repair(tmp_path) == type(repair(tmp_path))((), (), ())
    report = repair(tmp_path, settled_s=0.0)
    assert [content.path for content in report.readable] == [told[0].path]
    assert report.deleted == (empty,)
    assert report.unreadable == (broken,)
    assert not empty.exists()
    assert broken.exists()
