"""Deletion records as text, one JSON object a line, that anybody can check with the public keys beside them.

`docs/verify/` checks the same without PACA; docs/exports.md describes the format.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cameras.custody.models import DeletionRecord
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import canonical_json
from paca_site.audit.signing import Purpose, is_signed

KIND: Final = "deletion-records"
FILE: Final = "deletion-records.jsonl"


class RecordError(Exception):
    """A deletion record is not what was signed; the text says which and why."""


def record_line(record: DeletionRecord, entry: AuditEntry | None) -> str:
    """Return one record as it is exported; `entry` of the trail tells of the same deletion."""
    told: dict[str, Any] = {
        "record": record.pk,
        "text": record.text,
        "signature": record.signature,
        "key": record.key,
        "entry": {"number": entry.number, "hash": entry.hash} if entry else None,
    }
    return canonical_json(told) + "\n"


def check_record(record: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """Return what a record says, once its signature fits.

    Args:
        record: `record`, `text`, `signature` (128 hex digits), `key` (fingerprint, 64 hex digits).
        keys: public keys (64 hex digits) by fingerprint.

    Raises:
        RecordError: another key, or a byte was changed.
    """
    name = f"record {record['record']}"
    public = keys.get(record["key"])
    if public is None:
        raise RecordError(f"{name} is signed by {record['key']}, a key that is not there")
    raw = bytes.fromhex(public)
    if hashlib.sha256(raw).hexdigest() != record["key"]:
        raise RecordError(f"the key given for {record['key']} is another one")
    signature = record["signature"]
    is_spelled = signature == signature.lower()  # capitals would be a change that nobody finds
    key = Ed25519PublicKey.from_public_bytes(raw)
    if not is_spelled or not is_signed(key, Purpose.DELETION_RECORD, record["text"], signature):
        raise RecordError(f"{name} was changed: its signature does not fit")
    told: dict[str, Any] = json.loads(record["text"])
    return told


def check_lines(content: bytes, keys: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield what each record of an exported file says.

    Raises:
        RecordError: the first that is not sound, stands twice or out of order, or is no record at all.
    """
    last = 0
    for number, line in enumerate(content.decode().splitlines(), start=1):
        try:
            record = json.loads(line)
            if line != canonical_json(record):
                raise RecordError(f"line {number} is spelled otherwise than a record is")
            if record["record"] <= last:
                raise RecordError(f"record {record['record']} stands after record {last}")
            last = record["record"]
            yield check_record(record, keys)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecordError(f"line {number} is no deletion record: {type(error).__name__}") from error
