"""A server for tests of the box alone: takes what is signed by a key it knows, and can be away or refuse."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inference.core.boxes.requests import public_of
from inference.edge.server import AwayError, RefusedError


class Killed(BaseException):
    """The process was killed here."""


class FakeServer:
    """Stands in for `SignedServer`; `kill_at` counts requests: at that one the box is killed, before or after it."""

    def __init__(self, key: Ed25519PrivateKey, known: list[str] | None = None) -> None:
        self.box, self.key = 1, key
        self.known = known if known is not None else [public_of(key)]
        self.next = ""
        self.taken: list[tuple[str, Any]] = []
        self.is_away = False
        self.refusal = ""
        self.kill_at: tuple[int, str] | None = None
        self.calls = 0

    def get(self, path: str) -> dict[str, Any]:
        return self._take(path, None)

    def post(self, path: str, content: Any) -> dict[str, Any]:
        return self._take(path, content)

    def _take(self, path: str, content: Any) -> dict[str, Any]:
        self.calls += 1
        if self.kill_at == (self.calls, "before"):
            raise Killed
        if self.is_away:
            raise AwayError("away")
        mine = public_of(self.key)
        if mine == self.next:
            self.known, self.next = [mine], ""
        if mine not in self.known:
            raise RefusedError("signature", "unknown key", 401)
        if self.refusal:
            raise RefusedError(self.refusal, "no", 400)
        if path == "/box/key":
            self.next = content["key"]
        self.taken.append((path, content))
        if self.kill_at == (self.calls, "after"):
            raise Killed
        return {"watched": True}
