"""A vault with real H.264 in it, and a release that names a viewer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.utils import timezone

from cameras.custody.models import CustodianKey, SealedHour
from cameras.custody.places import FOLDER, sealed_folder, secrets_folder
from cameras.models import Camera
from cameras.warrants.models import FootageRelease
from cameras.warrants.services.deciding import release_confirm
from cameras.warrants.services.opening import CustodianProof, KeyPart, release_open
from inference.core.frames import RawFrame
from inference.core.vault.custodian import fingerprint, key_file_make
from inference.core.vault.raw_vault import RawVault, Sealed, VaultConfig
from paca_site.accounts.models import Role, User
from tests.cameras.warrants.made import REASON, Court, reading
from tests.cast import make_release, make_user

PASSPHRASE = "four-horses-and-a-cart"
FPS, SECONDS = 5, 40
WIDTH, HEIGHT = 320, 180


@dataclass
class Vaulted:
    """A court with sealed footage, and who may watch it."""

    court: Court
    key_file: bytes
    viewer: User
    start: datetime

    @property
    def proof(self) -> CustodianProof:
        return CustodianProof((KeyPart(self.key_file, PASSPHRASE),))


def picture(number: int) -> np.ndarray:
    """Return a picture whose left half is bright and right half dark, with a bar that moves on."""
    image = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    image[:, : WIDTH // 2] = 200
    image[:, (number * 4) % WIDTH : (number * 4) % WIDTH + 6] = (255, 0, 0)
    return image


def seal(
    camera: Camera, start: datetime, key: CustodianKey, public_key: X25519PublicKey, seconds: int = SECONDS
) -> None:
    """Record some seconds of a camera into its vault, with the rows that the worker writes."""
    done: list[Sealed] = []
    config = VaultConfig(camera.pk, sealed_folder(camera.pk), secrets_folder(camera.pk), public_key, fps=FPS)
    vault = RawVault(config, done.append)
    for number in range(seconds * FPS):
        at = start + timedelta(seconds=number / FPS)
        vault.write(RawFrame(picture(number), number, number / FPS, at))
    vault.close()
    for sealed in done:
        if sealed.ended_at is not None:
            SealedHour.objects.create(
                camera=camera,
                custodian_key=key,
                path=f"{FOLDER}/{camera.pk}/{sealed.path.name}",
                hour=sealed.header.bound.hour,
                sealed_key=sealed.header.sealed_key,
                state=SealedHour.State.CLOSED,
                started_at=sealed.header.started_at,
                ended_at=sealed.ended_at,
                width=WIDTH,
                height=HEIGHT,
                frame_count=sealed.frames,
                chunk_count=sealed.chunks,
                size_bytes=sealed.bytes,
            )


def make_vaulted(court: Court) -> Vaulted:
    key_file, public_key = key_file_make(PASSPHRASE)
    return vaulted_for(court, key_file, public_key)


def vaulted_for(court: Court, key_file: bytes, public_key: X25519PublicKey) -> Vaulted:
    key = CustodianKey.objects.create(
        public_key=public_key.public_bytes_raw().hex(),
        fingerprint=fingerprint(public_key),
        registered_by=court.custodian,
    )
    start = (timezone.now() - timedelta(hours=2)).replace(second=0, microsecond=0)
    seal(court.camera, start, key, public_key)
    viewer = make_user(Role.OPERATOR, court.camera.site, first_name="Åse", last_name="Bø")
    return Vaulted(court, key_file, viewer, start)


def confirmed_for(vaulted: Vaulted) -> FootageRelease:
    court, start = vaulted.court, vaulted.start  # the minute may turn between sealing and asking
    release = make_release(court.camera, court.administrator, start=start, viewer=vaulted.viewer)
    release_confirm(release=release, actor=vaulted.court.supervisor, reading=reading(release))
    release.refresh_from_db()
    return release


def opened(vaulted: Vaulted, hours: int = 2) -> tuple[FootageRelease, str]:
    release = confirmed_for(vaulted)
    code = release_open(release=release, actor=vaulted.court.custodian, proof=vaulted.proof, hours=hours, reason=REASON)
    release.refresh_from_db()
    return release, code
