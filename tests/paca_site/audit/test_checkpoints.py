"""Checkpoints outside the database show what the chain alone cannot; the offline verifier finds the same."""

import http.server
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command

from paca_site.accounts.models import Role
from paca_site.audit import tasks
from paca_site.audit.checkpoints import Checkpoint, CheckpointError, check_signatures, line_hash, read_checkpoints
from paca_site.audit.models import AuditEntry
from paca_site.audit.services import audit_record_now
from paca_site.audit.signing import Purpose, SigningError, fingerprint, is_signed, sign, signing_key
from paca_site.audit.verification import last_verification, trail_verify
from tests.cast import make_user
from tests.paca_site.audit.test_trail import tamper
from tests.paca_site.audit.test_trail_pages import client_of

pytestmark = pytest.mark.django_db
VERIFIER = Path(__file__).resolve().parents[3] / "docs" / "verify" / "verify_audit.py"


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path) -> Path:
    settings.CHECKPOINT_FILE = tmp_path / "audit" / "checkpoints.jsonl"
    settings.CHECKPOINT_KEY = tmp_path / "audit" / "checkpoint.key"
    settings.CHECKPOINT_WEBHOOK = ""
    return Path(settings.CHECKPOINT_FILE)


def happen(times: int) -> None:
    for number in range(times):
        audit_record_now(action="alert.viewed", actor=None, subject=f"alert:{number}", details={"n": number, "å": "ø"})


@pytest.fixture
def signed(place: Path) -> Path:
    """Ten entries, a checkpoint after each five."""
    for _ in range(2):
        happen(5)
        tasks.write_checkpoint()
    assert [one.count for one in read_checkpoints(place)] == [5, 10]
    return place


def fork() -> None:
    """Go back to six entries, as a restored backup does, and let life go on."""
    tamper("DELETE FROM audit_auditentry WHERE number > 6")
    happen(8)


ATTACKS: dict[str, tuple[Callable[[], None], str]] = {
    "tail cut off": (lambda: tamper("DELETE FROM audit_auditentry WHERE number > 8"), "entries are missing at the end"),
    "all of it removed": (lambda: tamper("DELETE FROM audit_auditentry"), "entries are missing at the end"),
    "old backup, then new entries": (fork, "continued from an old backup"),
    "edited": (
        lambda: tamper("UPDATE audit_auditentry SET body = replace(body, '\"n\":3', '\"n\":7') WHERE number = 4"),
        "entry 4 was changed",
    ),
    "deleted inside": (lambda: tamper("DELETE FROM audit_auditentry WHERE number = 4"), "entry 4 is missing"),
}


@pytest.mark.usefixtures("signed")
def test_a_sound_trail_agrees_with_its_checkpoints_also_when_it_has_grown() -> None:
    happen(3)
    state = trail_verify()
    assert (state.chain.faults, state.checkpoints, state.chain.count) == ((), 2, 13)


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize("attack", ATTACKS)
def test_the_server_finds_every_way_to_falsify_the_trail(attack: str) -> None:
    do, fault = ATTACKS[attack]
    do()
    assert fault in trail_verify().chain.fault
    with pytest.raises(CommandError, match=fault):
        call_command("verify_audit", stdout=io.StringIO())


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_offline_verifier_finds_it_too_against_a_copy_kept_elsewhere(
    attack: str, signed: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(signed.read_bytes())
    ATTACKS[attack][0]()
    signed.write_text("")  # who can write to the database may reach the file too: the copy is what counts
    said = run_verifier(export(tmp_path), "--checkpoints", str(copy))
    assert said.returncode == 1
    assert "NOT SOUND" in said.stdout


def export(folder: Path) -> Path:
    path = folder / "trail.jsonl"
    call_command("export_audit", str(path), reason="for the court in Agder", stdout=io.StringIO())
    return path


def run_verifier(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(VERIFIER), *(str(each) for each in arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.usefixtures("signed")
def test_an_untouched_export_is_sound_and_names_the_key(tmp_path: Path, settings: Any) -> None:
    key = fingerprint(signing_key(settings.CHECKPOINT_KEY).public_key())
    said = run_verifier(export(tmp_path), "--key", key)
    assert (said.returncode, said.stderr) == (0, "")
    assert "11 entries (0 without text)" in said.stdout, "the export is an entry itself"
    assert key in said.stdout
    assert run_verifier(tmp_path / "trail.jsonl", "--key", "0" * 64).returncode == 1, "signed, but by another key"


@pytest.mark.usefixtures("signed")
def test_any_changed_byte_of_an_export_is_found(tmp_path: Path) -> None:
    path = export(tmp_path)
    content = path.read_bytes()
    for position in range(7, len(content), len(content) // 12):
        changed = bytearray(content)
        changed[position] ^= 1
        path.write_bytes(changed)
        assert run_verifier(path).returncode != 0, f"byte {position}: {content[position - 20 : position + 20]!r}"


def test_an_export_refuses_to_overwrite_and_asks_for_a_reason(tmp_path: Path) -> None:
    path = export(tmp_path)
    with pytest.raises(CommandError, match="is there already"):
        export(tmp_path)
    assert path.stat().st_size
    with pytest.raises(CommandError, match="at least 10 characters"):
        call_command("export_audit", str(tmp_path / "other"), reason="because")
    assert not (tmp_path / "other").exists()


def test_nothing_is_signed_over_a_contradiction_and_the_fault_is_written_once(signed: Path) -> None:
    fork()
    tasks.write_checkpoint()
    tasks.write_checkpoint()
    assert len(read_checkpoints(signed)) == 2
    told = [json.loads(each.body)["details"]["fault"] for each in AuditEntry.objects.filter(action="audit.verified")]
    assert len(told) == 1
    assert "continued from an old backup" in told[0]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda lines: lines[1:], "checkpoint 1 is missing"),
        (lambda lines: [lines[0].replace('"count":5', '"count":4'), lines[1]], "its signature does not fit"),
        (lambda lines: [lines[0], "{}"], "line 2 is no checkpoint"),
    ],
    ids=["removed", "changed", "unreadable"],
)
def test_a_falsified_file_of_checkpoints_is_found(
    signed: Path, change: Callable[[list[str]], list[str]], fault: str
) -> None:
    signed.write_text("".join(f"{line}\n" for line in change(signed.read_text().splitlines())))
    assert fault in trail_verify().chain.fault


def test_a_checkpoint_of_a_process_killed_while_writing_is_made_again(signed: Path) -> None:
    with signed.open("a") as file:
        file.write('{"sequence":3,"at":"2026')
    happen(1)
    tasks.write_checkpoint()
    assert [one.count for one in read_checkpoints(signed)] == [5, 10, 11]
    assert trail_verify().chain.is_sound


def test_a_quiet_trail_is_signed_once_an_hour(signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.write_checkpoint()
    assert len(read_checkpoints(signed)) == 2
    monkeypatch.setattr("paca_site.audit.checkpoints.QUIET", read_checkpoints(signed)[0].made_at.resolution)
    tasks.write_checkpoint()
    assert [one.count for one in read_checkpoints(signed)] == [5, 10, 10]


def test_a_key_that_others_may_read_or_that_is_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "a.key"
    first = signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert fingerprint(signing_key(path).public_key()) == fingerprint(first.public_key()), "made once"
    path.chmod(0o644)
    with pytest.raises(SigningError, match="mode 0600"):
        signing_key(path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(SigningError, match="holds 5"):
        signing_key(path)


class Keeper(http.server.BaseHTTPRequestHandler):
    """Takes checkpoints, unless told not to."""

    lines: list[str] = []
    answer = 204

    def do_POST(self) -> None:
        line = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.answer < 400:
            self.lines.append(line)
        self.send_response(self.answer)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def keeper(settings: Any) -> Iterator[type[Keeper]]:
    Keeper.lines, Keeper.answer = [], 204
    server = http.server.HTTPServer(("127.0.0.1", 0), Keeper)
    settings.CHECKPOINT_WEBHOOK = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Keeper
    server.shutdown()
    thread.join()
    server.server_close()


def test_checkpoints_are_sent_away_and_wait_while_nobody_takes_them(place: Path, keeper: type[Keeper]) -> None:
    happen(1)
    tasks.write_checkpoint()
    keeper.answer = 503
    happen(1)
    tasks.write_checkpoint()
    assert len(keeper.lines) == 1
    keeper.answer = 204
    happen(1)
    tasks.write_checkpoint()
    assert keeper.lines == place.read_text().splitlines(), "all three, once, in order"


def test_checkpoints_that_know_fewer_and_fewer_entries_are_refused_though_signed() -> None:
    key = Ed25519PrivateKey.generate()
    first, other = (Checkpoint(1, "2026-11-23T00:00:00+00:00", count, "a" * 64, "0" * 64, "", "") for count in (3, 1))
    lines: list[Checkpoint] = []
    for sequence, one in enumerate((first, other), start=1):
        previous = line_hash(lines[-1].line) if lines else "0" * 64
        bare = replace(one, sequence=sequence, previous=previous, key=key.public_key().public_bytes_raw().hex())
        lines.append(replace(bare, signature=sign(key, Purpose.CHECKPOINT, bare.signed_text)))
    check_signatures(lines[:1])
    with pytest.raises(CheckpointError, match="knows fewer entries"):
        check_signatures(lines)


def test_a_broken_trail_stands_on_every_page_of_auditors_and_administrators(signed: Path, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    fork()
    tasks.verify_trail()
    for role, page in ((Role.AUDITOR, "/audit/"), (Role.ADMINISTRATOR, "/cameras/"), (Role.SUPERVISOR, "/cameras/")):
        shown = client_of(make_user(role)).get(page).content.decode()
        assert ("The audit trail is broken" in shown) == (role != Role.SUPERVISOR)


def test_a_signature_made_for_one_purpose_is_none_for_another(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "key")
    made = sign(key, Purpose.CHECKPOINT, "text")
    assert is_signed(key.public_key(), Purpose.CHECKPOINT, "text", made)
    assert not is_signed(key.public_key(), Purpose.ALERT_EXPORT, "text", made)
    assert made == key.sign(b"paca audit checkpoint 1\ntext").hex(), "checkpoints signed before stay signed"


@pytest.mark.django_db
def test_an_entry_of_a_verification_that_is_not_whole_is_told_as_a_fault_and_stops_nobody() -> None:
    audit_record_now(action="audit.verified", actor=None, details={})
    found = last_verification()
    assert found is not None
    assert found.fault == "the entry of the last verification is not whole"


@pytest.mark.parametrize("given", ["", "abc", "g" * 64])
def test_the_program_alone_refuses_what_is_no_fingerprint(given: str, tmp_path: Path) -> None:
    done = run_verifier(tmp_path / "any.jsonl", "--key", given)
    assert (done.returncode, done.stdout, "64 digits" in done.stderr) == (2, "", True)
