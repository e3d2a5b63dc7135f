"""The one exception to the first law: with the vault on, raw frames reach the disk as ciphertext and nobody else."""

import io
import threading
from pathlib import Path

import av
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from inference.core.decode.reader import Reader
from inference.core.decode.source import SourceConfig
from inference.core.frames import RawFrame
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.core.pipeline import Pipeline
from inference.core.recording.segments import RecorderConfig, SegmentRecorder
from inference.core.vault.raw_vault import RawVault, Sealed, VaultConfig
from inference.core.vault.reading import hour_key, read_hour
from tests.inference.core.line_parts import Frames
from tests.inference.test_no_unmasked_byte import (
    FPS,
    SECONDS,
    BrokenNetwork,
    LateNetwork,
    Watcher,
    has_the_pattern,
    is_nan,
    people,
    pictures_in,
    somebody_appears,
)

__all__ = ["people"]


def test_with_the_vault_on_the_disk_holds_masked_video_and_ciphertext_and_nothing_else(
    people: Path,
    tmp_path: Path,
) -> None:
    masker = create_masker("paca-seg", network=BrokenNetwork(is_nan), look_ahead_s=0.2, hold_s=0.0)
    recorder = SegmentRecorder(RecorderConfig(tmp_path / "segments", "broken", segment_s=1.0), lambda _: None)
    private_key, told = X25519PrivateKey.generate(), list[Sealed]()
    config = VaultConfig(1, tmp_path / "vault", tmp_path / "secrets", private_key.public_key(), fps=FPS)
    with MaskingStage(masker, StageConfig(deadline_ms=120, hang_s=0.5)) as stage:
        reader, vault = Reader(SourceConfig(str(people), realtime=True)), RawVault(config, told.append)
        health = Pipeline(reader, stage, None, [recorder], None, vault=vault).run(threading.Event(), SECONDS + 1)
    assert health.sinks == {"SegmentRecorder": "ok", "Vault": "ok"}

    decodable, kinds = 0, set()
    for path in (path for path in tmp_path.rglob("*") if path.is_file() and path != people):
        kinds.add(path.suffix)
        assert b"moof" not in path.read_bytes() or path.suffix == ".mp4"
        try:
            pictures = list(pictures_in(path))
        except (av.error.FFmpegError, ValueError):
            continue
        decodable += 1
        assert path.suffix == ".mp4"
        assert not any(has_the_pattern(picture) for picture in pictures)
    assert kinds == {".mp4", ".sealed", ".secret"}
    assert decodable >= 2

    sealed = told[-1].path
    key = hour_key(sealed, config.secrets / f"{sealed.stem}.secret", private_key)
    video = io.BytesIO(b"".join(chunk.data for chunk in read_hour(sealed, key)))
    with av.open(video, "r") as container:
        raw = [frame.to_ndarray(format="rgb24") for frame in container.decode(container.streams.video[0])]
    assert len(raw) == told[-1].frames >= SECONDS * FPS - 2
    assert all(has_the_pattern(picture) for picture in raw), "the custodian must find what was in front of the camera"


def test_the_line_gives_raw_frames_to_the_vault_and_to_nothing_that_looks_like_it() -> None:
    class Leak:
        def write(self, frame: RawFrame) -> None: ...

        def close(self) -> None: ...

    masker = create_masker("paca-seg", network=LateNetwork(None))
    with MaskingStage(masker) as stage, pytest.raises(TypeError, match="Only a RawVault takes raw frames, got Leak"):
        Pipeline(Frames([]), stage, None, [], None, vault=Leak())  # type: ignore[arg-type]


def test_a_vault_that_fails_stops_no_masking_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "vault").write_text("a file where the folder should be")
    config = VaultConfig(1, tmp_path / "vault", tmp_path / "secrets", X25519PrivateKey.generate().public_key())
    watcher = Watcher()
    with MaskingStage(create_masker("paca-seg", network=LateNetwork(None))) as stage:
        vault = RawVault(config, lambda _: None)
        line = Pipeline(Frames(somebody_appears(20)), stage, watcher, [watcher], None, vault=vault)
        health = line.run(threading.Event())
    assert health.masked > 0
    assert len(watcher.frames) == health.masked + health.withheld == 20
    assert not list((tmp_path / "secrets").iterdir())
    assert health.sinks["Watcher"] == "ok"
    assert health.sinks["Vault"].startswith("down: The sealed file")
