"""Signed checkpoints of the trail, kept outside the database.

A hash chain shows what was changed inside it, but not that its end was cut off, that an old backup took its place or
that all of it was written anew. Every few minutes one line goes into a file: how many entries there are and the hash of
the last one, chained to the line before and signed. Whoever keeps copies of those lines (`PACA_CHECKPOINT_FILE` on a
disk of its own, `PACA_CHECKPOINT_WEBHOOK`) can show all three.
"""

import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.utils import timezone

from paca_site.audit.models import AuditEntry
from paca_site.audit.services import GENESIS_HASH, canonical_json
from paca_site.audit.signing import Purpose, fingerprint, is_signed, sign

logger = logging.getLogger(__name__)

QUIET: Final = timedelta(hours=1)
"""Without a new entry a checkpoint is written so often: it shows that the trail was still whole then."""

BATCH: Final = 2000


class CheckpointError(Exception):
    """The trail contradicts a checkpoint, or the file of checkpoints itself is not sound; the text says where."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One line of the file.

    Attributes:
        sequence: from 1, without gaps.
        at: ISO 8601, UTC.
        count: entries in the trail at that time.
        head: hash of the last of them.
        previous: SHA-256 of the line before, or zeros.
        key: public key, 64 hex digits.
        signature: Ed25519 over all the rest, 128 hex digits.
    """

    sequence: int
    at: str
    count: int
    head: str
    previous: str
    key: str
    signature: str

    @property
    def signed_text(self) -> str:
        """What the signature covers: everything but itself."""
        return canonical_json({name: value for name, value in asdict(self).items() if name != "signature"})

    @property
    def line(self) -> str:
        """The line as it stands in the file, without its end."""
        return canonical_json(asdict(self))

    @property
    def made_at(self) -> datetime:
        """When it was written."""
        return datetime.fromisoformat(self.at)


def line_hash(line: str) -> str:
    """Return SHA-256 of a line, as hex."""
    return hashlib.sha256(line.encode()).hexdigest()


def read_checkpoints(path: Path) -> list[Checkpoint]:
    """Return every checkpoint of the file, oldest first; none if there is no file.

    Raises:
        CheckpointError: a line is no checkpoint.
    """
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(Checkpoint(**json.loads(line)))
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"{path.name}, line {number} is no checkpoint") from error
    return found


def check_signatures(checkpoints: list[Checkpoint]) -> None:
    """Check the lines by themselves: order, chain, signatures.

    Raises:
        CheckpointError: the first that is wrong.
    """
    previous, count = GENESIS_HASH, 0
    for number, one in enumerate(checkpoints, start=1):
        if one.sequence != number:
            raise CheckpointError(f"checkpoint {number} is missing: the next one found is {one.sequence}")
        if one.previous != previous:
            raise CheckpointError(f"checkpoint {number} does not follow the one before")
        if one.count < count:
            raise CheckpointError(f"checkpoint {number} knows fewer entries than the one before")
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(one.key))
        except ValueError as error:
            raise CheckpointError(f"checkpoint {number} names no key") from error
        if not is_signed(key, Purpose.CHECKPOINT, one.signed_text, one.signature):
            raise CheckpointError(f"checkpoint {number} was changed: its signature does not fit")
        previous, count = line_hash(one.line), one.count


def check_trail(checkpoints: list[Checkpoint]) -> None:
    """Compare the trail in the database with what was signed.

    Raises:
        CheckpointError: the trail ends before a checkpoint, or is another one.
    """
    for start in range(0, len(checkpoints), BATCH):
        part = checkpoints[start : start + BATCH]
        numbers = {one.count for one in part}
        hashes = dict(AuditEntry.objects.filter(number__in=numbers).values_list("number", "hash"))
        for one in part:
            found = hashes.get(one.count, GENESIS_HASH if one.count == 0 else None)
            if found is None:
                raise CheckpointError(
                    f"entries are missing at the end: checkpoint {one.sequence} of {one.at} knew {one.count}"
                )
            if found != one.head:
                raise CheckpointError(
                    f"entry {one.count} is not the one that checkpoint {one.sequence} of {one.at} knew: "
                    "the trail was written anew, or continued from an old backup"
                )


def checkpoint_write(*, path: Path, key: Ed25519PrivateKey) -> Checkpoint | None:
    """Sign the trail as it is now; return the new checkpoint, or None if nothing has happened since a recent one.

    Side effects: appends one line to `path`, on disk when this returns. Nothing is signed over a contradiction.

    Raises:
        CheckpointError: the trail or the file contradicts the last checkpoint.
    """
    with _open_alone(path) as file:
        checkpoints = read_checkpoints(path)
        last = checkpoints[-1] if checkpoints else None
        check_trail(checkpoints[-1:])
        head = AuditEntry.objects.order_by("-number").values_list("number", "hash").first() or (0, GENESIS_HASH)
        now = timezone.now().astimezone(UTC)
        if last and last.count == head[0] and now - last.made_at < QUIET:
            return None
        unsigned = Checkpoint(
            sequence=last.sequence + 1 if last else 1,
            at=now.isoformat(timespec="seconds"),
            count=head[0],
            head=head[1],
            previous=line_hash(last.line) if last else GENESIS_HASH,
            key=key.public_key().public_bytes_raw().hex(),
            signature="",
        )
        signature = sign(key, Purpose.CHECKPOINT, unsigned.signed_text)
        made = Checkpoint(**{**asdict(unsigned), "signature": signature})
        os.write(file, f"{made.line}\n".encode())
        os.fsync(file)
    logger.info("checkpoint %d: %d entries, key %s", made.sequence, made.count, fingerprint(key.public_key())[:16])
    return made


@contextmanager
def _open_alone(path: Path) -> Iterator[int]:
    """Open the file for appending, locked; a line that a killed process left unfinished is taken off first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        content = path.read_bytes()
        if content and not content.endswith(b"\n"):
            logger.warning("%s: its last line was never finished and is removed", path)
            os.ftruncate(file, content.rfind(b"\n") + 1)
        yield file
    finally:
        os.close(file)
