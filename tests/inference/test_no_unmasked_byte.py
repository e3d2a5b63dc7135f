"""The first law at the level of the whole line: however the masker breaks, nothing unmasked comes out anywhere.

Every frame of the source is a glaring pattern that stands for people. The line runs with its real reader, masking
stage, recorder, live publisher, clip cutter and poster; then every picture that left it is decoded and searched.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import simplejpeg

from cameras.live import LIVE_FIELD, live_key, valkey, watched_key
from inference.core.decode.reader import Reader
from inference.core.decode.source import SourceConfig
from inference.core.errors import RecordingError
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.core.pipeline import Pipeline
from inference.core.publishing.jpeg import encode_jpeg
from inference.core.publishing.wire import unpack_live
from inference.core.recording.clip import Poster, cut_clip
from inference.core.recording.segments import RecorderConfig, Segment, SegmentRecorder
from inference.sinks import LivePublisher

CAMERA = 990_001
MAGENTA, LIME = (250, 0, 250), (0, 250, 0)
SECONDS, FPS = 2, 10


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip that is nothing but "people": a magenta and lime chequerboard."""
    path = tmp_path_factory.mktemp("people") / "people.mp4"
    cells = (np.indices((180, 320)).sum(axis=0) // 1 // 20) % 2
    image = np.where(cells[..., None] == 0, MAGENTA, LIME).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.options = {"crf": "10"}
        for index in range(SECONDS * FPS):
            frame = av.VideoFrame.from_ndarray(np.roll(image, index, axis=1), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


class BrokenNetwork:
    """A segmentation network with one fault, which sees people everywhere as long as it works."""

    fingerprint = "broken"

    def __init__(self, fault: Callable[[np.ndarray], object]) -> None:
        self._fault = fault
        self.calls = 0

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        self.calls += 1
        everybody = np.zeros((3, 45, 80), np.float32)
        everybody[0] = 0.99
        return everybody if self.calls % 3 == 1 else self._fault(everybody)  # type: ignore[return-value]


def raises(_: np.ndarray) -> object:
    raise RuntimeError("the network is broken")


def is_nan(maps: np.ndarray) -> object:
    return maps * np.float32("nan")


def has_the_wrong_shape(_: np.ndarray) -> object:
    return np.zeros((3, 0, 0), np.float32)


def is_slow(maps: np.ndarray) -> object:
    time.sleep(0.3)
    return maps


def hangs(maps: np.ndarray) -> object:
    threading.Event().wait(3)
    return maps


def is_nothing(_: np.ndarray) -> object:
    return None


def has_the_pattern(image: np.ndarray) -> bool:
    """Whether enough pixels of a picture are close to the pattern's colours (coding smears colours a little)."""
    pixels = image.reshape(-1, 3).astype(np.int16)
    close = [(np.abs(pixels - np.array(colour)).max(axis=1) < 70).mean() for colour in (MAGENTA, LIME)]
    return bool(max(close) > 0.002)


def pictures_in(path: Path) -> Iterator[np.ndarray]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def test_the_search_finds_the_pattern_where_nothing_is_masked(people: Path) -> None:
    assert all(has_the_pattern(picture) for picture in pictures_in(people))


@pytest.mark.parametrize("fault", [raises, is_nan, has_the_wrong_shape, is_slow, hangs, is_nothing])
@pytest.mark.usefixtures("services")
def test_a_broken_masker_lets_nothing_through(
    fault: Callable[[np.ndarray], object], people: Path, tmp_path: Path
) -> None:
    masker = create_masker("paca-seg", network=BrokenNetwork(fault), look_ahead_s=0.2, hold_s=0.0)
    seen: dict[Path, Segment] = {}
    snapshots: list[bytes] = []

    class Snapshots:
        def write(self, frame: object) -> None:
            snapshots.append(encode_jpeg(frame))  # type: ignore[arg-type]

        def close(self) -> None:
            pass

    recorder = SegmentRecorder(
        RecorderConfig(tmp_path / "segments", "broken", segment_s=1.0),
        lambda segment: seen.update({segment.path: segment}),
    )
    valkey().set(watched_key(CAMERA), "1", ex=60)
    valkey().delete(live_key(CAMERA))
    live = LivePublisher(CAMERA)
    time.sleep(0.6)  # the publisher notices that somebody watches
    reader = Reader(SourceConfig(str(people), realtime=True))
    with MaskingStage(masker, StageConfig(deadline_ms=120, hang_s=0.5)) as stage:
        health = Pipeline(reader, stage, None, [recorder, live, Snapshots()], None).run(threading.Event(), SECONDS + 1)

    segments = list(seen.values())
    start_at = min(segment.started_at for segment in segments)
    clip, poster = tmp_path / "clip.mp4", tmp_path / "poster.jpg"
    try:
        cut_clip(segments, start_at, start_at + timedelta(seconds=10), clip, Poster(poster, start_at))
    except RecordingError as error:
        pytest.fail(f"the withheld frames themselves should have made a clip: {error}")
    entries: list[Any] = valkey().xrange(live_key(CAMERA)) or []
    frames = [fields[LIVE_FIELD] for _, fields in entries]
    jpegs = [unpack_live(frame)[1] for frame in frames] + snapshots + [poster.read_bytes()]

    assert health.withheld > 0, "the fault was not noticed"
    assert len(frames) >= 4
    assert len(snapshots) >= 10
    for segment in segments:
        assert not any(has_the_pattern(picture) for picture in pictures_in(segment.path))
    assert not any(has_the_pattern(picture) for picture in pictures_in(clip))
    assert not any(has_the_pattern(simplejpeg.decode_jpeg(jpeg)) for jpeg in jpegs)
