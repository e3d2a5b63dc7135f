import io
import json
from pathlib import Path

import av
import numpy as np
import pytest

from inference.commands.mask_account import Account, totals
from inference.core.frames import PERSON, SCREEN, MaskedFrame, Tracks
from inference.core.masking.mint import MINT
from inference.core.masking.paca_seg_config import SILHOUETTE_COLOUR
from tests.inference.commands.films import (
    SECRET,
    even,
    film,
    mask,
    shows_the_pattern,
    times_of,
    with_everything_but_video,
)
from tests.inference.frames import START, masked_frame

UNEVEN = [0.0, 0.04, 0.05, 0.333, 0.4, 1.201, 1.999, 2.0, 2.001, 4.75, 4.76]


@pytest.mark.parametrize("out", ["out.mp4", "out.mkv"])
def test_every_frame_of_a_variable_rate_keeps_its_time(out: str, tmp_path: Path) -> None:
    source = film(tmp_path / "in.mkv", UNEVEN)
    assert mask(source, tmp_path / out, "--part-seconds", "1") == 0
    assert times_of(source) == pytest.approx(UNEVEN, abs=1e-6)
    assert times_of(tmp_path / out) == pytest.approx(UNEVEN, abs=1e-5 if out.endswith(".mp4") else 6e-4)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".mov", ".webm", ".ts", ".gif"])
def test_any_common_container_is_read_and_nothing_of_its_picture_comes_out(suffix: str, tmp_path: Path) -> None:
    source = film(tmp_path / f"in{suffix}", even(1.0))
    assert shows_the_pattern(source)
    assert mask(source, tmp_path / "out.mp4") == 0
    assert times_of(tmp_path / "out.mp4") == pytest.approx(even(1.0), abs=0.011)  # a GIF's clock has 100 ticks a second
    assert not shows_the_pattern(tmp_path / "out.mp4")


@pytest.mark.parametrize("out", ["out.mp4", "out.mkv"])
def test_no_sound_title_chapter_attachment_or_place_comes_through(out: str, tmp_path: Path) -> None:
    source = with_everything_but_video(film(tmp_path / "silent.mkv", even(1.0)), tmp_path / "in.mkv")
    assert source.read_bytes().count(SECRET.encode()) >= 5
    assert mask(source, tmp_path / out) == 0
    with av.open(str(tmp_path / out)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert container.chapters() == []
        assert "creation_time" not in container.metadata
    found = (tmp_path / out).read_bytes()
    assert not any(word.encode() in found for word in (SECRET, "SECRET", "4711", "10.7522", "2026-01-02", "serial"))


def test_a_turned_film_comes_out_upright(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4", even(0.4), size=(96, 64), rotation=90)
    assert mask(source, tmp_path / "out.mp4") == 0
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height, frame.rotation) == (64, 96, 0)


def test_an_odd_size_loses_no_row_or_column(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mkv", even(0.4), size=(97, 63))
    assert mask(source, tmp_path / "out.mp4") == 0
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == (98, 64)


@pytest.mark.parametrize("name", ["out.avi", "out.webm", "out"])
def test_another_output_format_is_refused_with_what_is_allowed(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = film(tmp_path / "in.mp4", even(0.2))
    assert mask(source, tmp_path / name) == 2
    said = capsys.readouterr().err
    assert ".mp4 or .mkv" in said
    assert name in said
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_a_file_without_video_is_a_bad_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.mp4").write_text("this is no video")
    assert mask(tmp_path / "in.mp4", tmp_path / "out.mp4") == 2
    assert "Cannot open" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_the_report_has_a_row_for_every_second_and_says_how_it_was_made(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4", even(3.2))
    report = tmp_path / "r.json"
    assert mask(source, tmp_path / "out.mp4", "--part-seconds", "2", "--json", str(report), "--hash") == 0
    values = json.loads(report.read_text())
    assert [(row["second"], row["frames"]) for row in values["seconds"]] == [(0, 25), (1, 25), (2, 25), (3, 5)]
    assert all(row["covered_share"] == 1.0 and row["withheld"] == 0 for row in values["seconds"])
    assert (values["frames"], values["parts"], values["withheld"]) == (80, 2, 0)
    assert values["settings"]["masker"] == values["masker"]
    assert len(values["input_sha256"]) == 64
    assert values["cpu_s"] > 0


def test_people_are_counted_once_a_second_and_withheld_frames_count_as_covered() -> None:
    account = Account(is_solid=True)
    image = np.full((48, 64, 3), 200, np.uint8)
    image[:24] = SILHOUETTE_COLOUR
    for index, ids in enumerate([(1, 2), (2, 3), (9,)]):
        account.take(_with_tracks(index, index * 0.5, ids, image))
    account.take(masked_frame(3, 1.9, withheld="masking down: too dark"))
    values = account.values()
    assert [row["people"] for row in values["seconds"]] == [3, 1]
    assert [row["covered_share"] for row in values["seconds"]] == [0.5, 0.75]
    counted = totals([values])
    assert (counted["people_most"], counted["withheld"], counted["frames"]) == (3, 1, 4)
    assert counted["withheld_by_reason"] == {"masking down: too dark": 1}


def test_a_style_that_keeps_texture_has_no_covered_share() -> None:
    account = Account(is_solid=False)
    account.take(masked_frame(0))
    assert totals([account.values()])["covered_share"] is None


def _with_tracks(index: int, at_s: float, ids: tuple[int, ...], image: np.ndarray) -> MaskedFrame:
    """A frame with people of these ids, and one screen."""
    count = len(ids) + 1
    classes = np.array([PERSON] * len(ids) + [SCREEN], np.uint8)
    boxes = np.tile(np.array([0, 0, 8, 8], np.float32), (count, 1))
    tracks = Tracks(np.array([*ids, 77], np.int64), boxes, classes, np.zeros(count, np.bool_))
    cells = np.zeros((9, 16), np.uint8)
    return MaskedFrame(image, index, at_s, START, cells, tracks, mint=MINT)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("place", "more", "is_shown"), [(_Terminal, [], True), (_Terminal, ["--quiet"], False), (io.StringIO, [], False)]
)
def test_a_progress_bar_is_shown_on_a_terminal_unless_it_is_not_wanted(
    place: type[io.StringIO], more: list[str], is_shown: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, shown = film(tmp_path / "in.mp4", even(1.0)), place()
    monkeypatch.setattr("sys.stderr", shown)
    assert mask(source, tmp_path / "out.mp4", *more) == 0
    assert ("frames/s" in shown.getvalue() and "/25" in shown.getvalue()) is is_shown
