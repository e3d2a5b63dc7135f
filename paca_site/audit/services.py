"""Writing the trail and checking it."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from paca_site.accounts.models import User
from paca_site.audit.actions import ACTIONS
from paca_site.audit.models import AuditEntry

GENESIS_HASH = "0" * 64
MOST_FAULTS = 20
CHAIN_LOCK = 0x50414341  # "PACA": one writer of the chain at a time, until its transaction ends; audit_append() too
COLUMNS = [field.attname for field in AuditEntry._meta.concrete_fields]
APPEND_FUNCTION = "audit_append"
APPEND = f"SELECT {', '.join(COLUMNS)} FROM {APPEND_FUNCTION}(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608 - our names
current_request_id: ContextVar[uuid.UUID | None] = ContextVar("current_request_id", default=None)


def canonical_json(value: Mapping[str, Any]) -> str:
    """Return the one spelling of `value` that is hashed: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chain_hash(previous_hash: str, body: str) -> str:
    """Return SHA-256 over the previous hash and the body, as hex."""
    return hashlib.sha256(f"{previous_hash}\n{body}".encode()).hexdigest()


def audit_lock() -> None:
    """Make other writers of the trail wait until this transaction ends; call before a row is locked that they may need.

    Every entry takes this lock last, and a foreign key is checked only at the commit after it. Who changes a row that
    foreign keys point to must therefore come first, or the two wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


def audit_record(
    *,
    action: str,
    actor: User | None,
    subject: str = "",
    site_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry, inside the caller's transaction: both happen or neither.

    Call it last in the transaction: from here to the commit other writers of the trail wait.

    Args:
        action: a key of `ACTIONS`.
        actor: the person; None for the system itself.
        subject: what it was done to, such as `alert:12`.
        site_id: site of the subject.
        details: JSON-able facts; never pixels, passwords or names of filmed people.

    Raises:
        KeyError: `action` is not in the list.
        RuntimeError: no transaction is open.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"audit_record({action!r}) must run in the transaction of the change it records.")
    return _append(action=action, actor=actor, subject=subject, site_id=site_id, details=details)


def audit_record_now(
    *,
    action: str,
    actor: User | None,
    subject: str = "",
    site_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry that belongs to no change, for reading (consultation): committed when this returns.

    Inside a transaction it is committed, or not, with that. Arguments as for `audit_record`.
    """
    return _append(action=action, actor=actor, subject=subject, site_id=site_id, details=details)


def _append(
    *, action: str, actor: User | None, subject: str, site_id: int | None, details: Mapping[str, Any] | None
) -> AuditEntry:
    """Let the database lock the chain, number, date and hash the entry, and insert it, in one call.

    Only the database knows number and time, so the text goes there in the three parts around them.
    """
    verb = ACTIONS[action]
    request_id = current_request_id.get() or uuid.uuid4()
    to_at = {
        "action": action,
        "actor": actor.username if actor else None,
        "actor_id": actor.pk if actor else None,
    }
    to_end = {
        "request": str(request_id),
        "role": actor.role if actor else "system",
        "site": site_id,
        "subject": subject,
        "verb": verb.value,
    }
    values = (
        timezone.now(),
        action,
        verb.value,
        actor.pk if actor else None,
        request_id,
        subject,
        site_id,
        f'{canonical_json(to_at)[:-1]},"at":"',
        f'","details":{canonical_json(details or {})},"number":',
        f",{canonical_json(to_end)[1:]}",
    )
    with connection.cursor() as cursor:
        cursor.execute(APPEND, values)
        row = cursor.fetchone()
    entry = AuditEntry.from_db(connection.alias, COLUMNS, row)
    entry.actor = actor
    return entry


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of walking the whole chain.

    Attributes:
        count: how many entries before the first fault are sound; all, if there is none.
        head: hash of the last of them.
        faults: what is wrong, in order, at most `MOST_FAULTS` of them and then how many more there are.
    """

    count: int
    head: str
    faults: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Return whether nothing was found wrong."""
        return not self.faults

    @property
    def fault(self) -> str:
        """Everything that is wrong, in one line; empty if nothing is."""
        return "; ".join(self.faults)


def _fault(entry: AuditEntry, number: int, previous_hash: str) -> str:
    if entry.number != number:
        return f"entry {number} is missing: the next one found is {entry.number}"
    if entry.previous_hash != previous_hash:
        return f"entry {number} does not follow entry {number - 1}: its previous hash is another one"
    if entry.hash != chain_hash(previous_hash, entry.body):
        return f"entry {number} was changed: its hash does not fit its text"
    body = json.loads(entry.body)
    columns = {
        "number": entry.number,
        "action": entry.action,
        "verb": entry.verb,
        "subject": entry.subject,
        "site": entry.site_id,
        "request": str(entry.request_id),
    }
    if "actor_id" in body:  # a name may be corrected, who it was may not
        columns["actor_id"] = entry.actor_id
    elif (body["actor"] is None) != (entry.actor_id is None):  # an entry of before the id stood in the text
        columns["actor"] = entry.actor_id
    wrong = [name for name, value in columns.items() if body.get(name) != value]
    if datetime.fromisoformat(body["at"]) != entry.at:
        wrong.append("at")
    return f"entry {number} was changed: its columns {', '.join(wrong)} differ from its text" if wrong else ""


def audit_verify(entries: Iterator[AuditEntry] | None = None) -> Verification:
    """Walk the chain from the first entry to the last and report what is wrong; after a fault the walk goes on.

    Truncation of the tail shows against the head that was written down elsewhere (`verify_audit --expect-head`).
    """
    count, head = 0, GENESIS_HASH
    faults: list[str] = []
    found, number, previous_hash = 0, 1, GENESIS_HASH
    for entry in entries or AuditEntry.objects.order_by("number").iterator(chunk_size=2000):
        fault = _fault(entry, number, previous_hash)
        if fault:
            found += 1
            faults += [fault] if found <= MOST_FAULTS else []
        elif not found:
            count, head = number, entry.hash
        number, previous_hash = entry.number + 1, entry.hash
    if found > MOST_FAULTS:
        faults.append(f"{found - MOST_FAULTS} more")
    return Verification(count=count, head=head, faults=tuple(faults))
