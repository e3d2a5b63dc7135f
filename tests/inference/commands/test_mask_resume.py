import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inference.commands.reading import Input, Mark
from inference.core.errors import DecodeError
from inference.core.frames import MaskedFrame, RawFrame
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage
from tests.inference.commands.films import even, film, mask, times_of

KILLS = 3
SECONDS = 40.0
PEAK = """
import resource, sys
from inference.__main__ import main
code = main(sys.argv[1:])
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("films") / "in.mp4", even(SECONDS), size=(320, 180))


def _command(source: Path, out: Path, *more: str) -> list[str]:
    given = ["mask", str(source), str(out), "--masker", "cover-all", "--part-seconds", "3", *more]
    return [sys.executable, "-m", "inference", *given]


def _parts(out: Path) -> list[Path]:
    return [path for folder in out.parent.glob(f".{out.name}.*.parts") for path in folder.glob("part-*.json")]


def _kill_somewhere(source: Path, out: Path, wait_s: float) -> int:
    """Start a run, kill it `wait_s` after its first sign of work, and give the number of finished parts."""
    process = subprocess.Popen(_command(source, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ends_s = time.monotonic() + 60
        before = len(_parts(out))
        while process.poll() is None and len(_parts(out)) <= before and time.monotonic() < ends_s:
            time.sleep(0.01)
        time.sleep(wait_s)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return len(_parts(out))


def test_runs_killed_at_random_moments_add_up_to_the_film_of_an_undisturbed_run(
    long_film: Path, tmp_path: Path
) -> None:
    assert mask(long_film, tmp_path / "calm.mp4", "--part-seconds", "3") == 0
    out, report = tmp_path / "out.mp4", tmp_path / "r.json"
    chance = random.Random(3)
    finished = 0
    for _ in range(KILLS):
        now_finished = _kill_somewhere(long_film, out, chance.uniform(0.0, 0.15))
        if out.exists():  # killed after the end: then all of it is there
            break
        assert now_finished > finished, "what was finished before is used again"
        finished = now_finished
    assert finished > 0
    subprocess.run(_command(long_film, out, "--json", str(report)), check=True, capture_output=True, timeout=60)
    assert out.read_bytes() == (tmp_path / "calm.mp4").read_bytes()
    assert times_of(out) == pytest.approx(even(SECONDS), abs=1e-4)
    values = json.loads(report.read_text())
    assert [row["frames"] for row in values["seconds"]] == [25] * int(SECONDS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calm.mp4", "out.mp4", "r.json"]


def test_a_run_killed_between_the_name_and_the_report_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out, report = film(tmp_path / "in.mp4", even(2.0)), tmp_path / "out.mp4", tmp_path / "r.json"

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("inference.commands.mask.report", killed)
        with pytest.raises(Killed):
            mask(source, out, "--json", str(report))
    made = out.read_bytes()
    assert not report.exists()
    assert mask(source, out, "--json", str(report)) == 0
    assert out.read_bytes() == made
    assert json.loads(report.read_text())["frames"] == 50
    assert mask(source, out) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4", "r.json"]


@pytest.mark.parametrize("change", ["input", "settings", "part"])
def test_parts_of_another_input_other_settings_or_that_were_changed_are_not_used(change: str, tmp_path: Path) -> None:
    source, out = film(tmp_path / "in.mp4", even(6.0)), tmp_path / "out.mp4"
    _interrupt_after(source, out, frames=100)
    parts = sorted(path.with_suffix(".mp4") for path in _parts(out))
    assert len(parts) >= 3
    more = []
    if change == "input":
        film(source, even(5.0))
    elif change == "settings":
        more = ["--seconds", "5"]
    else:
        parts[1].write_bytes(parts[1].read_bytes()[:-1] + b"x")
    assert mask(source, out, "--part-seconds", "1", *more) == 0
    assert times_of(out) == pytest.approx(even(6.0 if change == "part" else 5.0), abs=1e-4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_an_interrupted_file_says_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = film(tmp_path / "in.mp4", even(4.0)), tmp_path / "out.mp4"
    _interrupt_after(source, out, frames=60)
    assert "2.0 s are finished. Run the same command again to continue." in capsys.readouterr().err
    assert not out.exists()
    assert mask(source, out, "--part-seconds", "1") == 0
    assert "Continuing" in capsys.readouterr().err
    assert times_of(out) == pytest.approx(even(4.0), abs=1e-4)


def test_two_runs_do_not_make_the_same_film_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import fcntl

    source, out = film(tmp_path / "in.mp4", even(4.0)), tmp_path / "out.mp4"
    _interrupt_after(source, out, frames=60)
    lock = os.open(_parts(out)[0].parent / "lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        assert mask(source, out, "--part-seconds", "1") == 2
    finally:
        os.close(lock)
    assert "Another run" in capsys.readouterr().err
    assert not out.exists()


def test_a_reading_goes_on_with_the_next_frame_and_masks_what_came_before_again(tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4", even(16.0, fps=5))
    pushed: list[int] = []

    class Watched(MaskingStage):
        def push(self, raw: RawFrame) -> list[MaskedFrame]:
            pushed.append(raw.index)
            return super().push(raw)

    with Watched(create_masker("cover-all")) as stage:
        frames = list(Input(str(source)).masked(stage, "masking", None, after=Mark(60, 12.0)))
    assert [frame.index for frame in frames] == list(range(61, 80))
    assert pushed == list(range(10, 80))  # ten seconds before the mark

    with Watched(create_masker("cover-all")) as stage, pytest.raises(DecodeError, match="does not give the frames"):
        list(Input(str(source)).masked(stage, "masking", None, after=Mark(59, 11.7)))


def test_memory_does_not_grow_with_the_length_of_the_film(long_film: Path, tmp_path: Path) -> None:
    peaks = []
    for seconds in ("4", "40"):
        command = [*_command(long_film, tmp_path / f"{seconds}.mp4", "--seconds", seconds)]
        command[1:3] = ["-c", PEAK]
        done = subprocess.run([each for each in command if each != "inference"], check=True, capture_output=True)
        peaks.append(int(done.stdout.split()[-1]) / 1024)
    # 900 frames more would be 155 MB, had they been kept.
    assert peaks[1] - peaks[0] < 20, f"peak MB for 4 s and 40 s: {peaks}"


def _interrupt_after(source: Path, out: Path, frames: int) -> None:
    """Run `mask` and press Ctrl-C after `frames` frames."""
    with pytest.MonkeyPatch.context() as patch:
        push, count = MaskingStage.push, iter(range(10_000))

        def interrupted(self: MaskingStage, raw: RawFrame) -> list[MaskedFrame]:
            if next(count) >= frames:
                raise KeyboardInterrupt
            return push(self, raw)

        patch.setattr(MaskingStage, "push", interrupted)
        assert mask(source, out, "--part-seconds", "1") == 130
