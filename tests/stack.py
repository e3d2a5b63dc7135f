"""The whole product as its users run it: `manage.py up` in a folder of its own, with real processes."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from tests.rtsp_server import free_port

CHECKOUT = Path(__file__).resolve().parent.parent
T = TypeVar("T")


def wait_for(what: str, probe: Callable[[], T | None], within_s: float, every_s: float = 0.2) -> T:
    """Return the first truthy answer of `probe`, or fail saying what did not happen."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := probe():
            return found
        time.sleep(every_s)
    raise AssertionError(f"{what}: not within {within_s:.0f} s")


class Stack:
    """A running installation."""

    def __init__(self, *, camera: str = "", is_demo: bool = False, **environment: str) -> None:
        self.camera = camera
        self.folder = Path(tempfile.mkdtemp(prefix="paca-", dir="/tmp"))
        self.data = self.folder / "d"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        inherited = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
        self._environment = {
            **inherited,
            "PACA_DATA": str(self.data),
            "PACA_PORT": str(self.port),
            "PACA_DEMO": "1" if is_demo else "0",
            "PACA_REQUIRE_SECOND_FACTOR": "0",
            "PACA_CAMERA": camera,
            "PACA_STREAM_WORKERS": "2",
            **environment,
        }
        self.process: subprocess.Popen[str] | None = None
        self.output = self.folder / "up.log"

    def start(self, within_s: float = 240) -> float:
        """Start and wait for the ready line. Returns the seconds it took."""
        started_s = time.monotonic()
        with self.output.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=CHECKOUT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )

        def ready() -> bool:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"manage.py up ended:\n{self.output.read_text()}")
            return "PACA is ready" in self.output.read_text()

        wait_for("the ready line", ready, within_s)
        return time.monotonic() - started_s

    def certify(self) -> None:
        """Let the first operator and supervisor decide alerts, as the demo's may: else they would take the course."""
        self.query(
            "INSERT INTO training_certificate "
            "(person_id, course, taken_on, ends_on, source, made_at, withdraw_reason) "
            "SELECT id, 'For tests', current_date - 1, current_date + 300, 'demo', now(), '' FROM accounts_user "
            "WHERE role IN ('operator', 'supervisor') "
            "AND NOT EXISTS (SELECT 1 FROM training_certificate WHERE person_id = accounts_user.id) RETURNING id"
        )

    def stop(self) -> float:
        """Stop as Ctrl-C does. Returns the seconds it took."""
        started_s = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(40)
        return time.monotonic() - started_s

    @property
    def passwords(self) -> dict[str, str]:
        """Names and passwords of the first accounts."""
        lines = (self.data / "credentials.txt").read_text().splitlines()[2:]
        return dict(line.split() for line in lines if line.strip())

    def services(self) -> dict[str, str]:
        """Addresses of the embedded services."""
        found: dict[str, str] = json.loads((self.data / "run" / "services.json").read_text())
        return found

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the installation's database."""
        with psycopg.connect(self.services()["DATABASE_URL"], autocommit=True) as connection:
            return connection.execute(sql, values).fetchall()

    def log(self, name: str) -> str:
        """What a program has said."""
        return (self.data / "log" / f"{name}.log").read_text(errors="replace")


@contextmanager
def running_stack(**choices: Any) -> "Any":
    """Start a stack for a block of code and stop it afterwards; logs are shown if the block fails."""
    stack = Stack(**choices)
    try:
        stack.start()
        stack.certify()
        yield stack
    except BaseException:
        for path in sorted((stack.data / "log").glob("*.log")):
            sys.stderr.write(f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}\n")
        raise
    finally:
        stack.stop()
