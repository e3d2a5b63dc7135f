"""Leaks are counted as a viewer would see them."""

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from inference.core.errors import CoreError
from inference.core.masking.withhold import withhold
from inference.training.evaluation.ablation import MARKS, as_markdown, evaluate_leaks
from inference.training.evaluation.answers import answers
from inference.training.evaluation.clips import Person, labelled_clips, tracked_clips
from inference.training.evaluation.leaks import Tally, core_covered, count, poisson_interval, result
from inference.training.evaluation.marked_page import with_table
from tests.inference.core.masking.scene import PatternNetwork, is_pattern, raw


def seen(pattern: str) -> list[tuple[int, bool]]:
    return [(index, letter == "#") for index, letter in enumerate(pattern)]


def test_a_leak_is_a_run_of_frames_of_one_person() -> None:
    tally = Tally(background=[0.1], ms=[1.0], shown=18, rate=0.01)  # 18 frames in half an hour
    tally.covered.update({1: seen("##..#.##"), 2: seen("...##"), 3: seen("####.")})
    figures = result([tally])
    assert (figures["leaks"], figures["leaks_per_camera_hour"], figures["longest_leak_frames"]) == (4, 8.0, 3)
    assert figures["longest_leak_s"] == pytest.approx(300)
    assert figures["instance_frame_recall"] == pytest.approx(11 / 18)
    assert (figures["entry_frames_max"], figures["entry_frames_mean"]) == (3, 1.0)


def test_a_withheld_frame_hides_everybody_and_is_no_proof_that_they_were_found() -> None:
    shown = raw([(40, 30, 60, 90)])
    tally = Tally(ms=[1.0], is_tracked=False)
    count(withhold(shown, "a test", 1.0), [Person(1, (40, 30, 60, 90))], [], (96, 108, 130), tally)
    figures = result([tally])
    assert figures["instance_frame_recall"] == 1.0
    assert (figures["recall_in_sight"], figures["instance_frames_in_sight"]) == (None, 0)
    assert figures["background_masked"] is None


def test_no_leak_in_an_hour_still_allows_for_three() -> None:
    assert poisson_interval(0, 1.0) == [0.0, pytest.approx(3.689, abs=0.001)]
    low, high = poisson_interval(4, 0.5)
    assert [low, high] == pytest.approx([2.18, 20.48], abs=0.01)


def test_a_core_at_the_border_counts_by_what_is_in_the_frame() -> None:
    is_covered = np.zeros((50, 100), bool)
    is_covered[:, 95:] = True
    assert core_covered(is_covered, (90, 10, 110, 40)) == pytest.approx(1.0)
    assert core_covered(is_covered, (60, 10, 80, 40)) == 0.0
    assert core_covered(is_covered, (120, 10, 140, 40)) is None


@pytest.fixture
def sequence(tmp_path: Path) -> Path:
    """A person of 20 x 60 pixels who walks through, with labels."""
    path = tmp_path / "walk.mp4"
    rows = ["frame,id,x,y,w,h,considered"]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264rgb", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "rgb24"
        stream.codec_context.options = {"crf": "0"}
        for index in range(20):
            left = 10 + 4 * index
            frame = av.VideoFrame.from_ndarray(raw([(left, 30, left + 20, 90)], index).image, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame))
            rows += [f"{index},1,{left},30,20,60,1", f"{index},2,{left},30,20,60,0"]
        container.mux(stream.encode(None))
    path.with_suffix(".csv").write_text("\n".join(rows) + "\n")
    return path


class Blinking(PatternNetwork):
    def probabilities(self, image: np.ndarray) -> np.ndarray:
        assert is_pattern(image).any()
        return super().probabilities(image)


def test_only_labels_to_be_considered_count(sequence: Path) -> None:
    (clip,) = tracked_clips(sequence.parent)
    assert {person.id for persons in clip.people.values() for person in persons} == {1}


def test_hold_and_look_ahead_close_the_gaps_of_a_network(sequence: Path) -> None:
    network = Blinking(blind=[0, 1, 2, 9, 10, 11])
    report = evaluate_leaks(tracked_clips(sequence.parent), network, is_ablation=True)
    figures = report["ablation"]
    assert list(figures) == ["each frame alone", "+ dilation", "+ hold", "+ look-ahead"]
    assert (figures["each frame alone"]["leaks"], figures["each frame alone"]["longest_leak_frames"]) == (2, 3)
    assert (figures["+ hold"]["leaks"], figures["+ hold"]["entry_frames_max"]) == (1, 3)
    assert (figures["+ look-ahead"]["leaks"], figures["+ look-ahead"]["instance_frame_recall"]) == (0, 1.0)
    assert 0 < figures["+ look-ahead"]["background_masked"] < 0.1
    assert report["instance_frame_recall"] == 1.0
    table = as_markdown(report)
    assert table.count("\n| ") == 4
    page = with_table(f"before\n{MARKS[0]}\nstale\n{MARKS[1]}\nafter", table, MARKS)
    assert page.startswith("before")
    assert page.endswith("after")
    assert "| + look-ahead | 1.000 | 0 |" in page
    assert "stale" not in page
    with pytest.raises(CoreError, match="needs the marks"):
        with_table("a page without", table, MARKS)


def test_a_frame_labelled_by_hand_is_measured_with_the_frames_around_it(sequence: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    for name, frame, box in (("a", 1, [14, 30, 34, 90, ""]), ("b", 10, [100, 30, 120, 90, ""])):
        rest = {"video": "walk.mp4", "size": [160, 120], "ignore": [[0, 0, 9, 9]], "by": "eye"}
        (labels / f"{name}.json").write_text(json.dumps({**rest, "frame": frame, "people": [box]}))
    clips = labelled_clips(labels, tmp_path)
    report = evaluate_leaks(clips, Blinking(blind=[0, 1, 2]))
    assert (report["labelled_pictures"], report["labelled_clips"]) == (2, 1)
    assert report["labelled_instance_frame_recall"] == 0.5  # found later, covered before; nobody is at the second box
    assert "leaks" not in report


def test_answers_are_read_from_the_cache_instead_of_asking_again(sequence: Path, tmp_path: Path) -> None:
    first = answers(sequence, Blinking(), 5, tmp_path / "kept")
    again = answers(sequence, Blinking(blind=range(9)), 5, tmp_path / "kept")
    assert first.shape[0] == 5
    assert np.array_equal(first, again)
    assert not np.array_equal(first, answers(sequence, Blinking(blind=range(9)), 5))


def test_a_folder_without_tracks_or_labels_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CoreError, match=r"no NAME\.mp4"):
        tracked_clips(tmp_path)
    with pytest.raises(CoreError, match="no label file"):
        labelled_clips(tmp_path, tmp_path)
