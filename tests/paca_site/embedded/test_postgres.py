"""The cluster: made once, whole or not at all, refused where it is foreign."""

import os
from pathlib import Path

import pytest

from paca_site.embedded import postgres as module
from paca_site.embedded.errors import StartError
from paca_site.embedded.postgres import Postgres, choose_account
from paca_site.embedded.tether import NAMESPACE_ACCOUNT


def test_a_cluster_of_another_version_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(StartError, match=r"^The database in .* made by PostgreSQL 17, and this is PostgreSQL 18: .*$"):
        Postgres(tmp_path / "postgres", tmp_path / "pg").prepare()


def test_a_half_made_cluster_of_a_crash_is_made_again(short_folder: Path) -> None:
    (short_folder / "postgres.new").mkdir()
    (short_folder / "postgres.new" / "rubbish").write_text("half")
    data = short_folder / "postgres"
    cluster = Postgres(data, short_folder / "pg", choose_account(data), is_durable=False)
    assert cluster.prepare()
    assert not cluster.prepare()
    assert not (short_folder / "postgres.new").exists()


def test_a_lock_file_whose_number_belongs_to_another_program_is_removed(short_folder: Path) -> None:
    data = short_folder / "postgres"
    cluster = Postgres(data, short_folder / "pg", choose_account(data), is_durable=False)
    cluster.prepare()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    cluster.prepare()
    assert not (data / "postmaster.pid").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_becomes_the_owner_of_an_existing_cluster(short_folder: Path) -> None:
    short_folder.chmod(0o755)
    data = short_folder / "owned"
    data.mkdir(mode=0o700)
    os.chown(data, 65534, 65534)
    assert choose_account(data) == "65534:65534"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_where_namespaces_are_forbidden_root_hands_the_cluster_to_nobody(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reachable = module._runs_as
    monkeypatch.setattr(module, "_runs_as", lambda who: "forbidden" if who == NAMESPACE_ACCOUNT else reachable(who))
    data = short_folder / "var" / "handed"
    data.parent.mkdir(mode=0o700)
    account = choose_account(data)
    assert account == "65534:65534"
    short_folder.chmod(0o755)
    cluster = Postgres(data, data.parent / "pg", account, is_durable=False)
    assert cluster.prepare()
    assert data.stat().st_uid == 65534
    assert (data.parent / "pg").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_programs_that_nobody_can_reach_are_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_runs_as", lambda who: "Permission denied")
    with pytest.raises(StartError, match=r"^PostgreSQL does not run as root, .*Permission denied.*$"):
        choose_account(tmp_path / "postgres")
