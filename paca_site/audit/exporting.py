"""The trail as text, for people who trust nothing here: `docs/verify/verify_audit.py` checks it without PACA.

One JSON object per line. `{"kind": "entry", ...}` in order; of an entry outside the reader's sites only number and
hashes, so that the chain can still be followed. Then `{"kind": "checkpoint", ...}`, as they stand in the file.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from paca_site.audit.checkpoints import Checkpoint, read_checkpoints
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import canonical_json

CHUNK = 1000


def entry_line(entry: AuditEntry, sites: frozenset[int] | None) -> str:
    """Return one entry; `sites` are those whose text may be read, None for all."""
    told: dict[str, object] = {
        "kind": "entry",
        "number": entry.number,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }
    if sites is None or entry.site_id is None or entry.site_id in sites:
        told["body"] = entry.body
    return canonical_json(told) + "\n"


def checkpoint_line(one: Checkpoint) -> str:
    """Return one checkpoint; `line` is its exact text, which the next one's `previous` covers."""
    return canonical_json({"kind": "checkpoint", "line": one.line}) + "\n"


def export_lines(path: Path) -> Iterator[str]:
    """Yield the whole trail and the checkpoints in `path`, in constant memory."""
    for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=CHUNK):
        yield entry_line(entry, None)
    for one in read_checkpoints(path):
        yield checkpoint_line(one)


async def export_stream(path: Path, sites: frozenset[int] | None, until: int) -> AsyncIterator[str]:
    """Yield the same up to entry `until` for one reader; asynchronous, as ASGI would read a plain one into memory."""
    entries = AuditEntry.objects.filter(number__lte=until).order_by("number")
    part: list[str] = []
    async for entry in entries.aiterator(chunk_size=CHUNK):
        part.append(entry_line(entry, sites))
        if len(part) == CHUNK:
            yield "".join(part)
            part.clear()
    part += [checkpoint_line(one) for one in read_checkpoints(path) if one.count <= until]
    yield "".join(part)
