"""A camera's vault on the server: off by default, its rows follow its files, and a kill leaves nothing behind."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings
from django.utils import timezone

from alerts.system.causes import Cause
from cameras.custody.models import SealedHour
from cameras.custody.places import sealed_folder, secret_path, secrets_folder
from cameras.custody.services.keys import key_retire
from cameras.custody.services.sweeping import sealed_orphans_purge
from cameras.footage import footage_path
from cameras.models import Camera, Modality
from cameras.services.retention import ORPHAN_AFTER_S
from inference.core.frames import RawFrame
from inference.core.vault.raw_vault import RawVault
from inference.core.vault.reading import hour_key, read_hour
from inference.judging import LineJudge
from inference.services.vaulting import vault_adopt, vault_of, vault_repair
from inference.tasks import purge_expired
from inference.writer import StreamWriter
from paca_site.audit.models import AuditEntry
from tests.cameras.custody.sealed import make_key, seal_video
from tests.cast import make_camera, make_policy
from tests.inference.test_supervising import make_health

pytestmark = pytest.mark.django_db
NOW = timezone.now() - timedelta(hours=2)


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, settings: Any) -> None:
    settings.FOOTAGE_DIR, settings.VAULT_KEYS = tmp_path / "footage", tmp_path / "vault-keys"
    settings.CHECKPOINT_KEY = tmp_path / "checkpoint.key"


class AtOnce:
    """A stream's writer that writes at once, or never."""

    def __init__(self, *, is_dead: bool = False) -> None:
        self.is_dead = is_dead

    def put(self, write: Callable[[], object]) -> None:
        if not self.is_dead:
            write()


def opened(camera: Camera, *, is_dead: bool = False) -> RawVault:
    vault, fault = vault_of(camera, cast("StreamWriter", AtOnce(is_dead=is_dead)))
    assert vault is not None, fault
    return vault


def film(vault: RawVault, count: int = 10) -> None:
    for index in range(count):
        image = np.full((48, 64, 3), 20 * index % 250, np.uint8)
        vault.write(RawFrame(image, index, index / 5, NOW + timedelta(seconds=index / 5)))


def raw_camera() -> Camera:
    return make_camera(retention=make_policy(raw_hours=24))


def test_a_vault_is_on_only_for_a_central_camera_whose_policy_asks_while_a_key_is_registered(settings: Any) -> None:
    writer = cast("StreamWriter", AtOnce())
    camera = raw_camera()
    vault, fault = vault_of(camera, writer)
    assert vault is None
    assert "no custodian's key is registered" in fault
    key = make_key()
    assert vault_of(make_camera(), writer) == (None, "")
    assert vault_of(make_camera(modality=Modality.HYBRID), writer) == (None, "")
    assert opened(camera).config.custodian.public_bytes_raw().hex() == key.public_key
    settings.RAW_HOURS_MAX = 0  # forbidden since: nothing more is sealed, and what is there is overdue
    assert vault_of(camera, writer) == (None, "")
    settings.RAW_HOURS_MAX = 72
    key_retire(key=key, actor=key.registered_by, reason="the custodian has left")
    assert vault_of(camera, writer)[0] is None


def test_a_row_is_there_before_the_video_and_ends_with_it() -> None:
    private_key = X25519PrivateKey.generate()
    key, camera = make_key(private_key), raw_camera()
    vault = opened(camera)
    film(vault)
    row = SealedHour.objects.get()
    assert (row.state, row.ended_at, row.custodian_key) == (SealedHour.State.OPEN, None, key)
    vault.close()
    row.refresh_from_db()
    assert (row.state, row.frame_count, row.size_bytes) == ("closed", 10, footage_path(row.path).stat().st_size)
    data_key = hour_key(footage_path(row.path), secret_path(row.path), private_key)
    assert len(list(read_hour(footage_path(row.path), data_key, at_least=row.chunk_count))) == row.chunk_count


def test_a_killed_worker_s_file_gets_its_end_from_what_is_there() -> None:
    private_key = X25519PrivateKey.generate()
    make_key(private_key)
    camera = raw_camera()
    film(opened(camera))  # never closed
    assert vault_repair(camera.pk) == 1
    row = SealedHour.objects.get()
    assert row.state == SealedHour.State.CUT
    assert row.chunk_count >= 3
    data_key = hour_key(footage_path(row.path), secret_path(row.path), private_key)
    assert list(read_hour(footage_path(row.path), data_key, at_least=row.chunk_count, is_cut=True))


def test_a_file_whose_row_was_never_written_gets_one_and_one_that_cannot_is_destroyed() -> None:
    private_key = X25519PrivateKey.generate()
    make_key(private_key)
    camera = raw_camera()
    film(opened(camera, is_dead=True))
    assert vault_adopt(camera.pk) == 0, "its own vault may still give it a row"
    assert vault_adopt(camera.pk, settled_s=0.0) == 1
    assert SealedHour.objects.get().state == SealedHour.State.CUT
    stranger = seal_video(camera, X25519PrivateKey.generate(), NOW)  # for a key that nobody registered
    assert vault_adopt(camera.pk, settled_s=0.0) == 0
    lone = secrets_folder(camera.pk) / "20260101T000000.000000Z-00000000.secret"
    lone.write_bytes(b"s" * 32)
    assert sealed_orphans_purge() == 0, "an hour has not passed"
    assert sealed_orphans_purge(now_s=time.time() + ORPHAN_AFTER_S + 60) == 2
    assert not stranger.path.exists()
    assert not lone.exists()
    assert len(list(secrets_folder(camera.pk).iterdir())) == 1
    assert AuditEntry.objects.filter(action="retention.purged").count() == 1


def test_what_holds_nothing_leaves_nothing() -> None:
    make_key()
    camera = raw_camera()
    vault = opened(camera)
    film(vault, 1)
    row = SealedHour.objects.get()
    footage_path(row.path).unlink()
    vault_repair(camera.pk)
    assert not SealedHour.objects.exists()
    assert not secret_path(row.path).exists()


def test_the_hourly_purge_destroys_what_is_overdue_also_while_it_is_written() -> None:
    make_key()
    camera = raw_camera()
    vault = opened(camera)
    film(vault)
    Camera.objects.filter(pk=camera.pk).update(retention=make_policy(raw_hours=1))
    purge_expired()
    vault.close()
    assert not SealedHour.objects.exists(), "what was destroyed must get no row again"
    assert not list(sealed_folder(camera.pk).iterdir())
    assert not list(secrets_folder(camera.pk).iterdir())


def test_files_are_nobody_else_s() -> None:
    make_key()
    camera = raw_camera()
    film(opened(camera))
    for folder in (sealed_folder(camera.pk), secrets_folder(camera.pk)):
        assert folder.stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    assert not secrets_folder(camera.pk).is_relative_to(settings.FOOTAGE_DIR)


def test_a_vault_that_fails_or_lacks_a_key_is_a_system_alert_and_one_that_is_off_is_none() -> None:
    assert LineJudge().judge(make_health(sinks={}))[Cause.VAULT_STOPPED] == ""
    assert LineJudge().judge(make_health(sinks={"Vault": "down: disk full"}))[Cause.VAULT_STOPPED] == "disk full"
    assert LineJudge("", "no key").judge(make_health(sinks={}))[Cause.VAULT_STOPPED] == "no key"


def test_nothing_is_sealed_where_the_secrets_would_lie_with_the_footage(settings: Any) -> None:
    camera = make_camera(retention=make_policy(raw_hours=1))
    make_key()
    settings.VAULT_KEYS = settings.FOOTAGE_DIR / "keys"
    vault, fault = vault_of(camera, cast("StreamWriter", AtOnce()))
    assert vault is None
    assert "PACA_VAULT_KEYS" in fault
