"""Machine-made tracks keep to one person, and two numbers of a clip are two people."""

import io
from pathlib import Path

import numpy as np
import pytest

from inference.training.evaluation.clips import people
from inference.training.evaluation.label_tracks import Track, at_once, inside, link, main, once_each, write


def boxes(*corners: tuple[float, float], score: float = 0.9, height: float = 50) -> np.ndarray:
    return np.array([[x, y, x + 20, y + height, score] for x, y in corners], np.float32).reshape(-1, 5)


def numbers(tracks: list[Track]) -> list[list[int]]:
    return sorted(sorted(track.boxes) for track in tracks)


def test_a_track_goes_on_through_missed_looks_and_faint_boxes() -> None:
    looks = [(4 * at, boxes((10 + 6.0 * at, 0))) for at in range(6)]
    looks[3] = (12, boxes())
    looks[4] = (16, boxes((34.0, 0), score=0.35))
    assert numbers(link(looks, 8)) == [[0, 4, 8, 16, 20]]
    assert len(link(looks, 4)) == 2, "waited too long"
    assert link([(0, boxes((10, 0), score=0.35))], 8) == [], "a faint box starts nothing"


def test_a_link_that_could_as_well_be_another_ends_the_track() -> None:
    looks = [(0, boxes((10, 0))), (1, boxes((6, 0), (14, 0))), (2, boxes((6, 0), (14, 0)))]
    assert [0] in numbers(link(looks, 3))
    apart = [(at, boxes((10, 0), (100, 0))) for at in range(3)]
    assert numbers(link(apart, 3)) == [[0, 1, 2], [0, 1, 2]]


def track(first: int, last: int, left: float, height: float = 50) -> Track:
    return Track({at: boxes((left, 0), height=height)[0, :4] for at in range(first, last + 1)})


def test_only_people_whom_one_frame_shows_at_once_are_kept() -> None:
    early, middle, late = track(0, 5, 0), track(4, 12, 50), track(10, 20, 100)
    other = track(11, 30, 150)
    assert at_once([early, middle, late, other]) == [middle, late, other]
    assert at_once([]) == []


def test_a_box_around_a_part_of_somebody_is_nobody_of_their_own() -> None:
    whole, legs, beside = track(0, 5, 0, height=100), track(0, 5, 2, height=40), track(0, 5, 15, height=90)
    assert once_each([legs, whole, beside]) == [whole, beside]


def test_who_is_cut_off_by_the_border_is_not_followed() -> None:
    assert inside(boxes((10, 10), (1, 10), (81, 10), (10, 52)), (100, 100)).tolist() == [True, False, False, False]


def test_what_is_written_is_what_the_evaluation_reads(tmp_path: Path) -> None:
    text = io.StringIO()
    write([track(0, 1, 10), track(1, 1, 40)], text)
    path = tmp_path / "a.csv"
    path.write_text(text.getvalue())
    found = people(path)
    assert [(index, person.id, person.box) for index in found for person in found[index]] == [
        (0, 0, (10, 0, 30, 50)),
        (1, 0, (10, 0, 30, 50)),
        (1, 1, (40, 0, 60, 50)),
    ]


def test_tracks_without_their_video_are_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gone.csv").write_text("frame,id,x,y,w,h,considered\n0,1,0,0,10,50,1\n")
    assert main(["check", str(tmp_path), "--data", str(tmp_path)]) == 2
    assert "its video" in capsys.readouterr().err
