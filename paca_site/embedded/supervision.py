"""supervisord and its children: a generated configuration, one process to watch, answers over a unix socket."""

import os
import shlex
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from paca_site.embedded.choices import CHECKOUT
from paca_site.embedded.errors import StartError
from paca_site.embedded.layout import Layout
from paca_site.embedded.program import Program, child_environment, tethered

STOP_WITHIN_S = 30
"""Longer than the slowest programs of both groups take; then supervisord is killed, and its children with it."""

_ENDLESS_RETRIES = 1_000_000


@dataclass(frozen=True, slots=True)
class ProgramState:
    """What supervisord says about one program: its name, process id (0 if none) and whether it runs."""

    name: str
    pid: int
    is_running: bool


def render_config(layout: Layout, programs: Sequence[Program]) -> str:
    """Return supervisord's configuration for `programs`. Groups stop one after the other, the services last."""

    def literal(text: object) -> str:
        return str(text).replace("%", "%%")

    lines = ["; Written by `manage.py up` at every start; changes are lost.", "[supervisord]"]
    lines += ["nodaemon=true", "silent=true", f"logfile={literal(layout.log / 'supervisord.log')}"]
    lines += ["logfile_maxbytes=5MB", "logfile_backups=2", "loglevel=info", "strip_ansi=true", "minfds=1024"]
    lines += [f"pidfile={literal(layout.run / 'supervisord.pid')}", f"childlogdir={literal(layout.log)}"]
    lines += [f"directory={literal(CHECKOUT)}", *(["user=root"] if os.geteuid() == 0 else [])]
    lines += ["[unix_http_server]", f"file={layout.supervisor_socket}", "chmod=0700"]
    lines += [
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
    ]
    for priority, group in ((10, "services"), (20, "app")):
        members = [program for program in programs if program.group == group]
        if not members:
            continue
        lines += [
            f"[group:{group}]",
            f"programs={','.join(program.name for program in members)}",
            f"priority={priority}",
        ]
        for program in members:
            lines += [f"[program:{program.name}]", f"command={literal(shlex.join(program.tethered_command()))}"]
            # The app waits for migrations: `up` starts it.
            lines += [f"autostart={'true' if group == 'services' else 'false'}", "autorestart=true", "startsecs=1"]
            lines += [f"startretries={_ENDLESS_RETRIES}", f"stopsignal={program.stop_signal}"]
            lines += [f"stopwaitsecs={program.stop_wait_s}", "redirect_stderr=true"]
            lines += [f"stdout_logfile={literal(layout.log / program.name)}.log"]
            lines += ["stdout_logfile_maxbytes=10MB", "stdout_logfile_backups=3"]
    return "\n".join(lines) + "\n"


class Supervision:
    """A running supervisord, tethered to this process."""

    def __init__(self, layout: Layout, programs: Sequence[Program], environment: dict[str, str]) -> None:
        self.layout = layout
        self._programs = programs
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of supervisord, 0 before the start."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start supervisord, and with it the services.

        Raises:
            StartError: it does not answer.
        """
        self.layout.supervisor_config.touch(mode=0o600)
        self.layout.supervisor_config.write_text(render_config(self.layout, self._programs))
        self.layout.supervisor_socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.layout.supervisor_config)]
        with (self.layout.log / "supervisord.out").open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                tethered(command, signal="TERM"),
                env=child_environment(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=CHECKOUT,
                start_new_session=True,  # Ctrl-C reaches `up` only, which stops everything in order
            )
        deadline = time.monotonic() + 30  # a fraction of a second on a machine with nothing else to do
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                output_lines = (self.layout.log / "supervisord.out").read_text(errors="replace").splitlines()
                said = [line for line in output_lines if line.strip() and not line.startswith("For help")]
                raise StartError(f"The process supervisor did not start: {(said or ['no message'])[-1]}")
            time.sleep(0.05)

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.layout.supervisor_socket}")
        proxy = xmlrpc.client.ServerProxy("http://supervisor", transport=transport)
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        finally:
            transport.close()

    def _answers(self) -> bool:
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Error):
            return False

    def start_app(self) -> None:
        """Start web, workers and beat; supervisord restarts them from then on."""
        self._call("startProcessGroup", "app", False)

    def states(self) -> list[ProgramState]:
        """Return how every program is now; empty where supervisord does not answer."""
        try:
            found = self._call("getAllProcessInfo")
        except (OSError, xmlrpc.client.Error):
            return []
        return [
            ProgramState(name=item["name"], pid=item["pid"], is_running=item["statename"] == "RUNNING")
            for item in found
        ]

    def is_alive(self) -> bool:
        """Say whether supervisord still runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> bool:
        """Stop the app, then the services, then supervisord. Returns whether it went in order (true) or by force."""
        if self._process is None or self._process.poll() is not None:
            return True
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        return True


def wait_until_gone(pids: Sequence[int], within_s: float) -> None:
    """Wait at most `within_s` seconds until none of the processes `pids` (0: none) runs."""
    deadline = time.monotonic() + within_s
    while any(pid and _runs(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        # An ended process that nobody has collected (a container without an init) is gone for our purposes.
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self").exists()  # ended just now, or a system without /proc: kill(0) then decides


def former_pid(layout: Layout) -> int:
    """Return the supervisord of an earlier `up` that was killed and is still stopping everything, or 0."""
    note = layout.run / "supervisord.pid"
    given = note.read_text().strip() if note.exists() else ""
    command = Path(f"/proc/{given}/cmdline")
    if not given.isdecimal() or not command.exists():
        return 0
    return int(given) if os.fsencode(layout.supervisor_config) in command.read_bytes() else 0
