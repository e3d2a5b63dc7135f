"""Where a stream comes from: which addresses are allowed, and how one is shown without its password."""

import ipaddress
import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from inference.core.errors import DecodeError

Kind = Literal["rtsp", "http", "file"]
KINDS: dict[str, Kind] = {"rtsp": "rtsp", "rtsps": "rtsp", "http": "http", "https": "http", "file": "file"}
ALLOWED = "rtsp://, rtsps://, http://, https:// or a file"

# What FFmpeg may open by itself. Web addresses are fetched by `web.py`: what a playlist names is opened there, after a
# look, or not at all.
PROTOCOLS: dict[Kind, str] = {
    "rtsp": "rtsp,rtsps,rtp,srtp,tcp,tls,udp",
    "http": "none",
    "file": "file",
}
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254", "168.63.129.16")))
"""Where clouds answer questions about the machine itself, outside the link-local networks."""
_SECRET_IN_QUERY = re.compile(r"(?i)((?:pass\w*|pwd|token|key|auth\w*|secret|sig\w*)=)[^&#]*")
_USERINFO = re.compile(r"(?<=://)([^/?#@:]*)(?::[^/?#]*)?@")


@dataclass(frozen=True, slots=True)
class Address:
    """One parsed address.

    Attributes:
        kind: which options opening it needs.
        url: what the decoder opens; holds the password, so it never reaches a log.
        shown: the same for people and logs, passwords and tokens replaced by `***`.
    """

    kind: Kind
    url: str = field(repr=False)
    shown: str


def hide_secrets(text: str) -> str:
    """Return `text` with the passwords and tokens of any address in it replaced by `***`."""
    return _SECRET_IN_QUERY.sub(r"\1***", _USERINFO.sub(r"\1:***@", text))


def parse_address(text: str) -> Address:
    """Parse a camera address or a file path.

    Raises:
        DecodeError: empty, another scheme than those allowed, no host, or no such file.
    """
    text = text.strip()
    if not text:
        raise DecodeError(f"The address is empty; allowed is {ALLOWED}.")
    scheme, separator, _ = text.partition("://")
    if not separator:
        return _file(Path(text))
    kind = KINDS.get(scheme.lower())
    shown = hide_secrets(text)
    if kind is None:
        raise DecodeError(f"The address {shown!r} starts with {scheme!r}; allowed is {ALLOWED}.")
    if kind == "file":
        return _file(Path(unquote(urlsplit(text).path)))
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise DecodeError(f"The address {shown!r} cannot be read: {hide_secrets(str(error))}.") from None
    if not host:
        raise DecodeError(f"The address {shown!r} names no host; expected {scheme}://host[:port]/path.")
    return Address(kind, text, shown)


def _file(path: Path) -> Address:
    if not path.exists():
        raise DecodeError(f"There is no file {str(path)!r}; allowed is {ALLOWED}.")
    if not path.is_file():
        raise DecodeError(f"{str(path)!r} is not a regular file; a video file is needed.")
    if path.stat().st_size == 0:
        raise DecodeError(f"The file {str(path)!r} is empty; a video file is needed.")
    return Address("file", str(path.resolve()), str(path))


def refuse_host(url: str) -> None:
    """Refuse a network address at which no camera lives, also when a name leads there; asked before each opening.

    A name that is not known here is not refused: opening it says so.

    Raises:
        DecodeError: link-local, metadata, unspecified, multicast or reserved.
    """
    checked_numbers(urlsplit(url).hostname or "")


def checked_numbers(host: str) -> list[IpAddress]:
    """Return the numbers that a host stands for, none where its name is not known here.

    Loopback and private networks are allowed. (The cameras app applies the same rule when an address is typed; it
    stands below and may not import the core.)

    Raises:
        DecodeError: one of them is link-local, metadata, unspecified, multicast or reserved.
    """
    numbers = _numbers(host)
    for ip in numbers:
        plain = (ip.ipv4_mapped or ip.sixtofour or ip) if isinstance(ip, ipaddress.IPv6Address) else ip
        is_reserved = plain.is_reserved and not plain.is_loopback
        if plain.is_link_local or plain in METADATA or plain.is_unspecified or plain.is_multicast or is_reserved:
            raise DecodeError(f"The host {host!r} ({ip}) is no camera's: link-local, metadata, multicast or reserved.")
    return numbers


def _numbers(host: str) -> list[IpAddress]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)  # also reads 0xA9FEA9FE and 2852039166
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
