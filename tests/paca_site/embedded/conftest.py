"""Short private folders, and a supervised installation whose app is two placeholders."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from paca_site.embedded.layout import Layout, make_layout
from paca_site.embedded.postgres import Postgres, choose_account
from paca_site.embedded.program import Program
from paca_site.embedded.supervision import Supervision
from paca_site.embedded.valkey import Valkey


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for sockets (pytest's own are too long)."""
    folder = Path(tempfile.mkdtemp(prefix="paca-e-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Installation:
    """Real services and a real supervisor; `web` and `worker` only sleep, the worker deaf to SIGTERM."""

    layout: Layout
    postgres: Postgres = field(init=False)
    valkey: Valkey = field(init=False)
    supervision: Supervision = field(init=False)

    def __post_init__(self) -> None:
        data = self.layout.postgres_data
        self.postgres = Postgres(data, self.layout.sockets / "pg", choose_account(data))
        self.valkey = Valkey(self.layout.sockets)
        deaf = (
            "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
            "pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
        )
        programs = [
            self.postgres.program(),
            self.valkey.program(),
            Program("web", (sys.executable, "-c", "import time; time.sleep(600)"), "app"),
            Program("worker", (sys.executable, "-c", deaf, str(self.deaf_since)), "app", stop_wait_s=1),
        ]
        self.supervision = Supervision(self.layout, programs, {})

    @property
    def deaf_since(self) -> Path:
        """Appears when the worker has become deaf."""
        return self.layout.run / "deaf"

    def start(self) -> None:
        self.deaf_since.unlink(missing_ok=True)
        self.postgres.prepare()
        self.supervision.start()
        wait_for(lambda: self.postgres.is_ready() and self.valkey.is_ready())
        self.supervision.start_app()
        wait_for(lambda: self.deaf_since.exists() and all(self.pids().values()), within_s=30)

    def pids(self) -> dict[str, int]:
        return {state.name: state.pid for state in self.supervision.states()}

    def kill(self, name: str) -> int:
        pid = self.pids()[name]
        os.kill(pid, signal.SIGKILL)
        return pid


@pytest.fixture(scope="module")
def kept_folder() -> Iterator[Path]:
    """As `short_folder`, but one for all tests of a module."""
    folder = Path(tempfile.mkdtemp(prefix="paca-e-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def installation(kept_folder: Path) -> Iterator[Installation]:
    """A running installation; the data folder is kept from test to test of a module."""
    made = Installation(make_layout(kept_folder / "var"))
    made.start()
    yield made
    made.supervision.stop()


def wait_for(condition: Callable[[], bool], within_s: float = 15) -> float:
    """Wait until `condition` holds; returns the seconds it took."""
    started_at = time.monotonic()
    while not condition():
        assert time.monotonic() - started_at < within_s, f"not within {within_s} s"
        time.sleep(0.02)
    return time.monotonic() - started_at


def runs(pid: int) -> bool:
    """Say whether `pid` is alive and not merely uncollected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def manage_up(data: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py up` where it is expected to refuse."""
    environment = {**os.environ, "PACA_DATA": str(data), **variables}
    return subprocess.run(
        [sys.executable, "manage.py", "up"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
