"""Addresses of camera streams: which are allowed, how one is shown without its password, how the password is kept.

The core parses addresses too (it knows files, and how to open each kind); it stands above this app, so the few lines
that hide secrets exist twice.
"""

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

SCHEMES = ("rtsp", "rtsps", "http", "https")
ALLOWED = "rtsp://, rtsps://, http:// or https://, with a host"
HIDDEN = "***"
METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254", "168.63.129.16")))
"""Where clouds answer questions about the machine itself, outside the link-local networks."""

_SECRET_IN_QUERY = re.compile(r"(?i)((?:pass\w*|pwd|token|key|auth\w*|secret|sig\w*)=)[^&#]*")
_PASSWORD = re.compile(r"(?<=://)([^/?#@:]*):[^/?#]*@")
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def hide_secrets(address: str) -> str:
    """Return the address with its password and tokens replaced by `***`, for screens and logs."""
    return _SECRET_IN_QUERY.sub(rf"\1{HIDDEN}", _PASSWORD.sub(rf"\1:{HIDDEN}@", address))


def keep_secrets(given: str, stored: str) -> str:
    """Put the stored password back into an address that was edited with the password hidden.

    It is kept only for the same scheme, host, port and user: otherwise a stored password could be sent to another host.

    Raises:
        ValidationError: a hidden part stands where nothing may be put back.
    """
    given = given.strip()
    if given == hide_secrets(stored):
        return stored
    if HIDDEN not in given:
        return given
    new, old = _split(given, hide_secrets(given)), urlsplit(stored)
    is_same = all(getattr(new, name) == getattr(old, name) for name in ("scheme", "hostname", "port", "username"))
    if is_same and new.password == HIDDEN and old.password:
        given = given.replace(f":{HIDDEN}@", f":{old.password}@", 1)
    if HIDDEN in given:
        raise ValidationError(
            gettext(
                "Type the password or token again: a hidden one is kept only for the same scheme, host, port and user."
            )
        )
    return given


def check_address(text: str) -> str:
    """Return a stream address that may be opened.

    Loopback and private networks are allowed, as cameras live there. Link-local networks (where clouds keep their
    metadata), multicast, reserved and unspecified addresses are not, also when a name leads there.

    Raises:
        ValidationError: says what is allowed and what was given, without its password.
    """
    text = text.strip()
    shown = hide_secrets(text)
    if not text:
        raise ValidationError(gettext("The address is empty. Allowed: {allowed}.").format(allowed=ALLOWED))
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ValidationError(
            gettext("The address “{shown}” contains a space or control character; write a space as %20.").format(
                shown=shown
            )
        )
    parts = _split(text, shown)
    if parts.scheme not in SCHEMES:
        given = f"{parts.scheme}://" if "://" in text else gettext("no scheme")
        raise ValidationError(
            gettext("The address “{shown}” has {given}. Allowed: {allowed}.").format(
                shown=shown, given=given, allowed=ALLOWED
            )
        )
    if not parts.hostname:
        raise ValidationError(
            gettext("The address “{shown}” names no host. Expected {scheme}://host[:port]/path.").format(
                shown=shown, scheme=parts.scheme
            )
        )
    for ip in _numbers(parts.hostname):
        if reason := _refusal(ip):
            raise ValidationError(
                gettext("The host “{hostname}” is {reason} ({ip}). A camera has an address of its own.").format(
                    hostname=parts.hostname, reason=reason, ip=ip
                )
            )
    return text


def _split(text: str, shown: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValidationError(
            gettext("The address “{shown}” cannot be read: {error}.").format(
                shown=shown, error=hide_secrets(str(error))
            )
        ) from error
    return parts


def _numbers(host: str) -> list[IpAddress]:
    """Return the addresses a host stands for; none where the name is not known here (its test will say so)."""
    try:
        return [ipaddress.ip_address(host.partition("%")[0])]
    except ValueError:
        pass
    try:  # 0xA9FEA9FE, 2852039166 and 169.254.43518 are addresses to every C library
        return [ipaddress.IPv4Address(socket.inet_aton(host))]
    except OSError:
        pass
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _refusal(ip: IpAddress) -> str:
    """Return why an address is refused, or an empty string."""
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    if ip.is_link_local or ip in METADATA:
        return gettext("a link-local or metadata address")
    if ip.is_unspecified:
        return gettext("the unspecified address")
    if ip.is_multicast:
        return gettext("a multicast address")
    if ip.is_reserved and not ip.is_loopback:
        return gettext("a reserved address")
    return ""
