"""The file in which evidence leaves PACA: a zip whose comment signs every byte before it.

Stored without compression and with fixed times, so that what was signed is what was read. The comment has a fixed
length, `paca-export-1 <public key, 64 hex> <signature, 128 hex>`: the signature (Ed25519, RFC 8032) covers SHA-256 of
the file up to the comment. Digits are lower-case only: another spelling of a signature would be a change nobody finds.
`docs/verify/` holds two verifiers that need nothing of PACA; docs/exports.md describes the format.
"""

import hashlib
import io
import json
import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from paca_site.audit.signing import Purpose, fingerprint, is_signed, sign

FORMAT: Final = "paca-export-1"
MANIFEST: Final = "manifest.json"
COMMENT: Final = re.compile(rb"paca-export-1 ([0-9a-f]{64}) ([0-9a-f]{128})")
COMMENT_BYTES: Final = len(FORMAT) + 1 + 64 + 1 + 128
END_BYTES: Final = 22
"""Length of the record that ends a zip, without its comment. Source: PKWARE APPNOTE 6.3.10, section 4.3.16."""

FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can tell: times of files would say nothing that the manifest does not say better."""


class ExportError(Exception):
    """A file is no export, or not as it was signed; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """An export whose signature and hashes fit.

    Attributes:
        key: fingerprint of the key that signed it, 64 hex digits; whose key it is the file cannot say.
        manifest: what `manifest.json` says.
        files: the other files by name.
    """

    key: str
    manifest: dict[str, Any]
    files: dict[str, bytes] = field(repr=False)


def file_facts(content: bytes) -> dict[str, Any]:
    """Return what a manifest says of a file: `sha256` (hex) and `size_bytes`."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}


def pack_export(manifest: Mapping[str, Any], files: Mapping[str, bytes], key: Ed25519PrivateKey) -> bytes:
    """Return the signed zip; `manifest["files"]` is written here, from the files themselves."""
    whole = {**manifest, "format": FORMAT, "files": {name: file_facts(content) for name, content in files.items()}}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
        for name, content in {MANIFEST: text.encode(), **files}.items():
            told = zipfile.ZipInfo(name, FIRST_DAY)
            told.external_attr = 0o644 << 16
            archive.writestr(told, content)
        archive.comment = b"0" * COMMENT_BYTES  # its length is signed too
    body = buffer.getvalue()[:-COMMENT_BYTES]
    public = key.public_key().public_bytes_raw().hex()
    return body + f"{FORMAT} {public} {sign(key, Purpose.ALERT_EXPORT, hashlib.sha256(body).hexdigest())}".encode()


def read_export(content: bytes) -> ExportFile:
    """Check an export and return what is in it.

    Raises:
        ExportError: it is no export, a byte of it was changed, or its files are not those of the manifest.
    """
    body, comment = content[:-COMMENT_BYTES], COMMENT.fullmatch(content[-COMMENT_BYTES:])
    end = body[-END_BYTES:]
    is_whole = len(end) == END_BYTES and end[:4] == b"PK\x05\x06" and struct.unpack("<H", end[-2:]) == (COMMENT_BYTES,)
    if comment is None or not is_whole:
        raise ExportError("it does not end as an export of PACA does: another kind of file, changed or cut off")
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(comment[1].decode()))
    if not is_signed(public, Purpose.ALERT_EXPORT, hashlib.sha256(body).hexdigest(), comment[2].decode()):
        raise ExportError("its signature does not fit: at least one byte was changed after it was signed")
    manifest, files = _unpack(content)
    if manifest.get("format") != FORMAT:
        raise ExportError(f"its format must be {FORMAT}, it is {manifest.get('format')!r}")
    if {name: file_facts(inside) for name, inside in files.items()} != manifest.get("files"):
        raise ExportError("its files are not those that its manifest names")
    return ExportFile(fingerprint(public), manifest, files)


def _unpack(content: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                raise ExportError("a file in it is compressed, which an export never is")
            files = {entry.filename: archive.read(entry) for entry in entries}
            if len(files) != len(entries):
                raise ExportError("two files in it have the same name")
        manifest = json.loads(files.pop(MANIFEST))
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise ExportError(f"it was signed, but cannot be read: {type(error).__name__}") from error
    if not isinstance(manifest, dict):
        raise ExportError("its manifest is no JSON object")
    return manifest, files
