"""Registering and retiring a custodian's key: by a custodian, after a fresh proof, with its fingerprint, on record."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from cameras.custody.models import CustodianKey
from cameras.custody.services.keys import fingerprint_of
from cameras.custody.services.shredding import sealed_destroy_all
from inference.core.vault.custodian import key_file_open
from inference.core.vault.shares import KeyPart, key_join
from inference.management.commands import make_custodian_key
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.cameras.custody.sealed import make_key, make_sealed
from tests.cast import make_camera, make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of
from tests.proof import prove

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


@pytest.fixture
def custodian() -> Client:
    client = client_of(make_user(Role.CUSTODIAN, make_site()))
    prove(client)
    return client


def public_key() -> str:
    return X25519PrivateKey.generate().public_key().public_bytes_raw().hex()


def test_a_key_is_registered_with_its_fingerprint_and_stands_in_the_trail(custodian: Client) -> None:
    assert "No key is registered" in custodian.get("/custody/").text
    key = public_key()
    shown = fingerprint_of(key)
    given = {"public_key": f" {key.upper()} ", "fingerprint": f"{shown[:8]} {shown[8:20]}"}
    assert custodian.post("/custody/add", given)["Location"] == "/custody/"
    assert shown in custodian.get("/custody/").text
    entry = json.loads(AuditEntry.objects.get(action="custody.key-registered").body)
    assert entry["details"] == {"fingerprint": shown, "replaces": ""}


@pytest.mark.parametrize(
    ("key", "fingerprint", "words"),
    [
        ("ab", "", "64 digits"),
        ("0" * 64, fingerprint_of("0" * 64), "no usable public key"),
        ("a" * 64, "0" * 64, "not the fingerprint of this key"),
        ("a" * 64, fingerprint_of("a" * 64)[:15], "at least its first 16 characters"),
    ],
)
def test_a_slip_is_refused_where_it_was_made(custodian: Client, key: str, fingerprint: str, words: str) -> None:
    answer = custodian.post("/custody/add", {"public_key": key, "fingerprint": fingerprint or "0" * 16})
    assert answer.status_code == 422
    assert words in answer.text
    assert not CustodianKey.objects.exists()


def test_nobody_registers_or_retires_without_a_fresh_proof() -> None:
    make_key()
    client = client_of(make_user(Role.CUSTODIAN, make_site()))
    key = public_key()
    for address, given in (
        ("/custody/add", {"public_key": key, "fingerprint": fingerprint_of(key)}),
        ("/custody/retire", {"reason": "the custodian has left"}),
    ):
        assert "/account/reauthenticate/" in client.post(address, given)["Location"]
    assert CustodianKey.objects.current().count() == CustodianKey.objects.count() == 1


def test_a_key_is_retired_with_a_reason_and_never_registered_again(custodian: Client) -> None:
    key = make_key()
    assert "at least 10 characters; these are 4" in custodian.post("/custody/retire", {"reason": "left"}).text
    assert custodian.post("/custody/retire", {"reason": "the custodian has left"}).status_code == 302
    assert custodian.post("/custody/retire", {"reason": "the custodian has left"}).status_code == 422
    page = custodian.get("/custody/").text
    assert "the custodian has left" in page
    assert "No key is registered" in page
    again = custodian.post("/custody/add", {"public_key": key.public_key, "fingerprint": key.fingerprint})
    assert "was registered before" in again.text


def test_what_was_destroyed_is_listed_to_those_of_the_site_only() -> None:
    camera = make_camera(name="Harbour gate")
    make_sealed(camera, timezone.now(), make_key())
    sealed_destroy_all(camera=camera, reason="test")
    here, elsewhere = make_user(Role.AUDITOR, camera.site), make_user(Role.AUDITOR, make_site())
    assert "Harbour gate" in client_of(here).get("/custody/").text
    assert "Nothing has been destroyed yet." in client_of(elsewhere).get("/custody/").text


def test_the_command_makes_a_key_that_only_the_passphrase_opens_and_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, passphrases = tmp_path / "custodian.key", iter(["correct horse", "other words!"] + ["correct horse"] * 4)
    monkeypatch.setattr(make_custodian_key, "getpass", lambda _: next(passphrases))
    with pytest.raises(CommandError, match="The two passphrases differ"):
        call_command("make_custodian_key", out)
    assert not out.exists()
    call_command("make_custodian_key", out)
    with pytest.raises(CommandError, match="File exists"):
        call_command("make_custodian_key", out)
    assert out.stat().st_mode & 0o077 == 0
    public = key_file_open(out.read_bytes(), "correct horse").public_key().public_bytes_raw().hex()
    told = capsys.readouterr().out
    assert public in told
    assert fingerprint_of(public) in told


def test_the_command_makes_shares_that_open_together_or_nothing_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"holder number {number}" for number in (1, 2, 3)]
    answers = iter([word for word in words for _ in range(2)] * 2)
    monkeypatch.setattr(make_custodian_key, "getpass", lambda _: next(answers))
    out = tmp_path / "court"
    (tmp_path / "court-2").touch()
    with pytest.raises(CommandError, match=r"court-2 cannot be made: File exists\. Nothing was made"):
        call_command("make_custodian_key", out, shares=3, needed=2)
    assert [path.name for path in tmp_path.iterdir()] == ["court-2"]
    (tmp_path / "court-2").unlink()
    call_command("make_custodian_key", out, shares=3, needed=2)
    files = [tmp_path / f"court-{number}" for number in (1, 2, 3)]
    assert not any(path.stat().st_mode & 0o077 for path in files)
    joined = key_join([KeyPart(files[0].read_bytes(), words[0]), KeyPart(files[2].read_bytes(), words[2])])
    assert joined.private_key.public_key().public_bytes_raw().hex() in capsys.readouterr().out


@pytest.mark.parametrize("numbers", [{"shares": 5}, {"needed": 2}, {"shares": 0}, {"shares": 99, "needed": 2}])
def test_the_command_asks_nobody_where_the_numbers_make_no_sense(tmp_path: Path, numbers: dict[str, int]) -> None:
    with pytest.raises(CommandError, match="shares"):
        call_command("make_custodian_key", tmp_path / "court", **numbers)
    assert not list(tmp_path.iterdir())
