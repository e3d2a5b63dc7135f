"""Typed readers for environment variables: a bad value stops start-up and says which, what and what is allowed."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

DATABASE_QUERY = frozenset({"host", "port", "user"})
DATABASE_TLS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding"})
"""How the connection to PostgreSQL is encrypted, and whom it believes (libpq's own words)."""


def env_str(name: str, default: str) -> str:
    """Return the variable's text, or `default` where it is unset or empty."""
    return os.environ.get(name, "") or default


def env_bool(name: str, *, default: bool) -> bool:
    """Return true for 1/true/yes/on and false for 0/false/no/off, in any case."""
    given = os.environ.get(name, "").strip().lower()
    if not given:
        return default
    if given in {"1", "true", "yes", "on"}:
        return True
    if given in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1, 0, true, false, yes, no, on, off; got {given!r}.")


def env_int(name: str, default: int, *, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`."""
    given = os.environ.get(name, "").strip()
    if not given:
        return default
    if not given.isdecimal() or not low <= int(given) <= high:
        raise ImproperlyConfigured(f"{name} must be a whole number from {low} to {high}; got {given!r}.")
    return int(given)


def env_choice(name: str, default: str, allowed: Sequence[str]) -> str:
    """Return one of the allowed words."""
    value = env_str(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}; got {value!r}.")
    return value


def env_list(name: str, default: Sequence[str]) -> list[str]:
    """Return comma-separated words."""
    given = os.environ.get(name, "")
    return [word.strip() for word in given.split(",") if word.strip()] or list(default)


def env_https(name: str) -> str:
    """Return an https address (http only to this machine itself), or an empty string where none is given."""
    given = os.environ.get(name, "").strip()
    parts = urlsplit(given)
    is_local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if given and not is_local and not (parts.scheme == "https" and parts.hostname):
        raise ImproperlyConfigured(f"{name} must be an https address; got a {parts.scheme or 'scheme-less'} one.")
    return given


def embedded_url(name: str, data: Path) -> str:
    """Return the address of the embedded service that `manage.py up` wrote down, or an empty string."""
    path = data / "run" / "services.json"
    if not path.is_file():
        return ""
    return str(json.loads(path.read_text()).get(name, ""))


def database_settings(url: str) -> dict[str, object]:
    """Translate `postgresql://user:password@host:port/name?host=/socket/folder` into Django's terms."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name "
            f"(or ...?host=/socket/folder); got a {parts.scheme or 'scheme-less'} address."
        )
    query = parse_qs(parts.query)
    if unknown := sorted(query.keys() - DATABASE_QUERY - DATABASE_TLS):
        raise ImproperlyConfigured(
            f"DATABASE_URL may have {', '.join(sorted(DATABASE_QUERY | DATABASE_TLS))} after its question mark; "
            f"got {', '.join(unknown)}."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or "") or query.get("user", [""])[0],
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or query.get("port", [""])[0]),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        # A broken connection is found before it is used, and a database that is away is told after 3 s.
        "OPTIONS": {
            **{name: query[name][0] for name in DATABASE_TLS & query.keys()},
            "connect_timeout": 3,
            "pool": {
                "min_size": 1,
                "max_size": 12,
                "timeout": 3,
                "reconnect_timeout": 5,
            },
        },
        "TEST": {"NAME": f"test_{unquote(parts.path.strip('/'))}"},
    }


def broker_url(redis_url: str) -> str:
    """Translate a Redis address for Celery, which spells unix sockets differently."""
    if redis_url.startswith("unix://"):
        return "redis+socket://" + redis_url.removeprefix("unix://").split("?")[0]
    return redis_url


def check_redis_url(url: str) -> str:
    """Return `url` if it is one that redis-py understands."""
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(
            f"REDIS_URL must start with redis://, rediss:// or unix://; got {url.split(':')[0]!r}."
        )
    return url
