"""Where a web camera sends us on to. FFmpeg would follow by itself and ask nobody whether it may go there."""

import base64
import http.client
import urllib.error
import urllib.request
from typing import Final
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from inference.core.errors import DecodeError

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MOST_HOPS: Final = 4


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a redirect is raised as the error it is."""

    def redirect_request(self, *_: object) -> None:
        return None


def next_hop(url: str, timeout_s: float) -> str | None:
    """Ask a web address once and return where it redirects to, or None if it does not.

    The caller checks the new address before it opens it. User and password go along to the same host only, and never
    from https to http.

    Raises:
        DecodeError: it leads to something that is no web address.
    """
    parts = urlsplit(url)
    request = urllib.request.Request(parts._replace(netloc=_host(parts), fragment="").geturl())  # noqa: S310 - http(s)
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=timeout_s):
            return None
    except urllib.error.HTTPError as answer:
        with answer:
            target = answer.headers.get("Location") if answer.code in REDIRECTS else None
    except (OSError, ValueError, http.client.HTTPException):
        return None
    return _onward(parts, urljoin(request.full_url, target)) if target else None


def _onward(parts: SplitResult, target: str) -> str:
    try:
        new = urlsplit(target)
        is_web = new.scheme in {"http", "https"} and bool(new.hostname)
        netloc = _host(new)
    except ValueError:
        is_web, netloc = False, ""
    if not is_web:
        raise DecodeError("The camera redirects to something that is no http:// or https:// address.")
    if parts.username and new.hostname == parts.hostname and (parts.scheme, new.scheme) != ("https", "http"):
        netloc = f"{parts.netloc.rpartition('@')[0]}@{netloc}"
    return new._replace(netloc=netloc).geturl()


def _host(parts: SplitResult) -> str:
    """Return host and port, without user and password.

    Raises:
        ValueError: the port is none.
    """
    _ = parts.port
    return parts.netloc.rpartition("@")[2]
