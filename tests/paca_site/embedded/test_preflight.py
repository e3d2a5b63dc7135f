"""Each thing that is wrong on a machine is one clear line before anything starts."""

import fcntl
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from paca_site.embedded.choices import Choices
from paca_site.embedded.errors import StartError
from paca_site.embedded.layout import make_layout
from paca_site.embedded.preflight import (
    check_broker,
    check_database,
    check_disk,
    check_port,
    check_python,
    hold_lock,
)
from paca_site.embedded.secret import installation_secret
from tests.paca_site.embedded.conftest import manage_up

GIB = 1 << 30


def test_an_old_python_is_told() -> None:
    check_python()
    with pytest.raises(StartError, match=r"3\.11 or newer; this is 3\.10"):
        check_python((3, 10))


def test_a_full_disk_is_refused_and_a_small_one_warned_about(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"has 0\.5 GiB free and PACA needs at least 1"):
        check_disk(tmp_path, free_bytes=GIB // 2)
    assert "only 2.0 GiB free" in check_disk(tmp_path, free_bytes=2 * GIB)
    assert check_disk(tmp_path, free_bytes=50 * GIB) == ""


def test_a_port_in_use_stops_up_with_one_line_and_exit_code_one(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = manage_up(tmp_path, PACA_PORT=str(port))
        assert refused.returncode == 1
        assert refused.stderr.strip() == (
            f"Port {port} on 127.0.0.1 is used by another program: stop it, or set PACA_PORT={port + 1}."
        )
        assert not (tmp_path / "postgres").exists()
    check_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(StartError, match=r"cannot listen on 192\.0\.2\.1"):
        check_port("192.0.2.1", 8000)


def test_a_second_up_on_the_same_data_folder_is_told_who_holds_it(tmp_path: Path) -> None:
    layout = make_layout(tmp_path)
    with hold_lock(layout.lock, "process 4711, http://127.0.0.1:8000"):
        refused = manage_up(tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        "PACA already runs on this data folder (process 4711, http://127.0.0.1:8000): "
        "stop it first, or set PACA_DATA and PACA_PORT."
    )


def test_the_lock_of_a_killed_process_is_ignored(tmp_path: Path) -> None:
    lock = tmp_path / "up.lock"
    script = (
        "import fcntl, sys, time; file = open(sys.argv[1], 'w')\n"
        "fcntl.flock(file, fcntl.LOCK_EX); print(flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(lock)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(StartError), hold_lock(lock, "me"):
            pass
        holder.kill()
    with hold_lock(lock, "me"), lock.open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_long_data_folder_gets_its_sockets_in_a_short_private_one(tmp_path: Path) -> None:
    layout = make_layout(tmp_path / ("long" * 30))
    assert layout.shortened
    assert len(str(layout.sockets)) < 80
    assert stat.S_IMODE(layout.sockets.stat().st_mode) == 0o700
    layout.sockets.rmdir()


def test_a_short_folder_that_somebody_else_made_first_is_refused(tmp_path: Path) -> None:
    layout = make_layout(tmp_path / ("long" * 30))
    layout.sockets.rmdir()
    layout.sockets.symlink_to(tmp_path)
    try:
        with pytest.raises(StartError, match="belongs to somebody else"):
            make_layout(layout.data)
    finally:
        layout.sockets.unlink()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_of_somebody_else_is_told() -> None:
    with pytest.raises(StartError, match=r"cannot be created|cannot be written"):
        make_layout(Path("/usr/paca"))


@pytest.mark.parametrize(
    ("name", "given"), [("PACA_PORT", "http"), ("PACA_PORT", "70000"), ("PACA_STREAM_WORKERS", "0")]
)
def test_a_bad_variable_is_named_with_its_value(name: str, given: str) -> None:
    with pytest.raises(StartError, match=f"^{name} must be a whole number from 1 to .*; got '{given}'"):
        Choices.from_environment({name: given})


@pytest.mark.parametrize(("database", "got"), [("", "none"), ("postgresql:///paca?host=/run/pg", "one without a name")])
def test_an_owner_s_address_needs_the_role_that_paca_runs_as(database: str, got: str) -> None:
    given = {"PACA_OWNER_DATABASE_URL": "postgresql://owner:hunter2@db/paca", "DATABASE_URL": database}
    with pytest.raises(
        StartError, match=f"^PACA_OWNER_DATABASE_URL needs DATABASE_URL beside it.*got {got}"
    ) as refused:
        Choices.from_environment(given)
    assert "hunter2" not in str(refused.value)
    assert Choices.from_environment({**given, "DATABASE_URL": "postgresql://app:x@db/paca"}).app_role == "app"


def test_services_that_do_not_answer_are_told_without_their_password() -> None:
    with pytest.raises(StartError, match="DATABASE_URL does not answer") as refused:
        check_database("postgresql://paca:hunter2@127.0.0.1:1/paca")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(StartError, match="REDIS_URL does not answer") as refused:
        check_broker("redis://:hunter2@127.0.0.1:1/0")
    assert "hunter2" not in str(refused.value)


def test_the_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    made = installation_secret(path)
    assert installation_secret(path) == made
    assert len(made) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("")
    with pytest.raises(StartError, match="is damaged"):
        installation_secret(path)
