"""Deletion records outside and inside: every changed byte is found, and every record that was lost."""

import json
import random
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from cameras.custody.models import DeletionRecord
from cameras.custody.record_file import FILE
from cameras.custody.services.proving import records_verify
from cameras.custody.services.recording import deletion_record_make
from cameras.custody.services.shredding import sealed_destroy_all, sealed_purge
from cameras.models import Camera, Site
from paca_site.accounts.models import Role
from paca_site.audit.checkpoints import checkpoint_write
from paca_site.audit.export_file import ExportFile, pack_export, read_export
from paca_site.audit.models import AuditEntry
from paca_site.audit.signing import fingerprint, signing_key
from tests.cameras.custody.sealed import make_key, make_sealed
from tests.cast import make_camera, make_policy, make_site, make_user
from tests.paca_site.audit.test_export_file import ALONE
from tests.paca_site.audit.test_trail_pages import client_of
from tests.proof import proved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
HOUR = timedelta(hours=1)
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OWN = re.compile(rb'"(signature|key)":"[0-9a-f]+"|"text":"([^"\\]|\\.)*"')
"""What a record's own signature holds."""
WHY = {"reason": "Asked for by Datatilsynet, 26/0012."}


@pytest.fixture(autouse=True)
def _checkpoints(tmp_path: Path, settings: Any) -> None:
    settings.CHECKPOINT_FILE = tmp_path / "audit" / "checkpoints.jsonl"


@pytest.fixture
def site() -> Site:
    return make_site(name="Torvet Blåøy")


@pytest.fixture
def destroyed(site: Site) -> Camera:
    camera, key, now = make_camera(site, retention=make_policy(raw_hours=24)), make_key(), timezone.now()
    for age in (30, 26, 2):
        make_sealed(camera, now - age * HOUR, key)
    assert sealed_purge(camera=camera) == 2
    assert sealed_destroy_all(camera=camera, reason="the camera leaves") == 1
    return camera


@pytest.fixture
def auditor(site: Site) -> Client:
    return proved(client_of(make_user(Role.AUDITOR, site)))


def export(client: Client, **days: str) -> ExportFile:
    answer = client.post("/custody/records", {**WHY, **days})
    assert answer.status_code == 200, answer.text
    return read_export(answer.content)


def lines(found: ExportFile) -> list[dict[str, Any]]:
    return [json.loads(line) for line in found.files[FILE].decode().splitlines()]


def fault_of(content: bytes) -> str:
    """Return what both verifiers find wrong; they must agree that something is."""
    try:
        ALONE.check(content)
    except ALONE.NotSoundError as error:
        return str(error)
    return ""


@pytest.mark.usefixtures("destroyed")
def test_an_auditor_takes_the_records_out_and_anybody_checks_them(auditor: Client, site: Site, tmp_path: Path) -> None:
    assert "Export deletion records" in auditor.get("/custody/").text
    assert "There are 2 records." in auditor.get("/custody/records").text
    answer = auditor.post("/custody/records", WHY)
    found = read_export(answer.content)
    assert [json.loads(line["text"])["reason"] for line in lines(found)] == ["policy", "the camera leaves"]
    assert (
        found.manifest["records"] | {"count": 2, "files_destroyed": 3, "bytes_destroyed": 30}
        == (found.manifest["records"])
    )
    assert found.manifest["sites"] == [{"id": site.pk, "name": "Torvet Blåøy"}]
    entry = AuditEntry.objects.get(action="custody.records-exported")
    assert (entry.verb, found.manifest["exported"]["audit_entry"]["hash"]) == ("disclosure", entry.hash)
    for line in lines(found):
        told = AuditEntry.objects.get(number=line["entry"]["number"])
        assert json.loads(told.body)["details"]["record"] == line["record"]
    assert fault_of(answer.content) == ""
    file = tmp_path / "records.zip"
    file.write_bytes(answer.content)
    call_command("verify_export", str(file))


@pytest.mark.usefixtures("destroyed")
def test_every_changed_byte_of_a_record_is_found_even_in_a_file_signed_anew(auditor: Client, tmp_path: Path) -> None:
    found = export(auditor)
    whole, file = found.files[FILE], tmp_path / "records.zip"
    manifest = {name: value for name, value in found.manifest.items() if name != "files"}
    assert fault_of(pack_export(manifest, found.files, OTHER)) == ""
    # number and entry are said by the file's signature alone, which tests/paca_site/audit/test_export_file.py changes
    signed = [place for value in OWN.finditer(whole) for place in range(*value.span())]
    dice = random.Random(7)
    for place in dice.sample(signed, 500):
        changed = bytearray(whole)
        changed[place] ^= dice.randrange(1, 256)
        again = pack_export(manifest, {**found.files, FILE: bytes(changed)}, OTHER)
        assert fault_of(again), f"byte {place}: {whole[place]} to {changed[place]}"
        file.write_bytes(again)
        with pytest.raises(CommandError):
            call_command("verify_export", str(file), key=fingerprint(OTHER.public_key()))


CHANGES: dict[str, tuple[Callable[[list[dict[str, Any]]], object], str]] = {
    "left out": (lambda records: records.pop(), "tells of 2 records"),
    "twice": (lambda records: records.append(records[0]), "out of order"),
    "another text": (lambda records: records[0].update(text=records[1]["text"]), "own signature does not fit"),
    "in capitals": (lambda records: records[0].update(signature=records[0]["signature"].upper()), "own signature"),
    "another key": (lambda records: records[0].update(key="0" * 64), "a key that is not in the file"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("destroyed")
def test_records_left_out_repeated_or_swapped_are_found(auditor: Client, change: str) -> None:
    found = export(auditor)
    records = lines(found)
    act, words = CHANGES[change]
    act(records)
    text = "".join(json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n" for one in records)
    manifest = {name: value for name, value in found.manifest.items() if name != "files"}
    assert words in fault_of(pack_export(manifest, {**found.files, FILE: text.encode()}, OTHER))


@pytest.mark.usefixtures("destroyed")
def test_records_of_an_earlier_key_are_checked_by_the_key_that_a_checkpoint_kept(auditor: Client) -> None:
    former = signing_key(Path(settings.CHECKPOINT_KEY))
    checkpoint_write(path=settings.CHECKPOINT_FILE, key=former)
    settings.CHECKPOINT_KEY.unlink()
    found = export(auditor)
    assert list(found.manifest["keys"]) == [fingerprint(former.public_key())]
    assert found.key != fingerprint(former.public_key())
    assert records_verify().faults == ()
    settings.CHECKPOINT_FILE.unlink()
    answer = auditor.post("/custody/records", WHY)
    assert "a key that is not in the file" in fault_of(answer.content)
    assert all("a key that is not there" in fault for fault in records_verify().faults)


def test_who_may_not_and_what_is_not_there(auditor: Client, destroyed: Camera) -> None:
    unproved = client_of(make_user(Role.AUDITOR, destroyed.site))
    for answer in (unproved.get("/custody/records"), unproved.post("/custody/records", WHY)):
        assert "reauthenticate" in answer["Location"]
    supervisor = client_of(make_user(Role.SUPERVISOR, destroyed.site))
    assert supervisor.get("/custody/records").status_code == 403
    assert "Export deletion records" not in supervisor.get("/custody/").text
    short = auditor.post("/custody/records", {"reason": "because"})
    assert short.status_code == 422
    late = auditor.post("/custody/records", {**WHY, "from_day": "2040-01-01"})
    assert "There are 0 deletion records in this time" in late.text
    turned = auditor.post("/custody/records", {**WHY, "from_day": "2026-02-02", "to_day": "2026-02-01"})
    assert "must not be before the first" in turned.text
    assert not AuditEntry.objects.filter(action="custody.records-exported").exists()
    elsewhere = proved(client_of(make_user(Role.AUDITOR, make_site())))
    assert "No records yet" in elsewhere.get("/custody/records").text
    assert elsewhere.post("/custody/records", WHY).status_code == 422
    today = timezone.localdate(timezone=ZoneInfo(destroyed.site.time_zone)).isoformat()
    assert len(lines(export(auditor, from_day=today, to_day=today))) == 2


def test_an_unusable_key_exports_nothing_and_leaves_no_entry(auditor: Client, destroyed: Camera) -> None:
    settings.CHECKPOINT_KEY.chmod(0o644)
    answer = auditor.post("/custody/records", WHY)
    assert (answer.status_code, "cannot be used" in answer.text) == (422, True)
    assert not AuditEntry.objects.filter(action="custody.records-exported").exists()


DAMAGE = {
    "its text": ("UPDATE custody_deletionrecord SET text = replace(text, '\"count\":2', '\"count\":1')", "was changed"),
    "its camera": ("UPDATE custody_deletionrecord SET camera_id = %(other)s", "its columns differ"),
    "gone": ("DELETE FROM custody_deletionrecord WHERE text LIKE '%%policy%%'", "is gone: entry"),
    "its signature": ("UPDATE custody_deletionrecord SET signature = repeat('0', 128)", "signature does not fit"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_command_finds_what_somebody_changed_in_the_database(
    destroyed: Camera, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_deletions")
    assert "sound: 2 deletion records" in capsys.readouterr().out
    statement, words = DAMAGE[damage]
    with connection.cursor() as cursor:  # whoever owns the database switches its triggers off
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE custody_deletionrecord DISABLE TRIGGER custody_deletion_record_stays")
        cursor.execute(statement, {"other": make_camera(destroyed.site).pk})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE custody_deletionrecord ENABLE TRIGGER custody_deletion_record_stays")
    with pytest.raises(CommandError) as refused:
        call_command("verify_deletions")
    assert refused.value.returncode == 1
    assert words in capsys.readouterr().err


def test_a_record_that_the_trail_does_not_tell_of_is_found(destroyed: Camera) -> None:
    made = deletion_record_make(camera=destroyed, details={"kind": "x", "count": 1, "bytes": 1})
    assert records_verify().faults == (f"record {made.pk}: no entry of the trail tells of it",)
    assert DeletionRecord.objects.count() == 3
