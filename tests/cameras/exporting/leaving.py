"""A release that may leave as a file, and the steps of its viewer."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from asgiref.sync import async_to_sync
from django.test import Client

from cameras.exporting.models import FootageExport
from cameras.exporting.services.exporting import Asked, export_begin
from cameras.warrants.models import FootageRelease
from cameras.warrants.services.opening import release_open
from tests.cameras.warrants.made import REASON
from tests.cameras.warrants.vaulted import Vaulted, confirmed_for
from tests.paca_site.audit.test_trail_pages import client_of
from tests.proof import prove

WHY = "For the court, on a disk to be handed over."


def granted(vaulted: Vaulted, *, may_export: bool = True) -> tuple[FootageRelease, str]:
    release = confirmed_for(vaulted)
    code = release_open(
        release=release,
        actor=vaulted.court.custodian,
        proof=vaulted.proof,
        hours=2,
        reason=REASON,
        may_export=may_export,
    )
    release.refresh_from_db()
    return release, code


def asked(vaulted: Vaulted, start_s: float = 0, end_s: float = 40, **changed: Any) -> Asked:
    start, end = (vaulted.start + timedelta(seconds=seconds) for seconds in (start_s, end_s))
    return Asked(**{"part": None, "from_at": start, "to_at": end, "reason": WHY, **changed})


def begun(vaulted: Vaulted, release: FootageRelease, code: str, *args: float) -> FootageExport:
    return export_begin(release=release, actor=vaulted.viewer, code=code, asked=asked(vaulted, *args))


def streamed(pieces: AsyncIterator[bytes]) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in pieces])

    return async_to_sync(read)()


def unlocked(vaulted: Vaulted, release: FootageRelease, code: str) -> Client:
    client = client_of(vaulted.viewer)
    prove(client)
    assert client.post(f"/warrants/{release.pk}/unlock", {"code": code}).status_code == 302
    return client


def given(vaulted: Vaulted, release: FootageRelease, start_s: int = 5, end_s: int = 25) -> dict[str, str]:
    zone = ZoneInfo(release.site.time_zone)
    start, end = ((vaulted.start + timedelta(seconds=at)).astimezone(zone) for at in (start_s, end_s))
    return {"part": "", "from_at": f"{start:%Y-%m-%dT%H:%M:%S}", "to_at": f"{end:%Y-%m-%dT%H:%M:%S}", "reason": WHY}
