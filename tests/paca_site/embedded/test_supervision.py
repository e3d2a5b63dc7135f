"""Whatever is killed comes back, and nothing outlives its parent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from paca_site.embedded.layout import make_layout
from paca_site.embedded.program import Program
from paca_site.embedded.supervision import former_pid, render_config
from tests.paca_site.embedded.conftest import Installation, runs, wait_for


def test_every_killed_program_is_back_and_usable_within_ten_seconds(installation: Installation) -> None:
    with psycopg.connect(installation.postgres.url, autocommit=True) as connection:
        connection.execute("create table if not exists kept (value int)")
        connection.execute("insert into kept values (1)")
    killed = {name: installation.kill(name) for name in ("postgres", "valkey", "web", "worker")}
    wait_for(lambda: all(pid not in (0, killed[name]) for name, pid in installation.pids().items()), within_s=10)
    wait_for(lambda: installation.postgres.is_ready() and installation.valkey.is_ready(), within_s=10)
    with psycopg.connect(installation.postgres.url) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1,)
    with redis.from_url(installation.valkey.url) as client:
        assert client.ping()


def test_a_second_start_finds_the_data_as_it_was(installation: Installation) -> None:
    with psycopg.connect(installation.postgres.url, autocommit=True) as connection:
        connection.execute("create table second (value int)")
    former = installation.pids()
    assert installation.supervision.stop()
    assert not any(runs(pid) for pid in former.values())
    installation.start()
    with psycopg.connect(installation.postgres.url) as connection:
        assert connection.execute("select count(*) from second").fetchone() == (0,)


def test_stopping_ends_the_app_before_the_services_and_kills_what_is_deaf(installation: Installation) -> None:
    assert installation.supervision.stop()
    log = (installation.layout.log / "supervisord.log").read_text().rpartition("received SIGTERM")[2]
    ends = [line.split("stopped: ")[1].split()[0] for line in log.splitlines() if "stopped: " in line]
    assert set(ends[:2]) == {"web", "worker"}
    assert set(ends[2:]) == {"postgres", "valkey"}
    assert "killing 'worker'" in log


def test_killing_the_supervisor_leaves_nothing_behind_and_it_starts_again(installation: Installation) -> None:
    orphans = installation.pids()
    os.kill(installation.supervision.pid, signal.SIGKILL)
    wait_for(lambda: not installation.supervision.is_alive())
    wait_for(lambda: not any(runs(pid) for pid in orphans.values()))
    assert installation.supervision.states() == []
    installation.start()  # stale sockets and pid files of the killed ones are in the way
    assert all(installation.pids().values())


def test_a_killed_parent_takes_its_supervisor_and_every_program_with_it(short_folder: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from paca_site.embedded.layout import make_layout\n"
        "from tests.paca_site.embedded.conftest import Installation\n"
        "made = Installation(make_layout(Path(sys.argv[1]))); made.start()\n"
        "print(made.supervision.pid, *made.pids().values(), flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", script, str(short_folder / "other")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 5
        assert all(runs(pid) for pid in pids)
        parent.kill()
    wait_for(lambda: not any(runs(pid) for pid in pids))


def test_the_former_supervisor_is_recognised_by_its_configuration_only(tmp_path: Path) -> None:
    layout = make_layout(tmp_path)
    (layout.run / "supervisord.pid").write_text(f"{os.getpid()}\n")  # a number that somebody else got after a reboot
    assert former_pid(layout) == 0


@pytest.mark.parametrize("odd", ["with space", "50% off"])
def test_odd_folder_names_survive_the_configuration(tmp_path: Path, odd: str) -> None:
    layout = make_layout(tmp_path / odd)
    config = render_config(layout, [Program("web", ("echo", str(layout.data)), "app")])
    assert layout.shortened
    assert odd.replace("%", "%%") in config
    assert f"file={layout.sockets}" in config
    layout.sockets.rmdir()
