"""Which server e-mail goes through, and from whom: typed readers like those of env.py."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from paca_site.env import env_str

PORTS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class MailServer(NamedTuple):
    """What Django's EMAIL_ settings want, in the order of `paca_site/options.py`."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    uses_ssl: bool = False
    uses_tls: bool = False


def mail_server(name: str) -> MailServer:
    """Return the server of an address such as `smtps://user:password@mail.example`; without one, no e-mail is sent.

    Raises:
        ImproperlyConfigured: another scheme, no host, or mail in the clear to another machine; tells no password.
    """
    given = env_str(name, "").strip()
    if not given:
        return MailServer()
    allowed = (
        f"{name} must be smtps://user:password@host or smtp+starttls://user:password@host:port "
        "(smtp:// to this machine only), or empty: no e-mail"
    )
    try:
        parts = urlsplit(given)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise ImproperlyConfigured(f"{allowed}; its port is no number.") from error
    if not port or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ImproperlyConfigured(f"{allowed}; got the scheme {parts.scheme!r} and the host {parts.hostname!r}.")
    if parts.scheme == "smtp" and parts.hostname not in LOCAL:
        raise ImproperlyConfigured(f"{allowed}; got smtp:// to {parts.hostname!r}, where anybody on the way reads it.")
    return MailServer(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        uses_ssl=parts.scheme == "smtps",
        uses_tls=parts.scheme == "smtp+starttls",
    )


def mail_address(name: str, *, is_needed: bool) -> str:
    """Return the address that e-mail comes from; empty where none is sent.

    Raises:
        ImproperlyConfigured: it is needed and missing, or is no address.
    """
    given = env_str(name, "").strip()
    if not given and not is_needed:
        return ""
    try:
        validate_email(given)
    except ValidationError as error:
        raise ImproperlyConfigured(f"{name} must be an address such as paca@city.example; got {given!r}.") from error
    return given
