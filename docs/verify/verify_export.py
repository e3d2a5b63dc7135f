#!/usr/bin/env python3
"""Check an alert that was exported from PACA, without PACA and without a network.

    pip install cryptography
    python verify_export.py paca-alert-12-3456.zip [--key FINGERPRINT]

The file is a zip whose comment is `paca-export-1 KEY SIGNATURE` (lower-case hex). Checked: the signature (Ed25519) is
that of `paca alert export 1`, a newline and SHA-256 (hex) of every byte before the comment; the files are those the
manifest names, each with its size and SHA-256. With `--key` that key must have signed it. Without it a sound signature
says only that nothing was changed since somebody signed it: compare the fingerprint with one you have from elsewhere.

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
    if key and key.lower() != fingerprint:
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
    return manifest


def main() -> int:
    """Check one export."""
    parser = argparse.ArgumentParser(description="Check an alert that was exported from PACA.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--key", help="fingerprint (64 hex digits) of the key that must have signed it")
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
    print(f"signed by {fingerprint}")
    if not options.key:
        print(
            "Compare this fingerprint with one that you have from elsewhere: anybody can sign with a key of their own."
        )
    print("sound" if options.key else "sound, but the signer is not checked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
