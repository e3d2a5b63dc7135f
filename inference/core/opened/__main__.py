"""Opens the vault for a release, in a process of its own that lives for one question.

The web process never holds a data key or an unmasked picture: it pipes a question in, as JSON, and what it may show
comes out. Nothing is written to disk, and a crash leaves no memory image behind.

    {"do": "wrap", "release", "half", "custodian": [{"file", "passphrase"}], "files": [{"path", "file", "secret"}]}
        -> {"code": "...", "keys": {path: sealed key}, "shares": [1, 3]}
    {"do": "check", "release", "half", "code", "files": [{"path", "secret", "key"}]}  -> {}
    {"do": "show", "release", "half", "code", "start", "end", "words",
     "files": [{"path", "file", "secret", "key", "is_cut"}]}                        -> MP4
    {"do": "export", "release", "half", "code", "words",
     "parts": [{"part", "start", "end", "files": [as above]}]}                      -> records (exporting.py)

Bytes are base64, times ISO 8601. Exit 0: done. Exit 2: refused, and standard error says why in one sentence; of an
export the last record does.
"""

import base64
import json
import resource
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from inference.core.errors import CoreError
from inference.core.opened.exporting import Kind, Span, export, record
from inference.core.opened.keys import key_open, key_seal, new_code, release_key
from inference.core.opened.showing import OpenFile, show
from inference.core.vault.keys import secret_read
from inference.core.vault.reading import hour_key
from inference.core.vault.shares import KeyPart, key_join

REFUSED: Final = 2


def answer(question: dict[str, Any]) -> bytes:
    """Return the answer to a question.

    Raises:
        CoreError: it is refused.
        KeyError, ValueError: it is no question.
    """
    half, release = base64.b64decode(question["half"]), int(question["release"])
    if question["do"] == "wrap":
        return _wrap(question, half, release)
    key = release_key(question["code"], half, release)
    if question["do"] == "check":
        for file in question["files"]:
            _data_key(file, key)
        return b"{}"
    if question["do"] != "show":
        raise ValueError(f"`do` must be wrap, check, show or export, got {question['do']!r}.")
    return show(_files(question, key), *_span(question), question["words"])


def give(question: dict[str, Any], out: BinaryIO) -> int:
    """Answer an export, record by record, each on its way before the next is made."""
    try:
        key = release_key(question["code"], base64.b64decode(question["half"]), int(question["release"]))
        spans = [Span(part["part"], _files(part, key), *_span(part)) for part in question["parts"]]
        for made in export(spans, question["words"]):
            out.write(made)
            out.flush()
    except BrokenPipeError:
        return REFUSED  # nobody reads any more
    except CoreError as error:
        out.write(record(Kind.REFUSED, str(error).encode()))
    except OSError as error:
        out.write(record(Kind.REFUSED, f"A sealed file cannot be read: {error.strerror}.".encode()))
    else:
        return 0
    out.flush()
    return REFUSED


def _files(given: dict[str, Any], key: bytes) -> list[OpenFile]:
    return [OpenFile(Path(file["file"]), _data_key(file, key), file["is_cut"]) for file in given["files"]]


def _data_key(file: dict[str, Any], key: bytes) -> bytes:
    return key_open(base64.b64decode(file["key"]), key, secret_read(Path(file["secret"])), file["path"])


def _span(given: dict[str, Any]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(given["start"]), datetime.fromisoformat(given["end"])


def _wrap(question: dict[str, Any], half: bytes, release: int) -> bytes:
    parts = [KeyPart(base64.b64decode(part["file"]), part["passphrase"]) for part in question["custodian"]]
    joined = key_join(parts)
    code = new_code()
    key = release_key(code, half, release)
    keys = {}
    for file in question["files"]:
        secret = Path(file["secret"])
        data_key = hour_key(Path(file["file"]), secret, joined.private_key)
        keys[file["path"]] = base64.b64encode(key_seal(data_key, key, secret_read(secret), file["path"])).decode()
    return json.dumps({"code": code, "keys": keys, "shares": joined.shares}).encode()


def main(given: BinaryIO, out: BinaryIO) -> int:
    """Answer one question."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    question = json.load(given)
    if question.get("do") == "export":
        return give(question, out)
    try:
        out.write(answer(question))
    except CoreError as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    except OSError as error:
        sys.stderr.write(f"A sealed file cannot be read: {error.strerror}.\n")
        return REFUSED
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
