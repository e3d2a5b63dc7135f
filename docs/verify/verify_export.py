#!/usr/bin/env python3
"""Check what was exported from PACA (an alert, released footage, deletion records), without PACA and without a network.

    pip install cryptography
    python verify_export.py paca-alert-12-3456.zip [--key FINGERPRINT]

The file is a zip whose comment is `paca-export-1 KEY SIGNATURE` (lower-case hex). Checked: the signature (Ed25519) is
that of `paca alert export 1`, a newline and SHA-256 (hex) of every byte before the comment; the files are those the
manifest names, each with its size and SHA-256. Of deletion records each one's own signature, too, which was made when
the files were destroyed: that of `paca deletion record 1`, a newline and the record's text. With `--key` that key must
have signed the file. Without it a sound signature says only that nothing was changed since somebody signed it: compare
the fingerprint with one you have from elsewhere.

Exit 0: sound. Exit 1: not sound. Exit 2: the file cannot be read.
"""

import argparse
import hashlib
import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PURPOSE = b"paca alert export 1\n"
RECORD_PURPOSE = b"paca deletion record 1\n"
RECORDS = "deletion-records.jsonl"
COMMENT = re.compile(rb"paca-export-1 ([0-9a-f]{64}) ([0-9a-f]{128})")
COMMENT_BYTES = 207
END_OF_ZIP = b"PK\x05\x06"


class NotSoundError(Exception):
    """What is wrong with the file."""


def check(content: bytes, key: str | None = None) -> tuple[str, dict[str, Any]]:
    """Return the fingerprint of the key that signed it, and the manifest.

    Raises:
        NotSoundError: something is wrong; the text says what.
    """
    body, comment = content[:-COMMENT_BYTES], COMMENT.fullmatch(content[-COMMENT_BYTES:])
    ending = body[-22:]
    if comment is None or ending[:4] != END_OF_ZIP or ending[20:] != COMMENT_BYTES.to_bytes(2, "little"):
        raise NotSoundError("it does not end as an export of PACA does: another kind of file, changed or cut off")
    public = bytes.fromhex(comment[1].decode())
    signed = PURPOSE + hashlib.sha256(body).hexdigest().encode()
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(comment[2].decode()), signed)
    except (InvalidSignature, ValueError):
        raise NotSoundError("its signature does not fit: at least one byte was changed after it was signed") from None
    fingerprint = hashlib.sha256(public).hexdigest()
    if key is not None and key.lower() != fingerprint:
        raise NotSoundError(f"it is signed by {fingerprint}, not by {key}")
    return fingerprint, check_files(content)


def check_files(content: bytes) -> dict[str, Any]:
    """Return the manifest, whose files are all there, as it says, and no others."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                raise NotSoundError("a file in it is compressed, which an export never is")
            files = {entry.filename: archive.read(entry) for entry in entries}
        manifest: dict[str, Any] = json.loads(files.pop("manifest.json"))
        named = {name: (facts["sha256"], facts["size_bytes"]) for name, facts in manifest["files"].items()}
    except (zipfile.BadZipFile, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotSoundError(f"it was signed, but cannot be read: {type(error).__name__}") from None
    if manifest.get("format") != "paca-export-1":
        raise NotSoundError(f"its format must be paca-export-1, it is {manifest.get('format')!r}")
    found = {name: (hashlib.sha256(inside).hexdigest(), len(inside)) for name, inside in files.items()}
    if found != named or len(entries) != len(files) + 1:
        raise NotSoundError("its files are not those that its manifest names")
    if manifest.get("kind") == "deletion-records":
        check_records(files.get(RECORDS, b""), manifest)
    return manifest


def check_records(content: bytes, manifest: dict[str, Any]) -> None:
    """Check each deletion record's own signature, by the keys that the manifest gives."""
    last, count, destroyed = 0, 0, 0
    try:
        for line in content.decode().splitlines():
            record = json.loads(line)
            number, signature, public = record["record"], record["signature"], manifest["keys"].get(record["key"])
            if number <= last or json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False) != line:
                raise NotSoundError(f"record {number} is spelled otherwise than a record is, or out of order")
            if public is None or hashlib.sha256(bytes.fromhex(public)).hexdigest() != record["key"]:
                raise NotSoundError(f"record {number} is signed by {record['key']}, a key that is not in the file")
            try:
                key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
                if not re.fullmatch("[0-9a-f]{128}", signature):
                    raise ValueError("signature")
                key.verify(bytes.fromhex(signature), RECORD_PURPOSE + record["text"].encode())
            except (InvalidSignature, ValueError):
                raise NotSoundError(f"record {number} was changed: its own signature does not fit") from None
            last, count, destroyed = number, count + 1, destroyed + json.loads(record["text"])["count"]
        told = manifest["records"]["count"], manifest["records"]["files_destroyed"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotSoundError(f"its deletion records cannot be read: {type(error).__name__}") from None
    if told != (count, destroyed):
        raise NotSoundError(
            f"its manifest tells of {told[0]} records and {told[1]} files; here are {count}, {destroyed}"
        )


def fingerprint_of(given: str) -> str:
    """Return a fingerprint as it was typed, in small letters; an empty one would check nobody."""
    plain = "".join(given.split()).lower()
    if not re.fullmatch("[0-9a-f]{64}", plain):
        raise argparse.ArgumentTypeError(f"a fingerprint has 64 digits 0-9 and a-f; got {given!r}")
    return plain


def main() -> int:
    """Check one export."""
    parser = argparse.ArgumentParser(description="Check what was exported from PACA.")
    parser.add_argument("export", type=Path)
    parser.add_argument(
        "--key", type=fingerprint_of, help="fingerprint (64 hex digits) of the key that must have signed it"
    )
    options = parser.parse_args()
    try:
        fingerprint, manifest = check(options.export.read_bytes(), options.key)
    except OSError as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    except NotSoundError as error:
        print(f"NOT SOUND: {error}")
        return 1
    print(json.dumps(manifest, indent=2, ensure_ascii=False))
    for name, facts in manifest["files"].items():
        print(f"{facts['sha256']}  {name}, {facts['size_bytes']} bytes")
    for other in manifest.get("keys", {}):
        if other != fingerprint:
            print(f"some records are signed by an earlier key, {other}: compare that one too")
    print(f"signed by {fingerprint}")
    if not options.key:
        print(
            "Compare this fingerprint with one that you have from elsewhere: anybody can sign with a key of their own."
        )
    print("sound" if options.key else "sound, but the signer is not checked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
