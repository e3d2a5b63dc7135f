"""The page that checks an export without PACA, in a real browser and without a network."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page, expect

from paca_site.audit.export_file import COMMENT_BYTES, FORMAT, pack_export
from paca_site.audit.services import canonical_json
from paca_site.audit.signing import Purpose, fingerprint, sign
from tests.street_clip import write_street_clip

pytestmark = pytest.mark.e2e
PAGE = Path(__file__).resolve().parents[2] / "docs" / "verify" / "verify_export.html"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
FINGERPRINT = fingerprint(KEY.public_key())
MANIFEST = {
    "alert": {
        "id": 7,
        "sentence": "Several people moving fast",
        "started_at": "2026-11-22T13:00:00Z",
        "ended_at": None,
    },
    "camera": {"name": "Torvet <b>north</b>", "site": "Kristiansand"},
    "source_of_time": "clock of the PACA machine",
    "exported": {
        "at": "2026-11-23T06:00:00Z",
        "by": "supervisor",
        "role": "supervisor",
        "case": "24-1MED",
        "reason": "Asked for by the police.",
    },
}
SMALL = pack_export(MANIFEST, {"clip.mp4": b"clip" * 200, "README.txt": b"read me\n"}, KEY)


@pytest.fixture
def verifier(page: Page) -> Iterator[Page]:
    page.context.set_offline(True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(PAGE.as_uri())
    yield page
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []


def give(page: Page, content: bytes, name: str = "alert.zip") -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": "application/zip", "buffer": content})


def test_a_good_file_is_sound_and_shown_and_a_changed_one_is_neither(verifier: Page, tmp_path: Path) -> None:
    clip = write_street_clip(tmp_path / "street.mp4").read_bytes()
    whole = pack_export(MANIFEST, {"clip.mp4": clip, "README.txt": b"read me\n"}, KEY)
    give(verifier, whole)
    verdict, inside = verifier.locator("#verdict"), verifier.locator("#inside")
    expect(verdict).to_have_attribute("data-state", "sound-by-somebody")
    expect(verdict).to_contain_text("Anybody can sign with a key of their own")
    expect(inside).to_be_visible()
    expect(inside).to_contain_text(FINGERPRINT)
    expect(inside).to_contain_text("Torvet <b>north</b>, Kristiansand")
    expect(verifier.locator("#files tr")).to_have_count(2)
    verifier.wait_for_function("document.getElementById('clip').readyState >= 2")
    middle = len(whole) // 2
    give(verifier, whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    expect(verdict).to_have_attribute("data-state", "not-sound")
    expect(verdict).to_contain_text("at least one byte was changed")
    expect(inside).to_be_hidden()


def test_the_key_is_compared_with_the_one_that_was_given(verifier: Page) -> None:
    give(verifier, SMALL)
    verdict = verifier.locator("#verdict")
    for given, state in (
        (FINGERPRINT.upper(), "sound"),
        ("0" * 64, "not-sound"),
        ("abc", "unknown"),
        ("", "sound-by-somebody"),
    ):
        verifier.locator("#key").fill(given)
        verifier.locator("#key").press("Enter")
        expect(verdict).to_have_attribute("data-state", state)


def test_files_of_another_kind_are_not_sound(verifier: Page) -> None:
    verdict = verifier.locator("#verdict")
    body = SMALL[:-COMMENT_BYTES]
    other_purpose = sign(KEY, Purpose.CHECKPOINT, "0" * 64)
    foreign = body + f"{FORMAT} {KEY.public_key().public_bytes_raw().hex()} {other_purpose}".encode()
    for name, content in (
        ("short.zip", SMALL[:-1]),
        ("text.zip", b"text" * 99),
        ("empty.zip", b""),
        ("w.zip", foreign),
    ):
        give(verifier, content, name)
        expect(verdict).to_contain_text(f"{name}: ")
        expect(verdict).to_have_attribute("data-state", "not-sound")


def test_every_changed_byte_at_a_thousand_places_is_found(verifier: Page) -> None:
    dice = random.Random(20261123)
    last = range(len(SMALL) - COMMENT_BYTES, len(SMALL))
    changes = [(dice.randrange(len(SMALL)), dice.randrange(1, 256)) for _ in range(1000)]
    changes += [(place, 0x20) for place in last]  # a letter spelt otherwise: `a` and `A`
    missed = verifier.evaluate(
        """async ([whole, changes]) => {
          const isSound = (bytes) => check(bytes).then(() => true, (error) => {
            if (error instanceof NotSoundError) return false;
            throw error;
          });
          if (!await isSound(Uint8Array.from(whole))) throw new Error("the whole one is not sound");
          const missed = [];
          for (const [place, mask] of changes) {
            const bytes = Uint8Array.from(whole);
            bytes[place] ^= mask;
            if (await isSound(bytes)) missed.push([place, mask]);
          }
          return missed;
        }""",
        [list(SMALL), changes],
    )
    assert missed == []


def test_a_file_can_be_dropped_anywhere_on_the_page(verifier: Page) -> None:
    verifier.evaluate(
        """(whole) => {
          const carried = new DataTransfer();
          carried.items.add(new File([Uint8Array.from(whole)], "dropped.zip"));
          const dropped = { dataTransfer: carried, bubbles: true, cancelable: true };
          document.body.dispatchEvent(new DragEvent("drop", dropped));
        }""",
        list(SMALL),
    )
    expect(verifier.locator("#verdict")).to_contain_text("dropped.zip")
    expect(verifier.locator("#verdict")).to_have_attribute("data-state", "sound-by-somebody")


def deletion_records(count: int = 3) -> tuple[dict[str, object], str]:
    """Return manifest and lines of deletion records, signed by an earlier key of the installation."""
    former = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
    key, lines = fingerprint(former.public_key()), []
    for number in range(1, count + 1):
        text = canonical_json({"at": "2026-11-23T06:00:00+00:00", "bytes": 10, "camera": 4, "count": 2, "site": 1,
                               "newest": "2026-11-22T06:00:00+00:00", "oldest": "2026-11-22T05:00:00+00:00",
                               "policy": "Blåøy", "reason": "policy", "kind": "sealed unmasked video"})  # fmt: skip
        signature = sign(former, Purpose.DELETION_RECORD, text)
        lines.append(
            canonical_json({"entry": None, "key": key, "record": number, "signature": signature, "text": text}) + "\n"
        )
    manifest: dict[str, object] = {
        "kind": "deletion-records",
        "exported": MANIFEST["exported"],
        "period": {"from": None, "to": None},
        "sites": [{"id": 1, "name": "Torvet"}],
        "records": {"count": count, "first": 1, "last": count, "files_destroyed": 2 * count, "bytes_destroyed": 30},
        "keys": {key: former.public_key().public_bytes_raw().hex()},
    }
    return manifest, "".join(lines)


def test_deletion_records_are_shown_and_each_signature_is_checked(verifier: Page) -> None:
    manifest, text = deletion_records()
    verdict = verifier.locator("#verdict")
    give(verifier, pack_export(manifest, {"deletion-records.jsonl": text.encode()}, KEY))
    expect(verdict).to_have_attribute("data-state", "sound-by-somebody")
    expect(verifier.locator("#records tr")).to_have_count(3)
    expect(verifier.locator("#facts")).to_contain_text("3, of 6 files or alerts with 30 bytes")
    expect(verifier.locator("#facts")).to_contain_text("Earlier key")
    lines = text.splitlines(keepends=True)
    for words, changed in (
        ("own signature does not fit", text.replace("Blåøy", "Blåoy", 1)),
        ("own signature does not fit", text.replace('"signature":"', '"signature":"f', 1)),
        ("here are 2", "".join(lines[:2])),
        ("out of order", "".join([*lines, lines[0]])),
        ("spelled otherwise", text.replace('"record":1', '"record": 1', 1)),
        ("a key that is not in the file", text.replace('"key":"', '"key":"0', 1)),
    ):
        give(verifier, pack_export(manifest, {"deletion-records.jsonl": changed.encode()}, KEY))
        expect(verdict).to_contain_text(words)
        expect(verdict).to_have_attribute("data-state", "not-sound")
    expect(verifier.locator("#inside")).to_be_hidden()
