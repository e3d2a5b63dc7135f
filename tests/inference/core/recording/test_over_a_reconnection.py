"""What is recorded of a camera that goes and comes back: nothing twice, nothing out of order."""

import itertools
import threading
import time
from pathlib import Path

import av

from inference.core.decode.reader import Reader, ReaderConfig
from inference.core.decode.source import SourceConfig
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from inference.core.pipeline import Pipeline
from inference.core.recording.segments import RecorderConfig, Segment, SegmentRecorder
from tests.web_camera import WebCamera, make_film


def _stamps(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [frame.time or 0.0 for frame in container.decode(video=0)]


def test_time_in_recordings_never_goes_back_over_a_reconnection(tmp_path: Path) -> None:
    told: list[Segment] = []
    with WebCamera([make_film(frames=300, start_s=50.0)]) as camera:  # each connection begins at stamp 50 again
        source = SourceConfig(camera.url("live.ts"), target_fps=5, realtime=True, open_timeout_s=1.0)
        reader = Reader(source, ReaderConfig(stall_s=1.0, backoff_first_s=0.3))
        recorder = SegmentRecorder(RecorderConfig(tmp_path, masker_fingerprint="cover-all", fps=5.0), told.append)
        stop = threading.Event()
        with MaskingStage(create_masker("cover-all")) as masking:
            line = Pipeline(reader, masking, None, [recorder], events=None)
            thread = threading.Thread(target=line.run, args=(stop,))
            thread.start()
            for reconnects in range(2):
                time.sleep(1.5)
                camera.mode = "missing"
                ends_s = time.monotonic() + 5
                while reader.reconnects == reconnects and time.monotonic() < ends_s:
                    time.sleep(0.05)
                camera.mode = "serve"
            time.sleep(2.0)
            stop.set()
            thread.join(5)
    closed = [segment for segment in told if segment.ended_at is not None]
    assert len(closed) >= 3, "a segment for each connection"
    for before, after in itertools.pairwise(closed):
        assert before.ended_at is not None
        assert before.ended_at < after.started_at
    for segment in closed:
        stamps = _stamps(segment.path)
        assert len(stamps) == segment.frames > 2
        assert all(b > a for a, b in itertools.pairwise(stamps))
        assert stamps[0] == 0.0
