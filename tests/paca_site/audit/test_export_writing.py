"""A zip that is written as its files come is the same kind of file: read alike, and every changed byte is found."""

import gc
import io
import random
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from paca_site.audit import export_writing
from paca_site.audit.export_file import ExportError, read_export
from paca_site.audit.export_writing import ExportWriter
from tests.paca_site.audit.test_export_file import ALONE, CLIP, KEY


def written(key: Ed25519PrivateKey = KEY) -> bytes:
    writer, found = ExportWriter(), bytearray()
    writer.begin("1.mp4")
    for start in range(0, len(CLIP), 700):
        writer.write(CLIP[start : start + 700])
        found += writer.take()
    writer.end()
    writer.begin("2.mp4")
    writer.write(b"another")
    writer.end()
    found += writer.take()
    writer.add("README.txt", b"read me\n")
    return bytes(found) + writer.finish({"kind": "released-footage"}, key)


WHOLE = written()


def test_it_is_read_back_by_both_verifiers_and_by_any_program() -> None:
    found = read_export(WHOLE)
    assert found.files == {"1.mp4": CLIP, "2.mp4": b"another", "README.txt": b"read me\n"}
    assert ALONE.check(WHOLE) == (found.key, found.manifest)
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["1.mp4", "2.mp4", "README.txt", "manifest.json"]


def test_every_changed_byte_at_a_thousand_places_is_found() -> None:
    dice = random.Random(20261123)
    for _ in range(1000):
        changed, place = bytearray(WHOLE), dice.randrange(len(WHOLE))
        changed[place] ^= dice.randrange(1, 256)
        with pytest.raises(ExportError):
            read_export(bytes(changed))
        with pytest.raises(ALONE.NotSoundError):
            ALONE.check(bytes(changed))


def test_one_that_was_broken_off_is_sound_nowhere_and_leaves_nothing_waiting(recwarn: pytest.WarningsRecorder) -> None:
    for kept in random.Random(3).sample(range(len(WHOLE)), 200):
        with pytest.raises(ExportError):
            read_export(WHOLE[:kept])
    writer = ExportWriter()
    writer.begin("1.mp4")
    writer.write(b"some")
    writer.abandon()
    writer.abandon()
    assert writer.take() == b""
    del writer
    gc.collect()
    assert not recwarn.list


def test_what_is_out_of_order_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    writer = ExportWriter()
    with pytest.raises(ValueError, match="No file was begun"):
        writer.write(b"x")
    writer.begin("1.mp4")
    with pytest.raises(ValueError, match="cannot begin here"):
        writer.begin("2.mp4")
    with pytest.raises(ValueError, match="is not ended"):
        writer.finish({}, KEY)
    monkeypatch.setattr(export_writing, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match="at most 10 bytes"):
        writer.write(b"x" * 11)
    writer.abandon()
    again = ExportWriter()
    again.add("1.mp4", b"x")
    for name in ("1.mp4", "manifest.json"):
        with pytest.raises(ValueError, match="cannot begin here"):
            again.begin(name)
    again.abandon()
