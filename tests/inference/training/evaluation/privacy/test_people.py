"""People are cut out of raw and masked frames of the same moment, early and late in their track."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from inference.core.errors import CoreError
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.training.evaluation.clips import tracked_clips
from inference.training.evaluation.privacy.people import Look, Sample, _cut, _put, clips_with_people, collect, moments
from tests.inference.core.masking.scene import PatternNetwork, is_pattern, raw

COLOUR = (96, 108, 130)
PATIENT = StageConfig(deadline_ms=60_000.0, hang_s=120.0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three seconds of a tall person (1), somebody too small (2) and somebody seen for a second only (3)."""
    path = tmp_path / "tracked-people" / "walk.mp4"
    path.parent.mkdir()
    rows = ["frame,id,x,y,w,h,considered"]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264rgb", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "rgb24"
        stream.codec_context.options = {"crf": "0"}
        for index in range(75):
            left = 10 + index
            frame = av.VideoFrame.from_ndarray(raw([(left, 30, left + 20, 90)], index).image, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
            rows += [f"{index},1,{left},30,20,60,1", f"{index},2,{left},30,20,30,1"]
            rows += [f"{index},3,{left},30,20,60,1"] if index < 25 else []
        container.mux(stream.encode(None))
    path.with_suffix(".csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_gallery_and_query_are_apart_and_of_the_line(data: Path) -> None:
    (clip,) = tracked_clips(data / "tracked-people")
    network = PatternNetwork()
    with MaskingStage(create_masker("paca-seg", network=network), PATIENT) as stage:
        (sample,) = collect(clip, stage)
    assert (sample.clip, len(sample.gallery), len(sample.query)) == ("walk", 4, 4)
    assert sample.gap_s == pytest.approx(38 / 25)  # frames 0, 6, 12, 18 and 56, 62, 68, 74
    assert network.calls == 38, "25 frames a second are thinned to 12.5"
    for look in (*sample.gallery, *sample.query):
        assert look.raw.shape == look.masked.shape == (60, 20, 3)
        assert is_pattern(look.raw).mean() > 0.9
        assert (look.masked == COLOUR).all(), "a person whom the network finds is covered whole"


def test_who_is_withheld_in_all_late_frames_is_no_sample(data: Path) -> None:
    (clip,) = tracked_clips(data / "tracked-people")

    class Failing(PatternNetwork):
        def probabilities(self, image: np.ndarray) -> np.ndarray:
            return super().probabilities(image) * (np.nan if self.calls > 15 else 1)

    with MaskingStage(create_masker("paca-seg", network=Failing()), PATIENT) as stage:
        assert collect(clip, stage) == []
        assert stage.withheld > 20


def test_moments_leave_the_gap_and_take_less_of_a_short_track() -> None:
    assert moments(range(0, 101), 10.0) == ([0, 8, 17, 25], [75, 83, 92, 100])
    early, late = moments(range(0, 21), 10.0)  # 2 s: what a quarter at each end leaves between is too short
    assert (early, late) == ([0, 1, 2], [18, 19, 20])
    assert moments(range(0, 15), 10.0) == ([], [])
    assert moments([0, 50, 100], 10.0) == ([], []), "one picture is no gallery"
    assert moments([], 10.0) == ([], [])


def test_a_cut_is_what_the_box_shows_within_the_frame() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    image[20:70, 30:50] = 9
    cut = _cut(image, (30.2, 19.8, 49.9, 70.4))
    assert cut is not None
    assert cut.shape == (50, 20, 3)
    assert (cut == 9).all()
    edge = _cut(image, (85, 20, 105, 70))
    assert edge is not None
    assert edge.shape == (50, 15, 3)
    assert _cut(image, (92, 20, 112, 70)) is None, "more than half is outside"
    assert _cut(image, (30, 20, 50, 59)) is None, "too small to see"
    assert _cut(image, (30, 20, 39, 70)) is None, "a sliver"


def test_a_look_goes_where_it_belongs_or_nowhere() -> None:
    sample, picture = Sample("a"), np.zeros((100, 100, 3), np.uint8)
    masked = np.full_like(picture, 7)
    _put(sample, picture, masked, (0, 0, 20, 60), is_query=False)
    _put(sample, picture, masked, (0, 0, 20, 60), is_query=True)
    _put(sample, picture, masked, (95, 0, 115, 60), is_query=True)
    assert (len(sample.gallery), len(sample.query)) == (1, 1)
    (look,) = sample.query
    assert isinstance(look, Look)
    assert (int(look.raw.max()), int(look.masked.min())) == (0, 7)
    with pytest.raises(CoreError, match=r"masked frame is \(50, 100, 3\), the raw one \(100, 100, 3\)"):
        _put(sample, picture, masked[:50], (0, 0, 20, 40), is_query=True)


def test_tracks_name_their_video_and_a_missing_one_is_told(data: Path, tmp_path: Path) -> None:
    tracks = tmp_path / "tracks"
    (tracks / "videos").mkdir(parents=True)
    (data / "videos").mkdir()
    (data / "videos" / "there.mp4").write_bytes(b"")
    for name in ("there", "gone"):
        (tracks / "videos" / f"{name}.csv").write_text("frame,id,x,y,w,h,considered\n4,1,0,0,10,50,1\n")
    human, made, missing = clips_with_people(data, tracks)
    assert [clip.video.stem for clip in human] == ["walk"]
    assert [clip.video for clip in made] == [data / "videos" / "there.mp4"]
    assert [person.id for person in made[0].people[4]] == [1]
    assert missing == ["videos/gone.mp4"]
