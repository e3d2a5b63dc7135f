"""One machine running PACA: the order of starting, watching and stopping."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from django.core.management import get_commands

from paca_site.embedded.app import app_programs
from paca_site.embedded.choices import CHECKOUT, OWNER_VARIABLE, Choices
from paca_site.embedded.errors import StartError
from paca_site.embedded.layout import Layout
from paca_site.embedded.owner import grant_app
from paca_site.embedded.postgres import APP_ROLE, Postgres, choose_account
from paca_site.embedded.preflight import check_broker, check_database
from paca_site.embedded.program import Program, child_environment, tethered
from paca_site.embedded.secret import installation_secret
from paca_site.embedded.supervision import Supervision, wait_until_gone
from paca_site.embedded.valkey import Valkey

READY_WITHIN_S = 120
PATIENCE_S = 15
"""After this time of errors the person is told what the web process says, while `up` goes on trying."""
SERVICES_WITHIN_S = 30
WATCH_EVERY_S = 1.0
_MANY_DEATHS = 5
"""Deaths of supervisord in a minute after which `up` gives up: something on this machine kills it."""

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str], None]


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal; no `except Exception` may swallow it."""


def ignore_stop_signals() -> None:
    """Let nothing interrupt the stopping itself."""
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Turn the first stop signal into `StopRequested` and ignore further ones: stopping takes seconds, not signals.

    Under `nohup` a closed terminal stays ignored, as whoever wrote it meant that.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        ignore_stop_signals()
        raise StopRequested

    is_kept = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    wanted = [number for number in _STOP_SIGNALS if not (is_kept and number == signal.SIGHUP)]
    former = {number: signal.signal(number, stop) for number in wanted}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


class Machine:
    """Starts the services that are not given, migrates, seeds, starts the app, and watches over all of it."""

    def __init__(self, choices: Choices, layout: Layout, say: Say) -> None:
        self._choices = choices
        self._layout = layout
        self._say = say
        self._started_at = time.monotonic()
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None
        self._environment: dict[str, str] = {}
        self._supervision: Supervision | None = None

    def run(self) -> None:
        """Start everything, then watch until `StopRequested`; whatever happens, stop everything in order.

        Raises:
            StartError: it cannot start, or does not stay up.
        """
        try:
            self._prepare()
            supervision = self._start_services()
            self._migrate()
            self._seed()
            supervision.start_app()
            self._progress("web, workers and beat are starting")
            self._wait_until_ready(supervision)
            self._watch(supervision)
        except StopRequested:
            self._say("Stopping ...")
        finally:
            self._stop()

    def _progress(self, text: str) -> None:
        self._say(f"{time.monotonic() - self._started_at:6.1f} s  {text}")

    def _prepare(self) -> None:
        choices, layout = self._choices, self._layout
        if not choices.database_url:
            self._postgres = Postgres(layout.postgres_data, layout.sockets / "pg", choose_account(layout.postgres_data))
            if self._postgres.prepare():
                self._progress(f"a new database was made in {layout.postgres_data}")
        else:
            check_database(choices.database_url)
        if choices.owner_database_url:
            check_database(choices.owner_database_url, OWNER_VARIABLE)
        if not choices.redis_url:
            self._valkey = Valkey(layout.sockets)
        else:
            check_broker(choices.redis_url)
        urls = {
            "DATABASE_URL": self._postgres.app_url if self._postgres else choices.database_url,
            "REDIS_URL": self._valkey.url if self._valkey else choices.redis_url,
        }
        self._environment = {
            **urls,
            "DJANGO_SETTINGS_MODULE": "paca_site.settings",
            "PACA_DATA": str(layout.data),
            "PACA_HOST": choices.host,
            "PACA_PORT": str(choices.port),
            "PACA_SECRET_KEY": os.environ.get("PACA_SECRET_KEY") or installation_secret(layout.secret_key),
            "PYTHONUNBUFFERED": "1",
            OWNER_VARIABLE: "",  # the app has no use for it
        }
        found = {name: url for name, url in urls.items() if not os.environ.get(name)}
        if self._postgres:
            found["OWNER_DATABASE_URL"] = self._postgres.url
        write_services_file(layout.services_file, found)

    def _services(self) -> list[Postgres | Valkey]:
        return [service for service in (self._postgres, self._valkey) if service is not None]

    def _start_services(self) -> Supervision:
        services = [service.program() for service in self._services()]
        programs: list[Program] = [*services, *app_programs(self._choices, self._layout)]
        self._supervision = Supervision(self._layout, programs, self._environment)
        self._supervision.start()
        self._await_services()
        names = " and ".join(program.name for program in services) or "no service of its own"
        self._progress(f"{names} ready" if services else "using the services of DATABASE_URL and REDIS_URL")
        return self._supervision

    def _await_services(self) -> None:
        deadline = time.monotonic() + SERVICES_WITHIN_S
        for service in self._services():
            while not service.is_ready():
                if time.monotonic() > deadline:
                    raise StartError(self._last_words(service.program().name, "did not get ready"))
                time.sleep(0.05)

    def _last_words(self, name: str, what: str) -> str:
        log = self._layout.log / f"{name}.log"
        lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        return f"{name} {what}; it last said: {lines[-1] if lines else 'nothing'} (all of it: {shown(log)})"

    def _migrate(self) -> None:
        """Bring the tables up to date as their owner, then give the role that the app runs as its rights."""
        owner = self._postgres.url if self._postgres else self._choices.owner_database_url
        self._manage("migrate", "--noinput", "--verbosity", "0", database_url=owner)
        if owner:
            grant_app(owner, APP_ROLE if self._postgres else self._choices.app_role)
        self._progress("database tables are up to date")

    def _manage(self, *arguments: str, database_url: str = "") -> None:
        """Run a management command with the installation's environment; its output is shown if it fails."""
        command = tethered([sys.executable, "manage.py", *arguments])
        environment = child_environment(self._environment)
        if database_url:
            environment["DATABASE_URL"] = database_url
        done = subprocess.run(  # noqa: S603 - our own command
            command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False, start_new_session=True
        )
        with (self._layout.log / "manage.log").open("a") as log:
            log.write(f"--- manage.py {' '.join(arguments)} -> {done.returncode}\n{done.stdout}{done.stderr}")
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise StartError(
                f"manage.py {arguments[0]} failed: {reason} (all of it: {shown(self._layout.log / 'manage.log')})"
            )
        for line in done.stdout.splitlines():
            self._progress(line)

    def _seed(self) -> None:
        if "seed_site" not in get_commands():
            self._progress("no seed_site command: nobody and nothing is created")
            return
        camera = ("--camera", self._choices.camera) if self._choices.camera else ()
        self._manage("seed_site", *camera)

    def _wait_until_ready(self, supervision: Supervision) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        patience = time.monotonic() + PATIENCE_S
        status, is_told = "", False
        while status != "200":
            if time.monotonic() > deadline:
                raise StartError(self._last_words("web", f"is not ready after {READY_WITHIN_S} s (/healthz: {status})"))
            if not supervision.is_alive():
                raise StartError("The process supervisor died while PACA was starting.")
            time.sleep(0.2)
            status = health(self._choices.host, self._choices.port)
            if not is_told and status.startswith("5") and time.monotonic() > patience:
                self._say(self._last_words("web", f"answers {status} to /healthz; still trying"))
                is_told = True
        self._progress("all processes answer")
        self._say(
            f"PACA is ready at {self._choices.address}"
            f"  (sign-in names and passwords: {shown(self._layout.credentials)})"
        )

    def _watch(self, supervision: Supervision) -> None:
        """Restart supervisord where it dies, and say what was restarted."""
        deaths: list[float] = []
        known = {state.name: state.pid for state in supervision.states()}
        while True:
            time.sleep(WATCH_EVERY_S)
            if not supervision.is_alive():
                deaths = [*(at for at in deaths if time.monotonic() - at < 60), time.monotonic()]
                if len(deaths) >= _MANY_DEATHS:
                    raise StartError(
                        f"The process supervisor died {len(deaths)} times in a minute; see {self._layout.log}."
                    )
                self._say("The process supervisor died; everything is started again.")
                self._restart(supervision, list(known.values()))
                known = {state.name: state.pid for state in supervision.states()}
                self._say("Everything runs again.")
            for state in supervision.states():
                if state.is_running and state.pid != known.get(state.name):
                    if known.get(state.name):
                        self._say(
                            f"{state.name} had stopped and runs again (see {shown(self._layout.log / state.name)}.log)."
                        )
                    known[state.name] = state.pid

    def _restart(self, supervision: Supervision, orphans: list[int]) -> None:
        wait_until_gone(orphans, within_s=8)
        if self._postgres:
            self._postgres.prepare()
        supervision.start()
        self._await_services()
        supervision.start_app()

    def _stop(self) -> None:
        ignore_stop_signals()
        if self._supervision is not None:
            orphans = [state.pid for state in self._supervision.states()]
            if not self._supervision.stop():
                self._say("Some processes had to be killed.")
            wait_until_gone(orphans, within_s=8)
        self._layout.services_file.unlink(missing_ok=True)


def write_services_file(path: Path, urls: dict[str, str]) -> None:
    """Write the addresses of embedded services (mode 0600) for commands in another terminal."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(urls))


def health(host: str, port: int) -> str:
    """Return the status of `/healthz` as text: "200", another number, or why there is none."""
    connection = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=3)  # noqa: S104
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def shown(path: Path) -> str:
    """Return `path` as short as it is clear: relative to the checkout where it lies in it."""
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)
