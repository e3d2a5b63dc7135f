"""`box.toml`: what a person sets on a camera box; everything else the server tells it. A bad value stops the start."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from inference.core.errors import CoreError

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
KEYS: Final = {
    "server": {"url", "ca"},
    "box": {"data", "outbox_events", "rotate_days"},
    "cameras": set[str](),
}


class BoxError(CoreError):
    """The box cannot be started or enrolled; the message says what to change."""


@dataclass(frozen=True, slots=True)
class BoxSettings:
    """What stands in `box.toml`.

    Attributes:
        url: of the server, https (http to this machine only).
        ca: certificate of the site's own authority; None trusts those of the system.
        data: folder of key, outbox and state; no picture ever lies there.
        outbox_events: states of events that wait at most while the server is away, 100 to 100000.
        rotate_days: age at which the box replaces its key, 1 to 365.
        addresses: by camera number, what to open in place of the address that the server has.
    """

    url: str
    ca: Path | None
    data: Path
    outbox_events: int = 10_000
    rotate_days: int = 30
    addresses: Mapping[int, str] = field(default_factory=dict, repr=False)


def read_settings(path: Path) -> BoxSettings:
    """Read `box.toml`; paths in it are relative to it.

    Raises:
        BoxError: the file is missing or damaged, or a key or value is not allowed; says which and what is.
    """
    try:
        content = tomllib.loads(path.read_text())
    except OSError as error:
        raise BoxError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BoxError(f"{path} is no TOML: {error}.") from error
    for name, part in content.items():
        if name not in KEYS or not isinstance(part, dict):
            raise BoxError(f"{path}: the parts are [server], [box] and [cameras.N]; got {name!r}.")
        unknown = sorted(set(part) - KEYS[name]) if KEYS[name] else []
        if unknown:
            raise BoxError(f"{path}: [{name}] takes {', '.join(sorted(KEYS[name]))}; got {', '.join(unknown)}.")
    server, box = content.get("server", {}), content.get("box", {})
    return BoxSettings(
        url=_url(path, server.get("url")),
        ca=_ca(path, server.get("ca")),
        data=_folder(path, box.get("data")),
        outbox_events=_number(path, box, "outbox_events", 10_000, (100, 100_000)),
        rotate_days=_number(path, box, "rotate_days", 30, (1, 365)),
        addresses=_addresses(path, content.get("cameras", {})),
    )


def _url(path: Path, given: Any) -> str:
    parts = urlsplit(given if isinstance(given, str) else "")
    is_local = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not (parts.scheme == "https" and parts.hostname) and not is_local:
        raise BoxError(f"{path}: [server] url must be an https address (http to this machine only), got {given!r}.")
    return str(given).rstrip("/")


def _ca(path: Path, given: Any) -> Path | None:
    if given is None:
        return None
    ca = path.parent / str(given)
    if not ca.is_file():
        raise BoxError(f"{path}: [server] ca names {ca}, which is no file.")
    return ca


def _folder(path: Path, given: Any) -> Path:
    if not isinstance(given, str) or not given:
        raise BoxError(f"{path}: [box] data must name a folder, got {given!r}.")
    return path.parent / given


def _number(path: Path, part: Mapping[str, Any], name: str, default: int, allowed: tuple[int, int]) -> int:
    given = part.get(name, default)
    if isinstance(given, bool) or not isinstance(given, int) or not allowed[0] <= given <= allowed[1]:
        raise BoxError(f"{path}: [box] {name} must be a whole number from {allowed[0]} to {allowed[1]}, got {given!r}.")
    return given


def _addresses(path: Path, given: Mapping[str, Any]) -> dict[int, str]:
    addresses = {}
    for number, part in given.items():
        is_right = isinstance(part, dict) and set(part) == {"address"} and isinstance(part["address"], str)
        if not (number.isdecimal() and is_right):
            raise BoxError(f'{path}: a camera is [cameras.N] with address = "...", got [cameras.{number}].')
        addresses[int(number)] = part["address"]
    return addresses
