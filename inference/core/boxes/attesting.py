"""Attestation: each minute a box says what became of every raw frame. The box writes a record, the server checks it.

Each record names the hash of the one before it, so that none can be left out, changed or put in afterwards. The sum:

    decoded + held_before = masked + withheld + discarded + held

`discarded` frames were thrown away unseen (overload, the end of a line); `held` ones are inside the line at that
moment, waiting for the masker's look-ahead. `raw_left` is measured apart from the sum: how many raw pictures that
entered the line are still in memory. Neither may exceed what a line can hold, so nothing is put aside.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

GENESIS: Final = "0" * 64
MAX_HELD: Final = 64
"""Frames that may be inside one line; look-ahead and queue together hold fewer than ten."""
MAX_GAP_S: Final = 5.0
"""Between the end of a record and the beginning of the next; a restart takes longer and is told."""
MAX_SPAN_S: Final = 130.0
ATTESTED: Final = ("decoded", "masked", "withheld", "discarded")
COUNTS: Final = (*ATTESTED, "held_before", "held", "raw_left")


def canonical(record: Mapping[str, Any]) -> str:
    """Return the one spelling of a record that is hashed and signed."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def record_hash(text: str) -> str:
    """Return SHA-256 of a record's text, which names the hash before it."""
    return hashlib.sha256(text.encode()).hexdigest()


def record_parse(text: str) -> dict[str, Any]:
    """Read a record.

    Raises:
        ValueError: it is none; says what it lacks.
    """
    record = json.loads(text)
    try:
        if not isinstance(record["number"], int) or record["number"] < 1 or not isinstance(record["previous"], str):
            raise ValueError("`number` must be a whole number from 1 and `previous` a hash.")
        for name in ("began_at", "ended_at"):
            if datetime.fromisoformat(record[name]).tzinfo is None:
                raise ValueError(f"`{name}` must know its time zone.")
        for camera, counts in record["cameras"].items():
            int(camera)
            for name in COUNTS:
                if not isinstance(counts[name], int):
                    raise ValueError(f"`{name}` of camera {camera} must be a whole number, got {counts[name]!r}.")
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"An attestation lacks or garbles {error}.") from error
    return dict(record)


def sum_faults(record: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a record by itself, in sentences; empty if nothing is."""
    faults = []
    span_s = _span_s(record["began_at"], record["ended_at"])
    if not 0 <= span_s <= MAX_SPAN_S:
        faults.append(f"It spans {span_s:.0f} s; at most {MAX_SPAN_S:.0f} are allowed.")
    for camera, counts in record["cameras"].items():
        gone = counts["masked"] + counts["withheld"] + counts["discarded"] + counts["held"] - counts["held_before"]
        if any(counts[name] < 0 for name in COUNTS):
            faults.append(f"Camera {camera}: a count is negative.")
        if counts["decoded"] != gone:
            faults.append(f"Camera {camera}: {counts['decoded']} frames decoded, {gone} accounted for.")
        for name, words in (("held", "held in the line"), ("raw_left", "raw pictures left in memory")):
            if counts[name] > MAX_HELD:
                faults.append(f"Camera {camera}: {counts[name]} {words}; at most {MAX_HELD} are allowed.")
    return faults


def chain_faults(record: Mapping[str, Any], before: Mapping[str, Any] | None, before_hash: str) -> list[str]:
    """Return why a record does not follow the one before it, in sentences; empty if it does.

    Args:
        record: the newer one.
        before: the newest one known; None: this must be the first.
        before_hash: its hash, `GENESIS` where there is none.
    """
    number = 1 if before is None else before["number"] + 1
    if record["number"] != number:
        return [f"Records {number} to {record['number'] - 1} are missing."]
    faults = []
    if record["previous"] != before_hash:
        faults.append(f"Record {number} does not follow record {number - 1}: it names another hash.")
    if before is None:
        return faults
    gap_s = _span_s(before["ended_at"], record["began_at"])
    if not -1.0 <= gap_s <= MAX_GAP_S:
        faults.append(f"Nothing is attested for {gap_s:.0f} s before {record['began_at'][:19]} UTC.")
    for camera, counts in record["cameras"].items():
        held = before["cameras"].get(camera, {}).get("held", 0)
        # after a restart nothing is held any more: what was, went with the memory of the process
        if counts["held_before"] not in {held, 0}:
            faults.append(f"Camera {camera}: {held} frames were held, then {counts['held_before']}.")
    return faults


def _span_s(began_at: str, ended_at: str) -> float:
    return (datetime.fromisoformat(ended_at) - datetime.fromisoformat(began_at)).total_seconds()
