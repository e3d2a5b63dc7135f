#!/usr/bin/env python3
"""Check an export of PACA's audit trail without PACA.

    pip install cryptography
    python verify_audit.py paca-audit-1234.jsonl [--checkpoints COPY.jsonl] [--key FINGERPRINT]

Checked: entries are numbered from 1 without gaps; each names the hash of the one before; each hash is SHA-256 of that
hash, a newline and the entry's text; the text carries the entry's own number; checkpoints are chained, signed (Ed25519)
and agree with the entries they name. With `--checkpoints` a copy that was kept elsewhere takes the place of those in
the export: only so do a tail that was cut off and a trail written anew show for certain. With `--key` every checkpoint
must be signed by that key. Entries outside the exporter's sites carry no text: their place in the chain is checked.

Exit 0: sound. Exit 1: not sound, everything wrong is listed. Exit 2: the file cannot be read.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ZEROS = "0" * 64
PURPOSE = b"paca audit checkpoint 1\n"
MOST_FAULTS = 20


def sha256(text: str) -> str:
    """SHA-256 of a text, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: dict[str, Any]) -> str:
    """The one spelling of a JSON object that is hashed and signed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Trail:
    """Walks the entries once and remembers their hashes."""

    def __init__(self) -> None:
        self.hashes, self.faults = {0: ZEROS}, list[str]()
        self.number, self.head, self.without_text = 0, ZEROS, 0

    def add(self, entry: dict[str, Any]) -> None:
        """Check the next entry against the one before and its text."""
        number, expected = entry["number"], self.number + 1
        if number != expected:
            self.faults.append(f"entry {expected} is missing: the next one is {number}")
        elif entry["previous_hash"] != self.head:
            self.faults.append(f"entry {number} does not follow entry {number - 1}")
        if "body" not in entry:
            self.without_text += 1
        elif sha256(f"{entry['previous_hash']}\n{entry['body']}") != entry["hash"]:
            self.faults.append(f"entry {number} was changed: its hash does not fit its text")
        elif json.loads(entry["body"]).get("number") != number:
            self.faults.append(f"entry {number} carries the text of another entry")
        self.number, self.head = number, entry["hash"]
        self.hashes[number] = entry["hash"]


def check_checkpoints(lines: list[str], trail: Trail, key: str | None) -> tuple[list[str], set[str]]:
    """Return what is wrong with the checkpoints, and the fingerprints of the keys that signed them."""
    faults, keys, previous = list[str](), set[str](), ZEROS
    for position, line in enumerate(lines, start=1):
        one = json.loads(line)
        if one["sequence"] != position:
            faults.append(f"checkpoint {position} is missing: the next one is {one['sequence']}")
            break
        if one["previous"] != previous:
            faults.append(f"checkpoint {position} does not follow the one before")
        public = bytes.fromhex(one["key"])
        keys.add(hashlib.sha256(public).hexdigest())
        signed = PURPOSE + canonical({name: one[name] for name in one if name != "signature"}).encode()
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(one["signature"]), signed)
        except (InvalidSignature, ValueError):
            faults.append(f"checkpoint {position} was changed: its signature does not fit")
        if one["count"] not in trail.hashes:
            faults.append(f"checkpoint {position} of {one['at']} knew {one['count']} entries; here are {trail.number}")
        elif trail.hashes[one["count"]] != one["head"]:
            faults.append(f"entry {one['count']} is not the one that checkpoint {position} of {one['at']} knew")
        previous = sha256(line)
    if key and keys - {key}:
        faults.append(f"checkpoints are signed by {', '.join(sorted(keys - {key}))}, not by {key}")
    return faults, keys


def fingerprint_of(given: str) -> str:
    """Return a fingerprint as it was typed, in small letters; an empty one would check nobody."""
    plain = "".join(given.split()).lower()
    if len(plain) != 64 or set(plain) - set("0123456789abcdef"):
        raise argparse.ArgumentTypeError(f"a fingerprint has 64 digits 0-9 and a-f; got {given!r}")
    return plain


def main() -> int:
    """Check one export."""
    parser = argparse.ArgumentParser(description="Check an export of PACA's audit trail.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--checkpoints", type=Path, help="checkpoints that were kept elsewhere, one per line")
    parser.add_argument(
        "--key", type=fingerprint_of, help="fingerprint (64 hex digits) of the key that must have signed them"
    )
    options = parser.parse_args()
    trail, lines = Trail(), list[str]()
    try:
        with options.export.open(encoding="utf-8") as file:
            for line in file:
                told = json.loads(line)
                if told["kind"] == "entry":
                    trail.add(told)
                elif told["kind"] == "checkpoint":
                    lines.append(told["line"])
        if options.checkpoints:
            lines = options.checkpoints.read_text(encoding="utf-8").splitlines()
        faults, keys = check_checkpoints(lines, trail, options.key)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"cannot be read: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    faults = trail.faults + faults
    for fault in faults[:MOST_FAULTS]:
        print(f"NOT SOUND: {fault}")
    if len(faults) > MOST_FAULTS:
        print(f"NOT SOUND: {len(faults) - MOST_FAULTS} more")
    print(f"{trail.number} entries ({trail.without_text} without text), head {trail.head}")
    print(f"{len(lines)} checkpoints" + "".join(f", signed by {key}" for key in sorted(keys)))
    if not lines:
        print("No checkpoint: a tail that was cut off does not show.")
    print("sound" if not faults else "not sound")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
