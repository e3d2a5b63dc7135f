"""Keys that lie with what they open are refused at start, and nothing is sealed there."""

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from cameras.custody.checks import check_keys_apart, folders_against
from inference.core.vault.custodian import key_file_make
from tests.paca_site.embedded.conftest import manage_up


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "var"
    settings.FOOTAGE_DIR = settings.DATA_DIR / "footage"
    settings.VAULT_KEYS = tmp_path / "var-vault-keys"
    settings.FOOTAGE_DIR.mkdir(parents=True)


def ids() -> list[str | None]:
    return [one.id for one in check_keys_apart(None)]


def secret(folder: Path, name: str = "a.secret") -> None:
    (folder / "7").mkdir(parents=True, exist_ok=True)
    (folder / "7" / name).write_bytes(b"k" * 32)


def test_secrets_beside_the_data_folder_are_accepted(settings: Any) -> None:
    secret(settings.VAULT_KEYS)
    (settings.DATA_DIR / "orders").mkdir()
    (settings.DATA_DIR / "orders" / "one.pdf").write_bytes(b"%PDF-1.4 not a key")
    assert ids() == []
    assert folders_against() == ""


@pytest.mark.parametrize("place", ["var/vault-keys", "var/footage/keys", "var", ".", "var/footage"])
def test_secrets_inside_the_same_as_or_around_what_they_open_are_refused(
    tmp_path: Path, settings: Any, place: str
) -> None:
    settings.VAULT_KEYS = tmp_path / place
    (error,) = [one for one in check_keys_apart(None) if one.id == "paca.E002"]
    assert str((tmp_path / place).resolve()) in error.msg
    assert error.hint
    assert "set PACA_VAULT_KEYS" in error.hint
    assert folders_against() == error.msg


def test_a_link_into_the_data_folder_is_no_way_round(tmp_path: Path, settings: Any) -> None:
    (settings.DATA_DIR / "hidden").mkdir()
    settings.VAULT_KEYS = tmp_path / "elsewhere"
    settings.VAULT_KEYS.symlink_to(settings.DATA_DIR / "hidden")
    assert ids() == ["paca.E002"]


def test_a_footage_folder_on_another_disk_is_looked_at_too(tmp_path: Path, settings: Any) -> None:
    settings.FOOTAGE_DIR = tmp_path / "disk" / "footage"
    settings.VAULT_KEYS = tmp_path / "disk" / "footage" / "keys"
    assert ids() == ["paca.E002"]


def test_secrets_left_at_the_former_place_are_told_with_where_to_move_them(settings: Any) -> None:
    (settings.DATA_DIR / "vault-keys" / "7").mkdir(parents=True)
    assert ids() == []  # an empty folder is nothing to lose
    secret(settings.DATA_DIR / "vault-keys")
    (error,) = check_keys_apart(None)
    assert error.id == "paca.E003"
    assert str(settings.VAULT_KEYS) in (error.hint or "")
    assert folders_against() == error.msg


@pytest.mark.parametrize("place", ["var", "var/somewhere", "var/footage", "var-vault-keys"])
def test_a_custodians_key_file_on_the_system_is_refused_by_name(tmp_path: Path, place: str) -> None:
    content, _public = key_file_make("a long enough passphrase")
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    (tmp_path / place / "holiday.txt").write_bytes(content)
    (error,) = check_keys_apart(None)
    assert error.id == "paca.E004"
    assert str(tmp_path / place / "holiday.txt") in error.msg
    (tmp_path / place / "holiday.txt").unlink()
    assert ids() == []


def test_every_command_refuses_and_so_does_up(tmp_path: Path, settings: Any) -> None:
    settings.VAULT_KEYS = settings.DATA_DIR / "vault-keys"
    assert "paca.E002" in [one.id for one in run_checks()]
    with pytest.raises(SystemCheckError, match=r"paca\.E002"):
        call_command("check")
    refused = manage_up(tmp_path / "fresh", PACA_VAULT_KEYS=str(tmp_path / "fresh" / "keys"))
    assert refused.returncode == 1
    assert "set PACA_VAULT_KEYS" in refused.stderr
    assert not (tmp_path / "fresh" / "postgres").exists()
