"""What the person who starts PACA chose, from environment variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from paca_site.embedded.errors import StartError

OWNER_VARIABLE = "PACA_OWNER_DATABASE_URL"
CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Choices:
    """The environment variables of `manage.py up`, checked.

    Attributes:
        host, port: where the web server listens (`PACA_HOST`, `PACA_PORT`).
        data: the data folder, absolute (`PACA_DATA`).
        stream_workers: worker processes for camera streams (`PACA_STREAM_WORKERS`).
        database_url, redis_url: services run by somebody else; empty means embedded.
        owner_database_url: that database as its tables' owner, who migrates; empty: DATABASE_URL is the owner's.
        camera: address or file of a camera to add, or empty (`PACA_CAMERA`, `make run CAMERA=...`).
    """

    host: str
    port: int
    data: Path
    stream_workers: int
    database_url: str = ""
    redis_url: str = ""
    owner_database_url: str = ""
    camera: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Choices":
        """Read `environment`.

        Raises:
            StartError: a variable has a value that is not allowed, or lacks the one beside it.
        """
        return cls(
            host=environment.get("PACA_HOST", "") or "127.0.0.1",
            port=_whole_number(environment, "PACA_PORT", default=8000, high=65535),
            data=(CHECKOUT / (environment.get("PACA_DATA", "") or "var")).resolve(),
            stream_workers=_whole_number(
                environment, "PACA_STREAM_WORKERS", default=min(2, os.cpu_count() or 1), high=64
            ),
            database_url=environment.get("DATABASE_URL", ""),
            redis_url=environment.get("REDIS_URL", ""),
            owner_database_url=_owner(environment),
            camera=environment.get("PACA_CAMERA", ""),
        )

    @property
    def app_role(self) -> str:
        """The role of DATABASE_URL; empty where it names none."""
        return _role_of(self.database_url)

    @property
    def address(self) -> str:
        """Where a browser on this machine finds PACA."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - translated, not bound
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"


def _owner(environment: Mapping[str, str]) -> str:
    given, app = environment.get(OWNER_VARIABLE, ""), environment.get("DATABASE_URL", "")
    if given and not _role_of(app):
        raise StartError(
            f"{OWNER_VARIABLE} needs DATABASE_URL beside it, with the name of the role that PACA runs as; "
            f"got {'one without a name' if app else 'none (the embedded database has both roles by itself)'}."
        )
    return given


def _role_of(database_url: str) -> str:
    try:
        return str(conninfo_to_dict(database_url).get("user") or "")
    except psycopg.ProgrammingError as error:
        raise StartError("DATABASE_URL is no address of a PostgreSQL database.") from error


def _whole_number(environment: Mapping[str, str], name: str, *, default: int, high: int) -> int:
    given = environment.get(name, "").strip()
    if not given:
        return default
    if not given.isdecimal() or not 1 <= int(given) <= high:
        raise StartError(f"{name} must be a whole number from 1 to {high}; got {given!r}.")
    return int(given)
