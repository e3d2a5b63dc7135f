import json
from pathlib import Path

import pytest

from tests.inference.commands.films import even, film, mask, shows_the_pattern


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    (source / "gate" / "north").mkdir(parents=True)
    film(source / "a.mp4", even(0.4))
    film(source / "a.avi", even(0.4))
    film(source / "gate" / "north" / "b.mkv", even(0.4))
    (source / "notes.txt").write_text("no video")
    return source


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_folder_keeps_its_tree_and_says_what_it_skipped(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert mask(folder, out, "--json", str(tmp_path / "r.json")) == 0
    films = ["a.avi.mp4", "a.mp4", "gate/north/b.mp4"]
    assert _files(out) == sorted(films + [f"{name}.json" for name in films])
    assert not any(shows_the_pattern(out / name) for name in films)
    summary = json.loads((tmp_path / "r.json").read_text())
    assert (summary["masked"], summary["failed"], summary["skipped"], summary["frames"]) == (3, 0, 1, 30)
    assert summary["skipped_files"][0]["input"].endswith("notes.txt")
    assert json.loads((out / "a.mp4.json").read_text())["seconds"][0]["frames"] == 10


def test_a_broken_file_stops_nothing_and_is_named_at_the_end(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "aa-broken.mp4").write_bytes(b"\0" * 5000)
    (folder / "empty.mov").write_bytes(b"")
    assert mask(folder, tmp_path / "out") == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert "2 of 5 files failed" in last
    assert "aa-broken.mp4" in last
    assert "empty.mov" in last
    assert (tmp_path / "out" / "gate" / "north" / "b.mp4").is_file()
    assert not [path for path in _files(tmp_path / "out") if "broken" in path or "empty" in path]


def test_a_second_run_makes_only_what_is_missing_or_changed(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert mask(folder, out) == 0
    before = (out / "a.mp4").stat()
    (out / "gate" / "north" / "b.mp4").unlink()
    assert mask(folder, out, "--json", str(tmp_path / "r.json")) == 0
    states = {Path(row["output"]).name: row["state"] for row in json.loads((tmp_path / "r.json").read_text())["files"]}
    assert states == {"a.mp4": "already masked", "a.avi.mp4": "already masked", "b.mp4": "masked"}
    after = (out / "a.mp4").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_film_of_other_settings_or_of_another_input_is_neither_trusted_nor_overwritten(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert mask(folder, out) == 0
    before = (out / "a.mp4").read_bytes()
    film(folder / "a.mp4", even(0.8))
    assert mask(folder, out) == 1
    assert "1 of 3 files failed" in capsys.readouterr().err
    assert (out / "a.mp4").read_bytes() == before
    assert mask(folder, out, "--seconds", "0.2") == 1
    assert "3 of 3 files failed" in capsys.readouterr().err


@pytest.mark.parametrize(("out", "said"), [("in/masked", "lie apart"), ("in", "lie apart"), ("file", "is a file")])
def test_folders_that_cannot_be_are_refused(
    out: str, said: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    before = _files(tmp_path)
    assert mask(folder, tmp_path / out) == 2
    assert said in capsys.readouterr().err
    assert _files(tmp_path) == before


def test_a_subfolder_that_cannot_be_made_fails_its_files_only(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "gate").write_text("mine")
    assert mask(folder, out) == 1
    assert "1 of 3 files failed" in capsys.readouterr().err
    assert (out / "gate").read_text() == "mine"
    assert (out / "a.mp4").is_file()
