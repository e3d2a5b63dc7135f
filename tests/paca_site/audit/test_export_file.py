"""The signed file: whatever is changed in it is found, by PACA and by the program that knows nothing of PACA."""

import hashlib
import importlib.util
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from paca_site.audit.export_file import COMMENT_BYTES, ExportError, pack_export, read_export
from paca_site.audit.signing import Purpose, fingerprint, sign

VERIFIER = Path(__file__).resolve().parents[3] / "docs" / "verify" / "verify_export.py"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CLIP = random.Random(1).randbytes(20_000)
FILES = {"clip.mp4": CLIP, "poster.jpg": CLIP[:900], "README.txt": b"read me\n"}
MANIFEST = {"alert": {"id": 1, "sentence": "Several people moving fast"}, "exported": {"case": "24-1MED"}}
WHOLE = pack_export(MANIFEST, FILES, KEY)


def load_verifier() -> Any:
    told = importlib.util.spec_from_file_location("verify_export", VERIFIER)
    assert told
    assert told.loader
    module = importlib.util.module_from_spec(told)
    told.loader.exec_module(module)
    return module


ALONE = load_verifier()
SOUND: dict[str, tuple[Callable[[bytes], Any], type[Exception]]] = {
    "paca": (read_export, ExportError),
    "alone": (ALONE.check, ALONE.NotSoundError),
}


@pytest.fixture(params=SOUND)
def faults(request: pytest.FixtureRequest) -> Callable[[bytes], str]:
    """Give a verifier that says what is wrong, or nothing."""
    check, error = SOUND[request.param]

    def told(content: bytes) -> str:
        try:
            check(content)
        except error as found:
            return str(found)
        return ""

    return told


def signed_anew(content: bytes, key: Ed25519PrivateKey = KEY, purpose: Purpose = Purpose.ALERT_EXPORT) -> bytes:
    body = content[:-COMMENT_BYTES]
    public = key.public_key().public_bytes_raw().hex()
    return body + f"paca-export-1 {public} {sign(key, purpose, hashlib.sha256(body).hexdigest())}".encode()


def zip_of(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.comment = b"0" * COMMENT_BYTES
    return buffer.getvalue()


def test_a_file_is_read_back_as_it_was_packed(faults: Callable[[bytes], str]) -> None:
    assert faults(WHOLE) == ""
    read = read_export(WHOLE)
    assert read.files == FILES
    assert read.key == fingerprint(KEY.public_key())
    assert read.manifest["alert"] == MANIFEST["alert"]
    assert read.manifest["files"]["clip.mp4"] == {"sha256": hashlib.sha256(CLIP).hexdigest(), "size_bytes": len(CLIP)}
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:  # as any program opens it
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", *FILES]
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_the_same_content_gives_the_same_bytes() -> None:
    assert pack_export(MANIFEST, FILES, KEY) == WHOLE


def test_every_changed_byte_at_a_thousand_places_is_found(faults: Callable[[bytes], str]) -> None:
    dice = random.Random(20261123)
    for _ in range(1000):
        changed, place = bytearray(WHOLE), dice.randrange(len(WHOLE))
        changed[place] ^= dice.randrange(1, 256)
        assert faults(bytes(changed)), f"byte {place} from {WHOLE[place]} to {changed[place]}"


def test_every_bit_of_the_last_bytes_counts(faults: Callable[[bytes], str]) -> None:
    """The end of the directory and the comment: there a letter may be spelt otherwise, as in `a` and `A`."""
    for place in range(len(WHOLE) - COMMENT_BYTES - 22, len(WHOLE)):
        for bit in range(8):
            changed = bytearray(WHOLE)
            changed[place] ^= 1 << bit
            assert faults(bytes(changed)), f"bit {bit} of byte {place}"


def test_a_file_cut_off_or_continued_is_found(faults: Callable[[bytes], str]) -> None:
    for kept in (0, 1, 21, 206, 207, 228, 229, 1000, len(WHOLE) // 2, len(WHOLE) - 1):
        assert faults(WHOLE[:kept]), f"{kept} bytes"
    for changed in (WHOLE + b"\0", b"\0" + WHOLE, WHOLE[1:], WHOLE + WHOLE, WHOLE[:-COMMENT_BYTES] + WHOLE):
        assert faults(changed)


def test_other_files_are_no_exports(faults: Callable[[bytes], str]) -> None:
    assert "another kind of file" in faults(b"not a zip at all" * 100)
    assert "another kind of file" in faults(zip_of(FILES))
    assert "signature does not fit" in faults(zip_of(FILES)[:-COMMENT_BYTES] + WHOLE[-COMMENT_BYTES:])


def test_a_signature_for_something_else_is_none(faults: Callable[[bytes], str]) -> None:
    assert "signature does not fit" in faults(signed_anew(WHOLE, purpose=Purpose.CHECKPOINT))


def test_the_manifest_must_name_each_file_as_it_is(faults: Callable[[bytes], str]) -> None:
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert faults(signed_anew(zip_of(inside))) == ""
    for other in (
        {**inside, "clip.mp4": b"another clip"},
        {**inside, "more.txt": b"more"},
        {name: content for name, content in inside.items() if name != "poster.jpg"},
    ):
        assert "not those that its manifest names" in faults(signed_anew(zip_of(other)))
    assert "compressed" in faults(signed_anew(zip_of(inside, zipfile.ZIP_DEFLATED)))
    other_format = json.dumps({**json.loads(inside["manifest.json"]), "format": "paca-export-9"}).encode()
    assert "paca-export-9" in faults(signed_anew(zip_of({**inside, "manifest.json": other_format})))
    del inside["manifest.json"]
    assert "cannot be read" in faults(signed_anew(zip_of(inside)))


def alone(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(VERIFIER), str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, cwd=path.parent, check=False)


def test_the_program_alone_says_what_it_found_and_by_whom_it_was_signed(tmp_path: Path) -> None:
    path, key = tmp_path / "alert.zip", fingerprint(KEY.public_key())
    path.write_bytes(WHOLE)
    told = alone(path, "--key", key)
    assert (told.returncode, told.stdout.splitlines()[-2:]) == (0, [f"signed by {key}", "sound"])
    assert hashlib.sha256(CLIP).hexdigest() in told.stdout
    assert alone(path).stdout.endswith("sound, but the signer is not checked\n")
    path.write_bytes(signed_anew(WHOLE, Ed25519PrivateKey.generate()))
    assert alone(path).returncode == 0, "whose key it is, the file cannot say"
    told = alone(path, "--key", key)
    assert (told.returncode, told.stdout.startswith("NOT SOUND: it is signed by ")) == (1, True)
    assert alone(tmp_path / "absent.zip").returncode == 2


@pytest.mark.parametrize("given", ["", "abc", "0" * 63, "g" * 64])
def test_the_program_alone_refuses_what_is_no_fingerprint(given: str, tmp_path: Path) -> None:
    file = tmp_path / "whole.zip"
    file.write_bytes(WHOLE)
    done = subprocess.run([sys.executable, VERIFIER, file, "--key", given], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "64 digits" in done.stderr
