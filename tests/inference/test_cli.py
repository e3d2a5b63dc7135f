import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import av
import pytest

from inference.__main__ import COMMANDS, main
from inference.core.decode.source import SourceConfig, open_source
from tests.rtsp_server import make_clip, rtsp_server


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "shapes.mp4", seconds=2.0, fps=10)


def _mask(clip: Path | str, out: Path, *more: str) -> int:
    return main(["mask", str(clip), str(out), "--masker", "cover-all", *more])


def test_help_lists_every_command_without_loading_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in COMMANDS)


@pytest.mark.parametrize("command", ["mask", "detect", "evaluate", "bench"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out) > 200


def test_mask_writes_every_frame_at_its_time_and_reports(clip: Path, tmp_path: Path) -> None:
    out, report = tmp_path / "out.mp4", tmp_path / "report.json"
    assert _mask(clip, out, "--json", str(report)) == 0
    values = json.loads(report.read_text())
    assert (values["frames"], values["withheld"], values["width"], values["height"]) == (20, 0, 320, 180)
    with open_source(SourceConfig(str(out))) as source:
        frames = list(source)
    assert [frame.pts_s for frame in frames] == pytest.approx([index / 10 for index in range(20)], abs=0.001)
    assert all(
        frame.image.std(axis=(0, 1)).max() < 3 for frame in frames
    )  # cover-all leaves one flat colour: nothing came through


def test_sound_and_metadata_are_never_copied(tmp_path: Path) -> None:
    source = tmp_path / "with-sound.mp4"
    _add_sound(make_clip(tmp_path / "silent.mp4", seconds=1.0), source)
    assert _mask(source, tmp_path / "out.mp4") == 0
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert "title" not in container.metadata
        assert "Here lives" not in str(container.metadata)


def test_a_stop_time_is_kept(clip: Path, tmp_path: Path) -> None:
    assert _mask(clip, tmp_path / "out.mp4", "--seconds", "0.55", "--json", str(tmp_path / "r.json")) == 0
    assert json.loads((tmp_path / "r.json").read_text())["frames"] == 6


def test_an_output_is_never_overwritten(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.mp4"
    out.write_text("mine")
    assert _mask(clip, out) == 2
    assert out.read_text() == "mine"
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["mask", "/no/such.mp4", "OUT/a.mp4"], "no file"),
        (["mask", "rtsp://u:s3cr3t@127.0.0.1:1/x", "OUT/a.mp4"], "Cannot open"),
        (["mask", "OUT", "OUT/a.mp4"], "must lie apart"),
        (["mask", "CLIP", "OUT/none/a.mp4"], "no folder"),
        (["mask", "CLIP", "OUT/a.mp4", "--json", "OUT/none/r.json"], "cannot be written"),
        (["mask", "CLIP", "OUT/a.mp4", "--masker", "cover-all", "--style", "edge"], "belong to the masker paca-seg"),
        (["evaluate", "masking", "--data", "OUT/none"], "no folder"),
        (["evaluate", "detection", "--clips", "OUT/none.csv"], "no file"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(
    given: Sequence[str], said: str, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [word.replace("OUT", str(tmp_path)).replace("CLIP", str(clip)) for word in given]
    assert main(arguments) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("inference:")]
    assert len(errors) == 1
    assert said in errors[0]
    assert "s3cr3t" not in errors[0]
    assert list(tmp_path.iterdir()) == []


def test_a_stream_is_masked_until_interrupted_and_what_there_is_is_kept(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    with rtsp_server(clip) as url:
        command = [sys.executable, "-m", "inference", "mask", url, str(out), "--masker", "cover-all"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        ends_s = time.monotonic() + 30
        while not list(tmp_path.glob(".out.mp4.*.parts/.part-*")) and time.monotonic() < ends_s:
            time.sleep(0.1)
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors.decode()
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]
    with av.open(str(out)) as container:
        assert len(list(container.decode(video=0))) >= 5


def test_a_file_that_is_interrupted_leaves_nothing(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inference.core.masking.stage import MaskingStage

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MaskingStage, "push", interrupted)
    assert _mask(clip, tmp_path / "out.mp4") == 130
    assert list(tmp_path.iterdir()) == []


def _add_sound(silent: Path, out: Path) -> None:
    import numpy as np

    with av.open(str(silent)) as source, av.open(str(out), "w") as container:
        container.metadata["title"] = "Here lives somebody"
        video = container.add_stream_from_template(source.streams.video[0])
        sound = container.add_stream("aac", rate=8000)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                container.mux(packet)
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        samples.sample_rate = 8000
        container.mux(sound.encode(samples))
        container.mux(sound.encode(None))
