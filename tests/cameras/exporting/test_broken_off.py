"""An export that is broken off, or goes past the pages: no signature, no process left, refused by the database."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings as live_settings
from django.core.exceptions import ValidationError
from django.core.signals import request_finished
from django.db import IntegrityError, close_old_connections, transaction
from django.http import StreamingHttpResponse

from cameras.exporting import streaming
from cameras.exporting.models import ExportGrant, FootageExport
from cameras.exporting.services.exporting import export_finish
from cameras.exporting.streaming import ExportBroken, ExportStream
from cameras.warrants.models import FootageRelease
from cameras.warrants.services.opening import release_end
from cameras.warrants.vault_door import VaultRefused
from cameras.warrants.vault_stream import VaultStream
from paca_site.audit.export_file import ExportError, read_export
from paca_site.audit.models import AuditEntry
from paca_site.audit.signing import signing_key
from tests.cameras.exporting.leaving import WHY, begun, granted
from tests.cameras.warrants.test_viewer import move_expiry
from tests.cameras.warrants.vaulted import Vaulted
from tests.paca_site.audit.test_export_file import ALONE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


class Ending:
    """Ends the release once some pieces have left."""

    def __init__(self, stream: ExportStream, end: Callable[[], object]) -> None:
        self.stream, self.end, self.pieces = stream, end, list[bytes]()

    def run(self) -> bytes:
        async def read() -> None:
            async for piece in self.stream:
                self.pieces.append(piece)
                if len(self.pieces) == 3:
                    await sync_to_async(self.end)()

        async_to_sync(read)()
        return b"".join(self.pieces)


ENDS: dict[str, Callable[[Vaulted, FootageRelease, ExportStream], object]] = {
    "the custodian ends the release": lambda vaulted, release, stream: release_end(
        release=release, actor=vaulted.court.custodian, reason="The court has what it needs."
    ),
    "its time is over": lambda vaulted, release, stream: move_expiry(
        release, vaulted.start + timedelta(hours=1, minutes=59)
    ),
    "the vault's process is killed": lambda vaulted, release, stream: stream._vault._process.kill(),
    "the viewer leaves": lambda vaulted, release, stream: (
        type(vaulted.viewer).objects.filter(pk=vaulted.viewer.pk).update(is_active=False)
    ),
}


@pytest.mark.parametrize(("case", "ask_again_s"), [*((case, 0.0) for case in ENDS), ("its time is over", 3600.0)])
def test_what_ends_while_a_file_is_made_leaves_it_without_a_signature(
    vaulted: Vaulted, monkeypatch: pytest.MonkeyPatch, case: str, ask_again_s: float
) -> None:
    monkeypatch.setattr(streaming, "ASK_AGAIN_S", ask_again_s)
    release, code = granted(vaulted)
    stream = ExportStream(begun(vaulted, release, code), code, signing_key(live_settings.CHECKPOINT_KEY))
    ending = Ending(stream, lambda: ENDS[case](vaulted, release, stream))
    with pytest.raises(ExportBroken):
        ending.run()
    part = b"".join(ending.pieces)
    assert part.startswith(b"PK\x03\x04"), "something left"
    with pytest.raises(ExportError):
        read_export(part)
    with pytest.raises(ALONE.NotSoundError):
        ALONE.check(part)
    export = FootageExport.objects.get()
    assert (export.finished_at, export.files) == (None, [])
    assert not AuditEntry.objects.filter(action="warrant.exported").exists()
    assert stream._vault._process.poll() is not None, "the vault's process ended"


def test_an_answer_that_nobody_reads_ends_the_vaults_process(vaulted: Vaulted) -> None:
    release, code = granted(vaulted)
    stream = ExportStream(begun(vaulted, release, code), code, signing_key(live_settings.CHECKPOINT_KEY))
    answer = StreamingHttpResponse(stream)
    process = stream._vault._process
    assert process.poll() is None
    with pytest.raises(VaultRefused, match="Another export is being made"):
        VaultStream({})
    request_finished.disconnect(close_old_connections)  # as the test client does
    try:
        answer.close()
    finally:
        request_finished.connect(close_old_connections)
    assert process.poll() is not None
    VaultStream({}).close()


def test_the_database_refuses_what_goes_past_the_pages(vaulted: Vaulted) -> None:
    release, _ = granted(vaulted)
    values = {
        "release": release,
        "starts_at": vaulted.start,
        "ends_at": vaulted.start + timedelta(seconds=10),
        "reason": WHY,
        "exported_by": vaulted.viewer,
    }

    def refused(rule: str, act: Callable[[], object]) -> None:
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            act()
        assert cast("Any", error.value.__cause__).diag.constraint_name == rule

    make = FootageExport.objects.create
    refused("footage_export_within_the_release", lambda: make(**{**values, "exported_by": vaulted.court.custodian}))
    refused(
        "footage_export_of_these_minutes", lambda: make(**{**values, "ends_at": vaulted.start + timedelta(hours=3)})
    )
    refused("footage_export_begins", lambda: make(**values, finished_at=vaulted.start, files=[1]))
    grant = ExportGrant.objects.get()
    refused("export_grant_for_ever", grant.delete)
    export = make(**values)
    refused("footage_export_for_ever", export.delete)
    refused("footage_export_for_ever", lambda: FootageExport.objects.update(reason="another reason than before"))
    export_finish(export=export, files=[{"name": "a.mp4"}], hashes={})
    refused("footage_export_for_ever", lambda: FootageExport.objects.update(files=[]))
    with pytest.raises(ValidationError, match="finished before"):
        export_finish(export=export, files=[{"name": "a.mp4"}], hashes={})
    other, _code = granted(vaulted, may_export=False)
    refused("footage_export_within_the_release", lambda: make(**{**values, "release": other}))
    late = ExportGrant(release=other, granted_by=vaulted.court.supervisor)
    refused("export_granted_with_the_approval", late.save)


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    VaultStream({}).close()  # the one place is free again
