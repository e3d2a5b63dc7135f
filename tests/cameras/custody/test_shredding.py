"""Expiry of sealed video: key first, nothing overdue, nothing held lost, whatever is killed in between."""

import json
import os
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cameras.custody.models import DeletionRecord, SealedHour
from cameras.custody.places import secret_path
from cameras.custody.services import recording, shredding
from cameras.custody.services.shredding import sealed_destroy_all, sealed_purge, secret_destroy
from cameras.footage import footage_path
from cameras.models import Camera
from inference.core.errors import VaultError
from inference.core.vault.reading import hour_key, read_hour
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from paca_site.audit.signing import Purpose, is_signed, signing_key
from tests.cameras.custody.sealed import is_there, make_key, make_sealed, seal_video, secret_beside
from tests.cast import make_camera, make_hold, make_policy, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
KILLS = 220


def raw_camera(hours: int = 24) -> Camera:
    return make_camera(retention=make_policy(raw_hours=hours))


def test_what_is_past_its_ceiling_is_destroyed_and_signed_for_and_nothing_younger() -> None:
    camera, key, now = raw_camera(), make_key(), timezone.now()
    old, young = [make_sealed(camera, now - age * HOUR, key) for age in (30, 25)], make_sealed(camera, now - HOUR, key)
    elsewhere = make_sealed(raw_camera(hours=48), now - 30 * HOUR, key)
    assert sealed_purge(camera=camera) == 2
    assert [is_there(hour) for hour in old] == [(False, False)] * 2
    assert [is_there(hour) for hour in (young, elsewhere)] == [(True, True)] * 2
    assert set(SealedHour.objects.all()) == {young, elsewhere}
    record = DeletionRecord.objects.get()
    public_key = signing_key(Path(settings.CHECKPOINT_KEY)).public_key()
    assert is_signed(public_key, Purpose.DELETION_RECORD, record.text, record.signature)
    assert not is_signed(public_key, Purpose.DELETION_RECORD, record.text.replace("2", "3"), record.signature)
    told = json.loads(record.text)
    assert (told["count"], told["bytes"], told["reason"]) == (2, 20, "policy")
    entry = json.loads(AuditEntry.objects.get(action="retention.purged").body)
    assert entry["details"]["record"] == record.pk
    assert sealed_purge(camera=camera) == 0
    assert DeletionRecord.objects.count() == 1


def test_a_hold_stops_it_and_its_end_lets_it_go() -> None:
    camera, key, now = raw_camera(), make_key(), timezone.now()
    held, free = make_sealed(camera, now - 30 * HOUR, key), make_sealed(camera, now - 26 * HOUR, key)
    starts_at = held.started_at + timedelta(minutes=1)
    hold = make_hold(camera, make_user(Role.CUSTODIAN), starts_at=starts_at, ends_at=starts_at + timedelta(minutes=1))
    assert sealed_purge(camera=camera) == 1
    assert is_there(held) == (True, True)
    assert is_there(free) == (False, False)
    assert sealed_destroy_all(camera=camera, reason="modality") == 0
    type(hold).objects.filter(pk=hold.pk).update(
        ended_at=now, ended_by=hold.placed_by, end_reason="not needed any more"
    )
    assert sealed_purge(camera=camera) == 1
    assert is_there(held) == (False, False)


def test_a_backup_from_before_restored_afterwards_cannot_be_read_even_by_the_custodian() -> None:
    camera, private_key = raw_camera(), X25519PrivateKey.generate()
    key, started_at = make_key(private_key), timezone.now() - 30 * HOUR
    told = seal_video(camera, private_key, started_at)
    secret = secret_beside(told.path, camera)
    relative = told.path.relative_to(settings.FOOTAGE_DIR).as_posix()
    values = {"hour": told.header.bound.hour, "sealed_key": told.header.sealed_key, "width": 64, "height": 48}
    row = SealedHour(
        camera=camera, custodian_key=key, path=relative, state="closed", started_at=started_at, ended_at=told.ended_at,
        **values,
    )  # fmt: skip
    row.save()
    assert secret == secret_path(relative)
    assert list(read_hour(told.path, hour_key(told.path, secret, private_key)))
    backup, kept = told.path.read_bytes(), SealedHour.objects.values().get()

    assert sealed_purge(camera=camera) == 1
    footage_path(relative).write_bytes(backup)
    SealedHour.objects.create(**kept)

    assert bytes(SealedHour.objects.get().sealed_key) == told.header.sealed_key
    with pytest.raises(VaultError, match="destroyed"):
        hour_key(told.path, secret, private_key)
    assert sealed_purge(camera=camera) == 1  # what was restored goes with the next purge
    assert not told.path.exists()


def test_the_secret_is_overwritten_before_it_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "one.secret"
    secret.write_bytes(b"s" * 32)
    seen: list[bytes] = []
    real = shredding.file_remove

    def remove(path: Path) -> None:
        seen.append(path.read_bytes())
        real(path)

    monkeypatch.setattr(shredding, "file_remove", remove)
    secret_destroy(secret)
    assert len(seen[0]) == 32
    assert seen[0] != b"s" * 32
    assert not secret.exists()
    secret_destroy(secret)  # again: nothing to do


def test_one_that_cannot_be_removed_stays_overdue_and_does_not_keep_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    camera, key, now = raw_camera(), make_key(), timezone.now()
    stuck, free = make_sealed(camera, now - 30 * HOUR, key), make_sealed(camera, now - 29 * HOUR, key)
    real = shredding.secret_destroy

    def refuse(path: Path) -> None:
        if path == secret_path(stuck.path):
            raise OSError(30, "Read-only file system")
        real(path)

    monkeypatch.setattr(shredding, "secret_destroy", refuse)
    assert sealed_purge(camera=camera) == 1
    assert SealedHour.objects.get() == stuck
    assert is_there(free) == (False, False)
    assert "cannot be destroyed" in caplog.text


class KilledError(BaseException):
    """The process is gone between two lines."""


class Fate:
    """Kills the process at the n-th step from now."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.left = 0
        for name in ("secret_destroy", "file_remove", "_is_shredded"):
            patch.setattr(shredding, name, self._around(getattr(shredding, name)))
        for name in ("deletion_record_make", "audit_record"):
            patch.setattr(recording, name, self._around(getattr(recording, name)))
        patch.setattr("cameras.custody.services.shredding.os.fsync", self._around(os.fsync))

    def _around(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def risky(*args: Any, **kwargs: Any) -> Any:
            self._strike()
            result = step(*args, **kwargs)
            self._strike()
            return result

        return risky

    def _strike(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise KilledError


def test_killed_at_any_step_nothing_overdue_is_left_nothing_held_is_lost_and_all_is_signed_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen, key, now = random.Random(7), make_key(), timezone.now()
    fate, kills = Fate(monkeypatch), 0
    while kills < KILLS:
        camera = raw_camera()
        overdue = [make_sealed(camera, now - (26 + n) * HOUR, key) for n in range(chosen.randint(1, 3))]
        held, young = make_sealed(camera, now - 40 * HOUR, key), make_sealed(camera, now - HOUR, key)
        make_hold(camera, key.registered_by, starts_at=held.started_at, ends_at=held.started_at + HOUR)
        fate.left = chosen.randint(1, 40)
        while True:
            try:
                sealed_purge(camera=camera, now=now)
                break
            except KilledError:
                kills += 1
                fate.left = chosen.randint(1, 40)
                _check_between(camera, overdue)
        fate.left = 0
        assert [is_there(hour) for hour in overdue] == [(False, False)] * len(overdue)
        assert [is_there(hour) for hour in (held, young)] == [(True, True)] * 2
        assert set(SealedHour.objects.filter(camera=camera)) == {held, young}
        records = DeletionRecord.objects.filter(camera=camera)
        assert sum(json.loads(record.text)["count"] for record in records) == len(overdue)
        entries = AuditEntry.objects.filter(action="retention.purged", subject=f"camera:{camera.pk}").count()
        assert entries == records.count()


def _check_between(camera: Camera, overdue: list[SealedHour]) -> None:
    """After a kill: what still exists has its row, so that the next run finds it; a file never outlives its order."""
    rows = set(SealedHour.objects.filter(camera=camera).values_list("pk", flat=True))
    for hour in overdue:
        has_secret, has_file = is_there(hour)
        assert hour.pk in rows or not (has_secret or has_file)
        assert has_file or not has_secret  # the secret always goes first


def test_a_record_is_never_changed_or_deleted() -> None:
    camera, key = raw_camera(), make_key()
    make_sealed(camera, timezone.now() - 30 * HOUR, key)
    sealed_purge(camera=camera)
    for statement in ("UPDATE custody_deletionrecord SET text = ''", "DELETE FROM custody_deletionrecord"):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
