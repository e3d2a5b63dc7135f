"""Handing an alert out: who may, what is in it, what the trail tells, and every way in which it cannot be done."""

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from alerts.models import Alert, ClipState, Decision, Verdict
from alerts.services import exporting
from paca_site.audit.export_file import ExportFile, read_export
from paca_site.audit.models import AuditEntry
from paca_site.audit.signing import public_fingerprint
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera
from tests.proof import prove

WHY = {"case": "24-1234MED-TAGD", "reason": "Asked for by Agder police district."}
CLIP = bytes(range(256)) * 20


@pytest.fixture
def clip(desk: Desk, settings: LazySettings, tmp_path: Path) -> Alert:
    settings.FOOTAGE_DIR = tmp_path / "footage"
    settings.FOOTAGE_DIR.mkdir()
    settings.CHECKPOINT_KEY = tmp_path / "key"
    (settings.FOOTAGE_DIR / "clip.mp4").write_bytes(CLIP)
    (settings.FOOTAGE_DIR / "poster.jpg").write_bytes(b"jpeg")
    alert = desk.alert
    alert.clip_state, alert.clip_path, alert.poster_path = ClipState.READY, "clip.mp4", "poster.jpg"
    alert.clip_started_at, alert.clip_duration_s = alert.started_at, 14.0
    alert.save()
    Decision.objects.create(
        alert=alert, verdict=Verdict.CONFIRM, by=desk.operator, role="operator", after_s=4, note="Two boys known to us"
    )
    return alert


def export(client: Client, alert: Alert) -> ExportFile:
    answer = client.post(f"/alerts/{alert.pk}/export", WHY)
    assert answer.status_code == 200
    return read_export(answer.content)


def refusal(client: Client, alert: Alert) -> str:
    """Ask for an export that cannot be given and return what the page says; nothing may stand in the trail."""
    answer = client.post(f"/alerts/{alert.pk}/export", WHY)
    assert (answer.status_code, answer["Content-Type"][:9]) == (422, "text/html")
    assert not AuditEntry.objects.filter(action="alert.exported").exists()
    return " ".join(answer.context["form"].non_field_errors())


@pytest.fixture
def as_supervisor(as_supervisor: Client) -> Client:
    """The supervisor's browser, a moment after they proved again who they are."""
    prove(as_supervisor)
    return as_supervisor


@pytest.mark.parametrize("proof", [{"age_s": 301}, {"is_anew": False}])
def test_a_session_left_open_hands_nothing_out(clip: Alert, as_supervisor: Client, proof: dict[str, Any]) -> None:
    prove(as_supervisor, **proof)
    page = f"/alerts/{clip.pk}/export"
    for answer in (as_supervisor.get(page), as_supervisor.post(page, WHY)):
        assert (answer.status_code, urlsplit(answer.headers["Location"]).path) == (302, "/account/reauthenticate/")
    assert not AuditEntry.objects.filter(action="alert.exported").exists()


def test_the_file_holds_the_alert_and_says_where_it_comes_from(clip: Alert, desk: Desk, as_supervisor: Client) -> None:
    found = export(as_supervisor, clip)
    assert found.files["clip.mp4"] == CLIP
    assert found.files["poster.jpg"] == b"jpeg"
    assert clip.camera.name in found.files["README.txt"].decode()
    told = found.manifest
    assert (told["alert"]["id"], told["alert"]["event_id"]) == (clip.pk, clip.event_id)
    assert told["alert"]["started_at"] == clip.started_at.isoformat(timespec="milliseconds")
    assert told["camera"]["name"] == clip.camera.name
    assert told["camera"]["masking_at_export"]["style"] == "silhouette"
    assert "UTC" in told["source_of_time"]
    assert (told["masker"], told["detector"]) == (clip.masker, clip.detector)
    assert told["exported"] | WHY == told["exported"]
    assert (told["exported"]["by"], told["exported"]["role"]) == (desk.supervisor.username, "supervisor")
    assert [(one["verdict"], one["role"]) for one in told["decisions"]] == [("confirm", "operator")]
    assert "Two boys" not in json.dumps(told), "notes are written for colleagues"


def test_the_trail_tells_who_why_and_which_bytes(clip: Alert, desk: Desk, as_supervisor: Client) -> None:
    found = export(as_supervisor, clip)
    entry = AuditEntry.objects.get(action="alert.exported")
    assert found.manifest["exported"]["audit_entry"] == {"number": entry.number, "hash": entry.hash}
    body = json.loads(entry.body)
    assert (entry.verb, entry.actor, entry.subject) == ("disclosure", desk.supervisor, f"alert:{clip.pk}")
    assert entry.site_id == desk.site.pk
    assert body["details"]["case"] == WHY["case"]
    assert body["details"]["reason"] == WHY["reason"]
    assert body["details"]["files"] == {name: one["sha256"] for name, one in found.manifest["files"].items()}


def test_it_is_sent_as_a_file_that_nobody_keeps(clip: Alert, as_supervisor: Client, tmp_path: Path) -> None:
    answer = as_supervisor.post(f"/alerts/{clip.pk}/export", WHY)
    number = AuditEntry.objects.get(action="alert.exported").number
    assert answer["Content-Disposition"] == f'attachment; filename="paca-alert-{clip.pk}-{number}.zip"'
    assert answer["Content-Type"] == "application/zip"
    assert answer["Cache-Control"] == "private, no-store"
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"clip.mp4", "poster.jpg", "key"}


def test_only_supervisors_of_the_site_hand_out(clip: Alert, as_operator: Client, as_supervisor: Client) -> None:
    elsewhere = make_alert(make_camera(), clip_state=ClipState.READY, clip_path="clip.mp4")
    assert as_operator.post(f"/alerts/{clip.pk}/export", WHY).status_code == 404
    assert as_supervisor.post(f"/alerts/{elsewhere.pk}/export", WHY).status_code == 404
    assert not AuditEntry.objects.filter(action="alert.exported").exists()
    assert f"/alerts/{clip.pk}/export" in as_supervisor.get(f"/alerts/{clip.pk}/").text
    assert f"/alerts/{clip.pk}/export" not in as_operator.get(f"/alerts/{clip.pk}/").text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"case": " "}, "case"),
        ({"case": "x" * 81}, "case"),
        ({"reason": "too short"}, "reason"),
        ({"reason": ""}, "reason"),
    ],
)
def test_case_and_reason_are_asked_for(given: dict[str, str], field: str, clip: Alert, as_supervisor: Client) -> None:
    answer = as_supervisor.post(f"/alerts/{clip.pk}/export", {**WHY, **given})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    kept = "reason" if field == "case" else "case"
    assert f'value="{WHY[kept]}"' in answer.text
    assert not AuditEntry.objects.filter(action="alert.exported").exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"clip_state": ClipState.PENDING}, "still being made"),
        ({"clip_state": ClipState.MISSING}, "nothing was recorded"),
        ({"clip_state": ClipState.NONE}, "policy keeps none"),
        ({"clip_state": ClipState.PURGED, "clip_path": ""}, "end of its retention"),
        ({"ended_at": None}, "still goes on"),
        ({"clip_path": "other.mp4"}, "gone from the disk"),
    ],
)
def test_what_cannot_be_exported_says_why(
    fields: dict[str, Any], words: str, clip: Alert, as_supervisor: Client
) -> None:
    Alert.objects.filter(pk=clip.pk).update(**fields)
    page = as_supervisor.get(f"/alerts/{clip.pk}/export")
    assert words in page.text
    assert 'name="reason"' not in page.text, "no form where nothing can come of it"
    assert words in refusal(as_supervisor, clip)


def test_an_alert_without_a_poster_is_exported_without_one(clip: Alert, as_supervisor: Client) -> None:
    Alert.objects.filter(pk=clip.pk).update(poster_path="")
    assert set(export(as_supervisor, clip).files) == {"clip.mp4", "README.txt"}


def test_a_poster_that_is_gone_is_an_error(clip: Alert, as_supervisor: Client, settings: LazySettings) -> None:
    (settings.FOOTAGE_DIR / "poster.jpg").unlink()
    assert "gone or cannot be read" in refusal(as_supervisor, clip)


def test_too_much_is_refused_with_its_size(clip: Alert, as_supervisor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST_BYTES", len(CLIP) + 3)
    assert "MiB can be exported" in refusal(as_supervisor, clip)
    monkeypatch.setattr(exporting, "MOST_BYTES", len(CLIP) + 4)
    export(as_supervisor, clip)


def test_a_key_that_others_may_read_signs_nothing(clip: Alert, as_supervisor: Client, settings: LazySettings) -> None:
    export(as_supervisor, clip)
    settings.CHECKPOINT_KEY.chmod(0o644)
    answer = as_supervisor.post(f"/alerts/{clip.pk}/export", WHY)
    assert answer.status_code == 422
    assert "signing key cannot be used" in answer.text
    assert AuditEntry.objects.filter(action="alert.exported").count() == 1


def test_a_clip_deleted_or_made_anew_meanwhile_is_not_exported(
    clip: Alert, as_supervisor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = exporting._footage

    def read_and_purge(alert: Alert) -> dict[str, bytes]:
        files = original(alert)
        Alert.objects.filter(pk=alert.pk).update(clip_state=ClipState.PURGED)
        return files

    monkeypatch.setattr(exporting, "_footage", read_and_purge)
    assert "meanwhile" in refusal(as_supervisor, clip)


def test_what_cannot_be_packed_is_not_in_the_trail(
    clip: Alert, as_supervisor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> bytes:
        raise OSError("no memory")

    monkeypatch.setattr(exporting, "pack_export", fail)
    with pytest.raises(OSError, match="no memory"):
        as_supervisor.post(f"/alerts/{clip.pk}/export", WHY)
    assert not AuditEntry.objects.filter(action="alert.exported").exists()


def verified(path: Path, **options: Any) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("verify_export", path, stdout=out, **options)
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def test_the_command_compares_a_file_with_key_and_trail(
    clip: Alert, as_supervisor: Client, tmp_path: Path, settings: LazySettings
) -> None:
    path, key = tmp_path / "alert.zip", settings.CHECKPOINT_KEY
    content = as_supervisor.post(f"/alerts/{clip.pk}/export", WHY).content
    path.write_bytes(content)
    status, told = verified(path)
    number = AuditEntry.objects.get(action="alert.exported").number
    assert (status, f"as entry {number} of the trail tells" in told) == (0, True)
    assert public_fingerprint(key) in told
    path.write_bytes(content[:500] + bytes([content[500] ^ 1]) + content[501:])
    assert verified(path)[0] == 1
    path.write_bytes(content)
    settings.CHECKPOINT_KEY = tmp_path / "another"
    assert verified(path)[0] == 2, "without a key of its own it must be told whose"
    assert "was not compared" in verified(path, key=public_fingerprint(key))[1]
    assert verified(path, key="0" * 64)[0] == 1
    assert verified(tmp_path / "absent.zip")[0] == 2


def test_the_command_finds_a_file_that_the_trail_does_not_know(
    clip: Alert, as_supervisor: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "alert.zip"
    path.write_bytes(as_supervisor.post(f"/alerts/{clip.pk}/export", WHY).content)
    monkeypatch.setattr(AuditEntry.objects, "filter", lambda **_given: AuditEntry.objects.none())
    status, told = verified(path)
    assert (status, "does not tell of it" in told) == (1, True)
