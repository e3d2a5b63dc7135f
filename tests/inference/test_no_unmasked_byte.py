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

from cameras.live import LIVE_FIELD, Rendition, live_key, valkey, watched_key
from inference.core.decode.reader import Reader
from inference.core.decode.source import SourceConfig
from inference.core.detection.base import Detection
from inference.core.errors import RecordingError
from inference.core.events import AnomalyEvent
from inference.core.frames import MaskedFrame, RawFrame
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.core.pipeline import Pipeline
from inference.core.publishing.jpeg import encode_jpeg
from inference.core.publishing.wire import unpack_live
from inference.core.recording.clip import Poster, cut_clip
from inference.core.recording.segments import RecorderConfig, Segment, SegmentRecorder
from inference.sinks import LivePublisher
from tests.inference.core.line_parts import Frames
from tests.inference.frames import START

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


def is_late(maps: np.ndarray) -> object:
    time.sleep(0.7)
    return maps


def hangs(maps: np.ndarray) -> object:
    threading.Event().wait(3)
    return maps


def is_nothing(_: np.ndarray) -> object:
    return None


def changes_its_grid(_: np.ndarray) -> object:
    return np.zeros((3, 44, 80), np.float32)


def has_the_pattern(image: np.ndarray) -> bool:
    """Whether enough pixels of a picture are close to the pattern's colours (coding smears colours a little)."""
    pixels = image.reshape(-1, 3).astype(np.int16)
    close = [(np.abs(pixels - np.array(colour)).max(axis=1) < 70).mean() for colour in (MAGENTA, LIME)]
    return bool(max(close) > 0.002)


def pictures_in(path: Path) -> Iterator[np.ndarray]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def published(rendition: Rendition) -> list[bytes]:
    entries: list[Any] = valkey().xrange(live_key(CAMERA, rendition)) or []
    return [fields[LIVE_FIELD] for _, fields in entries]


def test_the_search_finds_the_pattern_where_nothing_is_masked(people: Path) -> None:
    assert all(has_the_pattern(picture) for picture in pictures_in(people))


@pytest.mark.parametrize("fault", [raises, is_nan, has_the_wrong_shape, changes_its_grid, is_slow, hangs, is_nothing])
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
    for rendition in Rendition:
        valkey().set(watched_key(CAMERA, rendition), "1", ex=60)
        valkey().delete(live_key(CAMERA, rendition))
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
    frames = [frame for rendition in (Rendition.FULL, Rendition.TILE) for frame in published(rendition)]
    jpegs = [unpack_live(frame)[1] for frame in frames] + snapshots + [poster.read_bytes()]
    film = tmp_path / "film.h264"
    film.write_bytes(b"".join(unpack_live(frame)[1] for frame in published(Rendition.FILM)))
    filmed = list(pictures_in(film))

    assert health.withheld > 0, "the fault was not noticed"
    assert len(frames) >= 8
    assert len(filmed) >= 4
    assert not any(has_the_pattern(picture) for picture in filmed)
    assert len(snapshots) >= 10
    for segment in segments:
        assert not any(has_the_pattern(picture) for picture in pictures_in(segment.path))
    assert not any(has_the_pattern(picture) for picture in pictures_in(clip))
    assert not any(has_the_pattern(simplejpeg.decode_jpeg(jpeg)) for jpeg in jpegs)


APPEARS, FAILS = 2, 6
PLACE = (slice(20, 160), slice(120, 180))
"""Where somebody stands from frame `APPEARS` on; the network finds them only after call `FAILS`."""


class LateNetwork:
    """A network that finds somebody late: until then only look-ahead covers them. Call `FAILS` is a fault."""

    fingerprint = "late"

    def __init__(self, fault: Callable[[np.ndarray], object] | None) -> None:
        self._fault = fault
        self._calls = iter(range(1000))

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        call, maps = next(self._calls), np.zeros((3, 45, 80), np.float32)
        if call == FAILS and self._fault is not None:
            return self._fault(maps)  # type: ignore[return-value]
        if call >= FAILS:
            maps[0] = has_pattern_at(image)[::4, ::4]
        return maps


def has_pattern_at(image: np.ndarray) -> np.ndarray:
    return np.isin(image[..., 1], (MAGENTA[1], LIME[1])) & np.isin(image[..., 0], (MAGENTA[0], LIME[0]))


def somebody_appears(count: int) -> list[RawFrame | None]:
    """Frames of an empty place, in which somebody stands from frame `APPEARS` on; a rest after the fault."""
    generator, frames = np.random.default_rng(5), []
    cells = (np.indices((140, 60)).sum(axis=0) // 20) % 2
    pattern = np.where(cells[..., None] == 0, MAGENTA, LIME).astype(np.uint8)
    for index in range(count):
        image = generator.integers(100, 140, (180, 320, 3)).astype(np.uint8)
        if index >= APPEARS:
            image[PLACE] = pattern
        at = START + timedelta(seconds=index / FPS)
        frames.append(RawFrame(image, index, index / FPS, at, discontinuity=index == 0))
    rest: list[RawFrame | None] = [None] * 40
    return [*frames[: FAILS + 1], *rest, *frames[FAILS + 1 :]]


class Watcher:
    """A live publisher and a detector that keep every picture they are given."""

    fingerprint = "watcher"

    def __init__(self) -> None:
        self.frames: list[MaskedFrame] = []
        self.jpegs: list[bytes] = []

    def write(self, frame: MaskedFrame) -> None:
        self.jpegs.append(encode_jpeg(frame))

    def close(self) -> None:
        pass

    def update(self, frame: MaskedFrame) -> Detection:
        self.frames.append(frame)
        return Detection(0.0, None, ())

    def finish(self) -> tuple[AnomalyEvent, ...]:
        return ()


def line_with(
    fault: Callable[[np.ndarray], object] | None, folder: Path, look_ahead_s: float
) -> tuple[Watcher, list[np.ndarray]]:
    """Run the line over `somebody_appears`; return who watched, and every picture recorded, sent or examined."""
    masker = create_masker("paca-seg", network=LateNetwork(fault), look_ahead_s=look_ahead_s)
    watcher, segments = Watcher(), set[Path]()
    recorder = SegmentRecorder(
        RecorderConfig(folder, "late", segment_s=1.0), lambda segment: segments.add(segment.path)
    )
    frames = Frames(somebody_appears(20))
    with MaskingStage(masker, StageConfig(deadline_ms=500, hang_s=0.6)) as stage:
        health = Pipeline(frames, stage, watcher, [recorder, watcher], None).run(threading.Event())
    assert health.masked + health.withheld == 20
    pictures = [frame.image for frame in watcher.frames]
    pictures += [simplejpeg.decode_jpeg(jpeg) for jpeg in watcher.jpegs]
    pictures += [picture for path in sorted(segments) for picture in pictures_in(path)]
    assert len(pictures) == 60
    return watcher, pictures


@pytest.mark.parametrize("fault", [raises, is_nan, changes_its_grid, is_late, hangs])
def test_every_frame_held_for_look_ahead_is_withheld_when_the_masker_breaks(
    fault: Callable[[np.ndarray], object], tmp_path: Path
) -> None:
    watcher, pictures = line_with(fault, tmp_path, look_ahead_s=0.4)
    assert [frame.index for frame in watcher.frames] == list(range(20))
    assert all(frame.withheld for frame in watcher.frames[APPEARS : FAILS + 1])
    assert not any(frame.withheld for frame in watcher.frames[-4:]), "masking never came back"
    assert not any(has_the_pattern(picture) for picture in pictures)


def test_frames_held_for_look_ahead_are_shown_covered_where_nothing_breaks(tmp_path: Path) -> None:
    watcher, pictures = line_with(None, tmp_path, look_ahead_s=0.4)
    assert not any(frame.withheld for frame in watcher.frames)
    assert not any(has_the_pattern(picture) for picture in pictures)


def test_without_look_ahead_the_search_finds_whom_the_network_found_late(tmp_path: Path) -> None:
    watcher, pictures = line_with(None, tmp_path, look_ahead_s=0.0)
    assert [has_the_pattern(frame.image) for frame in watcher.frames] == [APPEARS <= i < FAILS for i in range(20)]
    assert sum(map(has_the_pattern, pictures)) == 3 * (FAILS - APPEARS)
