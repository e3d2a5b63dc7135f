"""The raw vault: opened by file, secret and private key together, by nothing less, and no byte can be changed."""

import io
import random
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from inference.core.errors import VaultError
from inference.core.frames import RawFrame
from inference.core.vault import raw_vault
from inference.core.vault.custodian import fingerprint, key_file_make, key_file_open, public_key_of
from inference.core.vault.keys import Bound, hour_of, open_sealed, secret_read, unwrap
from inference.core.vault.raw_vault import RawVault, Sealed, VaultConfig
from inference.core.vault.reading import hour_key, inspect, read_hour
from tests.inference.frames import masked_frame

NOON = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


def frame(number: int, at: datetime = NOON, size: tuple[int, int] = (48, 64)) -> RawFrame:
    image = np.full((*size, 3), 40, np.uint8)
    image[10:30, 10 + number % 30 : 25 + number % 30] = (255, 200, 0)
    return RawFrame(image, number, number / 5, at + timedelta(seconds=number / 5))


@dataclass
class Vault:
    folder: Path
    key: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    told: list[Sealed] = field(default_factory=list)

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    def open(self) -> RawVault:
        return RawVault(VaultConfig(7, self.folder / "vault", self.secrets, self.key.public_key()), self.told.append)

    def files(self) -> list[Path]:
        return sorted((self.folder / "vault").glob("*.sealed"))

    def secret_of(self, path: Path) -> Path:
        return self.secrets / f"{path.stem}.secret"

    def data_key(self, path: Path) -> bytes:
        return hour_key(path, self.secret_of(path), self.key)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


@pytest.fixture
def sealed(vault: Vault) -> Path:
    opened = vault.open()
    for number in range(12):
        opened.write(frame(number))
    opened.close()
    return vault.files()[0]


def video_of(path: Path, data_key: bytes, *, is_cut: bool = False) -> bytes:
    return b"".join(chunk.data for chunk in read_hour(path, data_key, is_cut=is_cut))


def shown(video: bytes) -> int:
    with av.open(io.BytesIO(video), "r") as container:
        return len(list(container.decode(container.streams.video[0])))


def test_what_is_sealed_opens_with_file_secret_and_private_key_together(vault: Vault, sealed: Path) -> None:
    assert shown(video_of(sealed, vault.data_key(sealed))) == 12
    begun, over = vault.told
    assert (begun.ended_at, begun.chunks) == (None, 0)
    assert (over.frames, over.bytes, over.is_whole) == (12, sealed.stat().st_size, True)
    assert over.ended_at == NOON + timedelta(seconds=11 / 5)
    assert over.header.custodian == fingerprint(vault.key.public_key())


def test_a_chunk_tells_when_its_first_frame_was_captured(vault: Vault, sealed: Path) -> None:
    chunks = list(read_hour(sealed, vault.data_key(sealed)))
    moments = [chunk.at for chunk in chunks]
    assert moments == sorted(moments)
    assert moments[0] == NOON
    assert NOON + timedelta(seconds=1) < moments[-1] <= NOON + timedelta(seconds=2.2)


def test_none_of_the_three_can_be_missing(vault: Vault, sealed: Path) -> None:
    header, secret = inspect(sealed).header, secret_read(vault.secret_of(sealed))
    with pytest.raises(VaultError, match="another custodian key"):
        hour_key(sealed, vault.secret_of(sealed), X25519PrivateKey.generate())
    with pytest.raises(VaultError, match="its secret is another one"):
        open_sealed(header.sealed_key, bytes(32), header.bound)
    for elsewhere in (Bound(8, header.bound.hour), Bound(7, header.bound.hour + timedelta(hours=1))):
        with pytest.raises(VaultError):
            open_sealed(header.sealed_key, secret, elsewhere)
        with pytest.raises(VaultError):
            unwrap(open_sealed(header.sealed_key, secret, header.bound), vault.key, elsewhere)
    with pytest.raises(VaultError, match=r"Chunk 0 of .* does not open"):
        video_of(sealed, bytes(32))


def test_a_backup_restored_after_its_secret_went_cannot_be_read_by_the_custodian(vault: Vault, sealed: Path) -> None:
    backup = sealed.read_bytes()
    assert vault.data_key(sealed)
    vault.secret_of(sealed).unlink()
    sealed.unlink()
    sealed.write_bytes(backup)
    with pytest.raises(VaultError, match="can never be read again"):
        vault.data_key(sealed)


def test_every_changed_byte_is_found(vault: Vault, sealed: Path) -> None:
    key, whole = vault.data_key(sealed), sealed.read_bytes()
    chosen = random.Random(1)
    for position in [*range(200), *(chosen.randrange(len(whole)) for _ in range(300)), len(whole) - 1]:
        changed = bytearray(whole)
        changed[position] ^= 1 << chosen.randrange(8)
        sealed.write_bytes(changed)
        with pytest.raises(VaultError):
            video_of(sealed, key)
    for more in (b"\0", whole[-60:]):
        sealed.write_bytes(whole + more)
        with pytest.raises(VaultError):
            video_of(sealed, key)


def test_a_file_cut_off_anywhere_is_known_to_be_cut_off(vault: Vault, sealed: Path) -> None:
    key, whole, chunks = vault.data_key(sealed), sealed.read_bytes(), inspect(sealed).chunks
    for length in range(len(whole) - 1, len(whole) // 2, -97):
        sealed.write_bytes(whole[:length])
        with pytest.raises(VaultError, match="is cut off after chunk"):
            video_of(sealed, key)
        assert not inspect(sealed).is_closed
    video_of(sealed, key, is_cut=True)  # known to be cut
    with pytest.raises(VaultError, match=f"{chunks} or more were written"):
        list(read_hour(sealed, key, at_least=chunks, is_cut=True))  # known to have held more
    sealed.write_bytes(whole[:30])
    with pytest.raises(VaultError, match="is cut off"):
        inspect(sealed)


def test_what_a_killed_process_left_plays_up_to_its_last_second(vault: Vault) -> None:
    opened = vault.open()
    for number in range(20):
        opened.write(frame(number))
    (left,) = vault.files()  # not closed: the process is gone
    assert 20 - shown(video_of(left, vault.data_key(left), is_cut=True)) <= 5


def test_a_new_hour_a_new_size_and_a_step_back_begin_a_file_with_a_key_of_its_own(vault: Vault) -> None:
    opened = vault.open()
    for number in range(8):
        opened.write(frame(number, at=NOON.replace(minute=59, second=59)))
    opened.write(frame(8, at=NOON.replace(minute=59, second=59), size=(32, 64)))
    opened.write(frame(0, at=NOON.replace(hour=13, minute=0), size=(32, 64)))
    opened.close()
    files = vault.files()
    assert len(files) == 4
    assert [inspect(path).header.bound.hour.hour for path in files] == [12, 13, 13, 13]
    keys = {vault.data_key(path) for path in files}
    assert len(keys) == 4
    assert hour_of(NOON) == NOON.replace(minute=0)


def test_files_and_secrets_are_for_their_owner_only_and_lie_apart(vault: Vault, sealed: Path) -> None:
    for path in (sealed, vault.secret_of(sealed)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ValueError, match="must not lie within the vault"):
        VaultConfig(7, vault.folder, vault.secrets, vault.key.public_key())
    vault.secrets.chmod(0o755)
    with pytest.raises(VaultError, match="must have mode 0700"):
        vault.open().write(frame(0))


def test_nothing_but_ciphertext_is_on_the_disk(vault: Vault) -> None:
    opened = vault.open()
    for number in range(12):
        opened.write(frame(number))
    written = b"".join(path.read_bytes() for path in vault.folder.rglob("*") if path.is_file())
    opened.close()
    assert len(written) > 1000
    for word in (b"ftyp", b"moof", b"mdat", b"avcC", b"x264"):
        assert word not in written
        assert word in video_of(vault.files()[0], vault.data_key(vault.files()[0]))


def test_a_disk_that_refuses_is_told_and_tried_again(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    (vault.folder / "vault").write_text("a file where the folder should be")
    opened = vault.open()
    for number in range(2):
        with pytest.raises(VaultError, match="cannot be made"):
            opened.write(frame(number))
    (vault.folder / "vault").unlink()
    monkeypatch.setattr(raw_vault, "RETRY_S", 0.0)
    opened._retry_at_s = 0.0  # as if the wait were over
    opened.write(frame(3))
    opened.close()
    assert vault.told[-1].frames == 1


def test_an_error_in_the_middle_begins_a_new_file_under_a_new_key(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = vault.open()
    for number in range(8):
        opened.write(frame(number))
    monkeypatch.setattr(raw_vault, "RETRY_S", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr("inference.core.vault.writing.os.write", _refuse)
        with pytest.raises(VaultError, match="cannot be written"):
            _write(opened, range(8, 16))
    assert [told.is_whole for told in vault.told] == [False, False]
    for number in range(16, 20):
        opened.write(frame(number))
    opened.close()
    first, second = vault.files()
    assert shown(video_of(first, vault.data_key(first), is_cut=True)) >= 3
    assert shown(video_of(second, vault.data_key(second))) == 4
    assert vault.data_key(first) != vault.data_key(second)


def _write(opened: RawVault, numbers: range) -> None:
    for number in numbers:
        opened.write(frame(number))


def _refuse(*_: object) -> int:
    raise OSError(28, "No space left on device")


def test_the_vault_takes_raw_frames_only_and_has_no_other_form(vault: Vault) -> None:
    with pytest.raises(TypeError, match="Only a RawFrame may pass here, got MaskedFrame"):
        vault.open().write(masked_frame())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="no other form"):
        type("Other", (RawVault,), {})


def test_a_custodian_s_key_file_opens_with_its_passphrase_only() -> None:
    content, public_key = key_file_make("correct horse battery")
    assert key_file_open(content, "correct horse battery").public_key() == public_key == public_key_of(content)
    with pytest.raises(VaultError, match="the passphrase is wrong"):
        key_file_open(content, "wrong horse battery")
    with pytest.raises(VaultError, match="at least 12 characters; got 5"):
        key_file_make("short")
    for other in (b"", b"{}", b"[]", content.replace(b"key 1", b"key 2")):
        with pytest.raises(VaultError):
            public_key_of(other)
    assert public_key.public_bytes_raw().hex().encode() in content
