"""Showing what was destroyed: deletion records handed out, and those in the database checked against the trail."""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from cameras.custody.models import DeletionRecord
from cameras.custody.record_file import FILE, KIND, RecordError, check_record, record_line
from cameras.models import Site
from paca_site.accounts.models import User
from paca_site.audit.checkpoints import CheckpointError, read_checkpoints
from paca_site.audit.export_facts import export_facts, export_key, iso_ms
from paca_site.audit.export_file import file_facts, pack_export
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import audit_record
from paca_site.audit.signing import fingerprint, signing_key

logger = logging.getLogger(__name__)
MOST_RECORDS: Final = 20_000
"""In one file: it is made in memory, some 700 bytes a record."""
REASON_MIN: Final = 10
README: Final = """Deletion records of PACA
========================

deletion-records.jsonl  what was destroyed (video, clips, alerts): one signed record a line
manifest.json           who exported it, when and why; the public keys; SHA-256 of every file

A record says camera, site, time of deletion, of what kind and how many files or alerts and bytes, from when to when
they were filmed, by which policy or for which reason. It holds nothing of what was destroyed. The record's own
signature was made when the files were destroyed; the one of this file when it was exported. "entry" names the entry of
the audit trail that tells the same: with an export of the trail (docs/verify/verify_audit.py) it shows whether a record
was left out.

Keep the zip as you got it. Without PACA and without a network it is checked by docs/verify/verify_export.html (drop it
on the page) or: pip install cryptography, then: python verify_export.py FILE --key FINGERPRINT
Get the fingerprint from the auditor by another way than this file.
"""


def known_keys(current: Ed25519PrivateKey | None = None) -> dict[str, str]:
    """Return the installation's public keys (hex) by fingerprint: today's, and those that signed checkpoints before.

    Raises:
        CheckpointError: the file of checkpoints cannot be read.
        SigningError: the key cannot be used.
    """
    if current is None and settings.CHECKPOINT_KEY.exists():
        current = signing_key(settings.CHECKPOINT_KEY)
    publics = {one.key for one in read_checkpoints(settings.CHECKPOINT_FILE)}
    if current is not None:
        publics.add(current.public_key().public_bytes_raw().hex())
    return {fingerprint_of(public): public for public in publics}


def fingerprint_of(public: str) -> str:
    """Return the fingerprint of a public key (64 hex digits)."""
    return fingerprint(Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)))


def records_export(
    *,
    records: "QuerySet[DeletionRecord]",
    sites: Iterable[Site],
    actor: User,
    reason: str,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
) -> tuple[str, bytes]:
    """Return name and bytes of a signed zip with deletion records. Audit: `custody.records-exported`, before any byte.

    Args:
        records: what the person may see (`visible_records`).
        sites: their sites, named in the manifest, so that it says what it is complete for.
        actor: who takes it out.
        reason: why, 10 characters or more.
        from_at: records made from here on, aware; None for all ...
        to_at: ... to before here.

    Raises:
        ValidationError: no reason, no record, too many, or a key or the file of checkpoints cannot be used.
    """
    reason = reason.strip()
    if len(reason) < REASON_MIN:
        raise ValidationError(
            gettext("Say why in at least {least} characters; these are {count}.").format(
                least=REASON_MIN, count=len(reason)
            )
        )
    found = records.order_by("pk")
    found = found.filter(made_at__gte=from_at) if from_at else found
    found = found.filter(made_at__lt=to_at) if to_at else found
    count = found.count()
    if not 1 <= count <= MOST_RECORDS:
        raise ValidationError(
            gettext("There are {count} deletion records in this time; one file holds 1 to {most}.").format(
                count=count, most=MOST_RECORDS
            )
        )
    key = export_key()
    chosen = list(found)
    entries = _entries_of(chosen)
    files = {
        FILE: "".join(record_line(record, entries.get(record.pk)) for record in chosen).encode(),
        "README.txt": README.encode(),
    }
    summary = _summary(chosen)
    manifest = {
        "kind": KIND,
        "period": {"from": iso_ms(from_at), "to": iso_ms(to_at)},
        "sites": [{"id": site.pk, "name": site.name} for site in sites],
        "records": summary,
        "keys": _keys_of(chosen, key),
    }
    with transaction.atomic():
        entry = audit_record(
            action="custody.records-exported",
            actor=actor,
            details={
                "reason": reason,
                **summary,
                "files": {name: file_facts(content)["sha256"] for name, content in files.items()},
            },
        )
        content = pack_export({**export_facts(entry, actor, "", reason), **manifest}, files, key)
    logger.info("%d deletion records exported, entry %d of the trail", len(chosen), entry.number)
    return f"paca-deletion-records-{entry.number}.zip", content


def _keys_of(records: list[DeletionRecord], current: Ed25519PrivateKey) -> dict[str, str]:
    try:
        known = known_keys(current)
    except CheckpointError as error:
        logger.exception("the file of checkpoints cannot be read")
        raise ValidationError(gettext("The file of checkpoints cannot be read; the machine's log says why.")) from error
    needed = {record.key for record in records}
    for missing in sorted(needed - known.keys()):
        logger.error("deletion records are signed by %s, a key that no checkpoint names", missing)
    return {name: known[name] for name in sorted(needed & known.keys())}


def _summary(records: list[DeletionRecord]) -> dict[str, Any]:
    told = [json.loads(record.text) for record in records]
    return {
        "count": len(records),
        "first": records[0].pk,
        "last": records[-1].pk,
        "files_destroyed": sum(one["count"] for one in told),
        "bytes_destroyed": sum(one["bytes"] for one in told),
    }


def _entries_of(records: list[DeletionRecord]) -> dict[int, AuditEntry]:
    wanted = {record.pk for record in records}
    found: dict[int, AuditEntry] = {}
    for entry, number in _telling(min(record.made_at for record in records)):
        if number in wanted:
            found[number] = entry
            if len(found) == len(wanted):
                break
    return found


def _telling(since: datetime | None = None) -> Iterator[tuple[AuditEntry, int]]:
    """Yield the entries of the trail that name a deletion record, with its number."""
    entries = AuditEntry.objects.filter(action="retention.purged", body__contains='"record":').order_by("number")
    if since is not None:  # the record is made before its entry, in the same transaction
        entries = entries.filter(at__gte=since)
    for entry in entries.iterator(chunk_size=1000):
        number = json.loads(entry.body)["details"].get("record")
        if isinstance(number, int):
            yield entry, number


@dataclass(frozen=True, slots=True)
class RecordsVerdict:
    """What was found of the deletion records of this installation: how many there are, and everything wrong."""

    count: int
    faults: tuple[str, ...]


def records_verify() -> RecordsVerdict:
    """Check every deletion record in the database: its signature, its columns, and that the trail tells the same.

    Raises:
        CheckpointError: the file of checkpoints cannot be read, so earlier keys are not known.
        SigningError: the installation's key cannot be used.
    """
    keys, faults, count = known_keys(), list[str](), 0
    named = {number: entry for entry, number in _telling()}
    for record in DeletionRecord.objects.select_related("camera").order_by("pk").iterator(chunk_size=1000):
        count += 1
        try:
            told = check_record(
                {"record": record.pk, "text": record.text, "signature": record.signature, "key": record.key}, keys
            )
        except RecordError as error:
            faults.append(str(error))
            named.pop(record.pk, None)
            continue
        if told["camera"] != record.camera_id or told["at"] != record.made_at.isoformat():
            faults.append(f"record {record.pk}: its columns differ from its text")
        entry = named.pop(record.pk, None)
        if entry is None:
            faults.append(f"record {record.pk}: no entry of the trail tells of it")
        elif not _tells_the_same(json.loads(entry.body)["details"], told):
            faults.append(f"record {record.pk}: entry {entry.number} of the trail tells something else")
    faults += [
        f"record {number} is gone: entry {entry.number} of the trail of {entry.at:%Y-%m-%d %H:%M} names it"
        for number, entry in named.items()
    ]
    return RecordsVerdict(count, tuple(faults))


def _tells_the_same(details: dict[str, Any], told: dict[str, Any]) -> bool:
    same = {name: value for name, value in told.items() if name not in {"camera", "site", "at"}}
    return {name: value for name, value in details.items() if name != "record"} == same
