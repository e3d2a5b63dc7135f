"""PostgreSQL and Valkey alone, in a folder of their own, without a supervisor: for tests and benches."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from paca_site.embedded.errors import StartError
from paca_site.embedded.postgres import Postgres, choose_account
from paca_site.embedded.program import Program, child_environment
from paca_site.embedded.valkey import Valkey

_WITHIN_S = 30


@dataclass(frozen=True, slots=True)
class ServiceUrls:
    """Addresses of the running services, as DATABASE_URL and REDIS_URL take them."""

    database_url: str
    redis_url: str


def service_urls(folder: Path) -> ServiceUrls:
    """Return the addresses that `run_services(folder)` will serve, before anything runs."""
    return ServiceUrls(database_url=_postgres(folder, "").url, redis_url=Valkey(folder).url)


def _postgres(folder: Path, account: str, *, is_durable: bool = False) -> Postgres:
    return Postgres(data=folder / "postgres", sockets=folder / "pg", account=account, is_durable=is_durable)


@contextmanager
def run_services(folder: Path, *, is_durable: bool = False) -> Iterator[ServiceUrls]:
    """Run both services in `folder` (private, short path: at most 80 bytes) until the block ends.

    They die with this process too, however it ends. Unless `is_durable`, a power cut may lose what they hold.

    Raises:
        StartError: one of them does not get ready.
    """
    postgres, valkey = _postgres(folder, choose_account(folder / "postgres"), is_durable=is_durable), Valkey(folder)
    postgres.prepare()
    running: list[tuple[Program, subprocess.Popen[bytes]]] = []
    try:
        for program in (postgres.program(), valkey.program()):
            running.append((program, _start(program, folder)))  # noqa: PERF401 - a failing second start must stop the first
        for service in (postgres, valkey):
            deadline = time.monotonic() + _WITHIN_S
            while not service.is_ready():
                if time.monotonic() > deadline:
                    raise StartError(f"{service.program().name} did not get ready; see {folder}.")
                time.sleep(0.02)
        yield ServiceUrls(database_url=postgres.url, redis_url=valkey.url)
    finally:
        for program, process in running:
            _stop(program, process)


def _start(program: Program, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{program.name}.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            program.tethered_command(),
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _stop(program: Program, process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.Signals[f"SIG{program.stop_signal}"])
    try:
        process.wait(program.stop_wait_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
