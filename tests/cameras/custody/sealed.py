"""Sealed hours for tests: rows with files and secrets, made up or by a real vault."""

from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cameras.custody.models import CustodianKey, SealedHour
from cameras.custody.places import sealed_folder, secret_path, secrets_folder
from cameras.custody.services.keys import fingerprint_of, key_register
from cameras.footage import footage_path
from cameras.models import Camera
from inference.core.frames import RawFrame
from inference.core.vault.keys import hour_of
from inference.core.vault.raw_vault import RawVault, Sealed, VaultConfig
from paca_site.accounts.models import Role
from tests.cast import make_user

_numbers = count(1)


def make_key(private_key: X25519PrivateKey | None = None) -> CustodianKey:
    """Register the public part of a custodian's key."""
    public = (private_key or X25519PrivateKey.generate()).public_key().public_bytes_raw().hex()
    return key_register(public_key=public, fingerprint=fingerprint_of(public), actor=make_user(Role.CUSTODIAN))


def make_sealed(camera: Camera, started_at: datetime, key: CustodianKey, **fields: object) -> SealedHour:
    """Make a row with a file and a secret of random bytes."""
    path = f"vault/{camera.pk}/{next(_numbers)}.sealed"
    for file, content in ((footage_path(path), b"ciphertext"), (secret_path(path), b"s" * 32)):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_bytes(content)
    values = {
        "hour": hour_of(started_at),
        "sealed_key": b"wrapped",
        "state": SealedHour.State.CLOSED,
        "started_at": started_at,
        "ended_at": started_at + timedelta(minutes=5),
        "width": 640,
        "height": 360,
        "size_bytes": 10,
        **fields,
    }
    return SealedHour.objects.create(camera=camera, custodian_key=key, path=path, **values)


def is_there(hour: SealedHour) -> tuple[bool, bool]:
    """Return whether its secret and its file exist."""
    return secret_path(hour.path).exists(), footage_path(hour.path).exists()


def seal_video(camera: Camera, private_key: X25519PrivateKey, start_at: datetime, seconds: int = 2) -> Sealed:
    """Seal real frames of a camera, 5 a second; return what the vault told last."""
    told: list[Sealed] = []
    config = VaultConfig(camera.pk, sealed_folder(camera.pk), secrets_folder(camera.pk), private_key.public_key())
    vault = RawVault(config, told.append)
    for index in range(seconds * 5):
        image = np.full((48, 64, 3), index * 5, np.uint8)
        vault.write(RawFrame(image, index, index / 5, start_at + timedelta(seconds=index / 5)))
    vault.close()
    return told[-1]


def secret_beside(path: Path, camera: Camera) -> Path:
    """Return the secret of a sealed file of a camera."""
    return secrets_folder(camera.pk) / f"{path.stem}.secret"
