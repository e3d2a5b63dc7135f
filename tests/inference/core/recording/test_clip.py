from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import av
import pytest
import simplejpeg

from inference.core.errors import RecordingError
from inference.core.recording.clip import Poster, cut_clip
from inference.core.recording.segments import RecorderConfig, Segment, SegmentRecorder
from tests.inference.frames import START, masked_frame


def _record(folder: Path, indices: range, size: tuple[int, int] = (64, 48)) -> list[Segment]:
    told: list[Segment] = []
    recorder = SegmentRecorder(RecorderConfig(folder, "abc", segment_s=2.0, fps=10.0), told.append)
    for index in indices:
        recorder.write(masked_frame(index, size=size))
    recorder.close()
    return [segment for segment in told if segment.ended_at is not None]


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_clip_holds_what_was_recorded_between_its_ends(tmp_path: Path) -> None:
    segments = _record(tmp_path / "segments", range(100))
    out = tmp_path / "clip.mp4"
    info = cut_clip(segments, _at(3.0), _at(7.0), out)
    assert info.started_at == _at(3.0)
    assert info.duration_s == pytest.approx(4.0)
    assert (info.frames, info.gaps) == (41, ())
    assert info.bytes == out.stat().st_size
    with av.open(str(out)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert not container.streams.audio
        times = [frame.time for frame in container.decode(video=0)]
    assert times == pytest.approx([index / 10 for index in range(41)], abs=0.001)


def test_the_index_stands_first_so_that_a_browser_can_seek(tmp_path: Path) -> None:
    out = tmp_path / "clip.mp4"
    cut_clip(_record(tmp_path / "segments", range(50)), _at(0), _at(5), out)
    data = out.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")
    with av.open(str(out)) as container:
        keys = [frame.time for frame in container.decode(video=0) if frame.key_frame]
    assert keys == pytest.approx([0.0, 1.0, 2.0, 3.0, 4.0], abs=0.05)


def test_gaps_are_reported_and_keep_their_length(tmp_path: Path) -> None:
    segments = [*_record(tmp_path / "a", range(20, 40)), *_record(tmp_path / "b", range(80, 100))]
    info = cut_clip(segments, _at(-4), _at(15), tmp_path / "clip.mp4")
    assert info.gaps == ((_at(-4), _at(2)), (_at(3.9), _at(8)), (_at(9.9), _at(15)))
    assert info.started_at == _at(2)
    assert info.duration_s == pytest.approx(7.9)


def test_a_segment_that_was_deleted_is_a_gap(tmp_path: Path) -> None:
    segments = _record(tmp_path / "segments", range(100))
    segments[2].path.unlink()
    info = cut_clip(segments, _at(0), _at(9.9), tmp_path / "clip.mp4")
    assert len(info.gaps) == 1
    assert info.frames == 80


def test_a_segment_that_still_grows_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    told: list[Segment] = []
    recorder = SegmentRecorder(RecorderConfig(tmp_path, "abc", segment_s=60, fps=10.0), told.append)
    for index in range(50):
        recorder.write(masked_frame(index))
    info = cut_clip(told, _at(1), _at(5), tmp_path / "clip.mp4")
    recorder.close()
    assert info.frames >= 30


def test_a_change_of_size_does_not_break_the_clip(tmp_path: Path) -> None:
    segments = [*_record(tmp_path / "a", range(20)), *_record(tmp_path / "b", range(20, 40), size=(128, 96))]
    info = cut_clip(segments, _at(0), _at(4), tmp_path / "clip.mp4")
    assert (info.frames, info.width, info.height) == (40, 64, 48)


def test_the_poster_is_the_picture_of_the_peak(tmp_path: Path) -> None:
    segments = _record(tmp_path / "segments", range(40))
    poster = Poster(tmp_path / "poster.jpg", _at(2.05))
    cut_clip(segments, _at(0), _at(4), tmp_path / "clip.mp4", poster)
    image = simplejpeg.decode_jpeg(poster.path.read_bytes())
    left = (21 * 3) % 54
    assert image[18, left + 5].astype(int)[0] > 180  # the moving block of frame 21


def test_nothing_recorded_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    segments = _record(tmp_path / "segments", range(20))
    with pytest.raises(RecordingError, match="Nothing was recorded"):
        cut_clip(segments, _at(100), _at(110), tmp_path / "clip.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["segments"]


def test_a_clip_is_replaced_when_the_event_goes_on(tmp_path: Path) -> None:
    segments = _record(tmp_path / "segments", range(100))
    out = tmp_path / "clip.mp4"
    cut_clip(segments, _at(0), _at(2), out)
    assert cut_clip(segments, _at(0), _at(6), out).frames == 61
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "segments"]


def test_an_end_before_the_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be after"):
        cut_clip([], _at(2), _at(1), tmp_path / "clip.mp4")


def test_two_cuts_of_one_clip_at_once_leave_a_whole_one_and_nothing_else(tmp_path: Path) -> None:
    segments, out = _record(tmp_path, range(40)), tmp_path / "clips" / "clip.mp4"
    out.parent.mkdir()
    with ThreadPoolExecutor(4) as pool:
        cuts = [
            pool.submit(cut_clip, segments, _at(0), _at(3), out, Poster(out.with_suffix(".jpg"), _at(1)))
            for _ in range(4)
        ]
        infos = [cut.result() for cut in cuts]
    assert len({info.frames for info in infos}) == 1
    assert out.stat().st_size == infos[0].bytes
    assert {path.name for path in out.parent.iterdir()} == {"clip.mp4", "clip.jpg"}
