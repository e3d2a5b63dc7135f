"""Released footage as a signed file: exactly these minutes, marked, on record first, refused with its reason."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import numpy as np
import pytest
import redis
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.conf import settings as live_settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from cameras.exporting.models import FootageExport
from cameras.exporting.services import exporting
from cameras.exporting.services.exporting import Asked, export_begin
from cameras.exporting.streaming import ExportStream
from cameras.warrants.models import FootageRelease
from cameras.warrants.services.opening import release_end
from cameras.warrants.vault_door import VaultRefused
from cameras.warrants.vault_stream import VaultStream
from paca_site.audit.export_file import read_export
from paca_site.audit.models import AuditEntry
from paca_site.audit.signing import signing_key
from tests.cameras.exporting.leaving import WHY, asked, begun, given, granted, streamed, unlocked
from tests.cameras.warrants.test_viewer import database_dump, frames_of, told
from tests.cameras.warrants.vaulted import FPS, HEIGHT, WIDTH, Vaulted, picture, seal
from tests.paca_site.audit.test_export_file import ALONE
from tests.paca_site.audit.test_trail_pages import client_of
from tests.proof import prove
from tests.test_pages import check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


@pytest.fixture
def made(vaulted: Vaulted) -> tuple[FootageRelease, str, bytes]:
    """A release, its code, and an export of 20 seconds of it as the page gives it."""
    release, code = granted(vaulted)
    answer = unlocked(vaulted, release, code).post(f"/warrants/{release.pk}/export", given(vaulted, release))
    assert answer.status_code == 200, answer.content.decode()
    return release, code, streamed(cast("Any", answer).streaming_content)


def test_the_file_holds_exactly_these_seconds_marked_and_says_by_whose_order(
    vaulted: Vaulted, made: tuple[FootageRelease, str, bytes], tmp_path: Path
) -> None:
    release, _code, content = made
    found = read_export(content)
    fingerprint, manifest = ALONE.check(content)
    assert (fingerprint, manifest) == (found.key, found.manifest)
    (footage,) = manifest["footage"]
    start = (vaulted.start + timedelta(seconds=5)).strftime("%Y%m%dT%H%M%SZ")
    assert footage["name"] == f"001-camera-{vaulted.court.camera.pk}-{start}.mp4"
    assert (footage["frames"], footage["width"], footage["height"]) == (20 * FPS, WIDTH, HEIGHT)
    assert footage["until"] == (vaulted.start + timedelta(seconds=24.8)).isoformat(timespec="milliseconds")
    frames = frames_of(found.files[footage["name"]])
    assert len(frames) == 20 * FPS
    difference = np.abs(frames[0].astype(int) - picture(5 * FPS).astype(int)).max(axis=2)
    for row in range(3):
        cell = difference[row * HEIGHT // 3 : (row + 1) * HEIGHT // 3]
        assert (cell > 40).mean() > 0.03, f"no mark in part {row}"
    told_of = manifest["release"]
    assert (told_of["reference"], told_of["order_sha256"]) == (release.reference, release.order_sha256)
    assert told_of["approved"]["by"] == vaulted.court.custodian.username
    assert manifest["exported"]["by"] == vaulted.viewer.username
    assert manifest["masked"] is False
    assert f"release {release.pk} - export" in manifest["watermark"]["words"]
    assert "NOT masked" in found.files["README.txt"].decode()
    file = tmp_path / "export.zip"
    file.write_bytes(content)
    call_command("verify_export", str(file))
    file.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
    with pytest.raises(CommandError, match="NOT SOUND"):
        call_command("verify_export", str(file))


def test_the_trail_tells_of_it_before_it_is_opened_and_before_it_is_signed(
    vaulted: Vaulted, made: tuple[FootageRelease, str, bytes]
) -> None:
    release, code, content = made
    entries = AuditEntry.objects.filter(subject=f"warrant:{release.pk}").order_by("number")
    first, last = entries.get(action="warrant.export-begun"), entries.get(action="warrant.exported")
    assert (first.verb, last.verb, last.actor) == ("disclosure", "disclosure", vaulted.viewer)
    manifest = read_export(content).manifest
    assert manifest["exported"]["audit_entry"] == {"number": last.number, "hash": last.hash}
    details = json.loads(last.body)["details"]
    assert details["files"] == {name: facts["sha256"] for name, facts in manifest["files"].items()}
    assert details["reason"] == WHY
    assert code not in json.dumps(told(release))
    export = FootageExport.objects.get()
    assert export.finished_at is not None
    assert [file["sha256"] for file in export.files] == [
        manifest["files"][one["name"]]["sha256"] for one in manifest["footage"]
    ]
    page = client_of(vaulted.court.custodian).get(f"/warrants/{release.pk}/")
    assert WHY in page.text
    release_end(release=release, actor=vaulted.court.custodian, reason="The court has what it needs.")
    assert told(release)[-1][1]["exports"] == 1


def test_nothing_of_it_lies_on_a_disk_in_the_database_or_in_valkey(
    made: tuple[FootageRelease, str, bytes], tmp_path: Path
) -> None:
    _release, code, content = made
    (video,) = [inside for name, inside in read_export(content).files.items() if name.endswith(".mp4")]
    plain = [code.encode(), *(video[at : at + 24] for at in range(1000, len(video) - 24, 2000))]
    assert len(plain) > 5
    valkey = redis.Redis.from_url(live_settings.REDIS_URL)
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    kept += [database_dump(), b"".join(valkey.dump(name) or b"" for name in valkey.keys("*"))]
    assert len(kept) > 5
    assert not any(needle in place for place in kept for needle in plain)


def test_the_pages_on_the_way(vaulted: Vaulted) -> None:
    release, code = granted(vaulted)
    page = f"/warrants/{release.pk}/export"
    without_code = client_of(vaulted.viewer)
    prove(without_code)
    locked = without_code.get(page)
    check(locked)
    assert "Enter the code first" in locked.text
    viewer = unlocked(vaulted, release, code)
    assert page in viewer.get(f"/warrants/{release.pk}/view").text
    open_page = viewer.get(page)
    check(open_page)
    assert "At most 60 minutes of footage" in open_page.text
    assert not FootageExport.objects.exists()
    begun(vaulted, release, code)
    assert "under way, or broken off" in viewer.get(page).text
    release_end(release=release, actor=vaulted.court.custodian, reason="The court has what it needs.")
    over = viewer.get(page)
    check(over)
    assert "nothing of it can be exported any more" in over.text
    assert viewer.post(page, given(vaulted, release)).status_code == 422


@pytest.mark.parametrize("proof", [{"age_s": 301}, {"is_anew": False}, {"method": "mfa"}])
def test_a_session_left_open_takes_no_footage_out(vaulted: Vaulted, proof: dict[str, Any]) -> None:
    release, code = granted(vaulted)
    page = f"/warrants/{release.pk}/export"
    viewer = unlocked(vaulted, release, code)
    prove(viewer, **proof)
    for answer in (viewer.get(page), viewer.post(page, given(vaulted, release))):
        assert (answer.status_code, answer.headers["Location"]) == (
            302,
            f"/account/reauthenticate/?next={quote(page, safe='')}",
        )
    assert not FootageExport.objects.exists()


def test_nobody_but_the_viewer_and_only_where_the_custodian_allowed_it(vaulted: Vaulted) -> None:
    release, code = granted(vaulted, may_export=False)
    viewer = unlocked(vaulted, release, code)
    assert "Export as a signed file" not in viewer.get(f"/warrants/{release.pk}/view").text
    assert viewer.get(f"/warrants/{release.pk}/export").status_code == 404
    assert viewer.post(f"/warrants/{release.pk}/export", given(vaulted, release)).status_code == 404
    with pytest.raises(ValidationError, match="did not allow"):
        begun(vaulted, release, code)
    assert told(release)[-1] == (
        "warrant.attempt-refused",
        {"step": "export", "why": "The custodian did not allow this release to leave as a file."},
    )
    allowed, code = granted(vaulted)
    for person in (vaulted.court.custodian, vaulted.court.supervisor, vaulted.court.administrator):
        assert client_of(person).get(f"/warrants/{allowed.pk}/export").status_code == 404
        with pytest.raises(ValidationError, match="another viewer"):
            export_begin(release=allowed, actor=person, code=code, asked=asked(vaulted))
    assert not FootageExport.objects.exists()


REFUSED: dict[str, tuple[Callable[[Vaulted], Asked], str]] = {
    "before the release": (lambda vaulted: asked(vaulted, -10, 10), "not all among those"),
    "after the release": (lambda vaulted: asked(vaulted, 590, 610), "not all among those"),
    "turned round": (lambda vaulted: asked(vaulted, 20, 10), "not all among those"),
    "nothing sealed": (lambda vaulted: asked(vaulted, 100, 200), "nothing of these minutes"),
    "no reason": (lambda vaulted: asked(vaulted, reason="because"), "must have 10 to 200 characters"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_not_leave_is_refused_and_on_record(vaulted: Vaulted, case: str) -> None:
    release, code = granted(vaulted)
    make, words = REFUSED[case]
    with pytest.raises(ValidationError, match=words):
        export_begin(release=release, actor=vaulted.viewer, code=code, asked=make(vaulted))
    assert told(release)[-1][0] == "warrant.attempt-refused"
    assert not FootageExport.objects.exists()


def test_too_much_at_once_is_refused_with_how_much(vaulted: Vaulted, monkeypatch: pytest.MonkeyPatch) -> None:
    release, code = granted(vaulted)
    monkeypatch.setattr(exporting, "MOST_FOOTAGE", timedelta(minutes=5))
    with pytest.raises(ValidationError, match=r"These are 6 minutes of footage, .* at most 5"):
        begun(vaulted, release, code, 0, 301)


def test_a_wrong_code_exports_nothing(vaulted: Vaulted) -> None:
    release, code = granted(vaulted)
    _, other = granted(vaulted)
    with pytest.raises(ValidationError, match="does not open this release"):
        begun(vaulted, release, other)
    export = begun(vaulted, release, code)
    key = signing_key(live_settings.CHECKPOINT_KEY)
    with pytest.raises(VaultRefused, match="does not open this release"):
        ExportStream(export, other, key)
    assert not AuditEntry.objects.filter(action="warrant.exported").exists()


def test_a_gap_begins_a_new_video(vaulted: Vaulted) -> None:
    key = vaulted.court.camera.sealed_hours.get().custodian_key
    public = X25519PublicKey.from_public_bytes(bytes.fromhex(key.public_key))
    seal(vaulted.court.camera, vaulted.start + timedelta(seconds=60), key, public, seconds=10)
    release, code = granted(vaulted)
    export = begun(vaulted, release, code, 0, 90)
    stream = ExportStream(export, code, signing_key(live_settings.CHECKPOINT_KEY))
    found = read_export(streamed(aiter(stream)))
    assert [(one["frames"], one["from"][17:19]) for one in found.manifest["footage"]] == [
        (40 * FPS, "00"),
        (10 * FPS, "00"),
    ]
    assert len({one["name"] for one in found.manifest["footage"]}) == 2


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    VaultStream({}).close()  # the one place is free again
