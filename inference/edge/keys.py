"""The box's key and its replacement, so that a crash between any two steps leaves one that the server knows.

1. the next key is written down; 2. the server is told of it, signed by both; 3. it is used, by which the server drops
the old one; 4. it takes the old one's place on disk. Whoever finds a next key on disk goes on from 2.
"""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from inference.core.boxes.requests import NEXT_KEY as PURPOSE
from inference.core.boxes.requests import fingerprint, public_of, sign
from inference.edge.identity import KEY, NEXT_KEY, Card, make_key, now_text, read_key, write_card
from inference.edge.server import RefusedError, SignedServer

logger = logging.getLogger(__name__)


class Keys:
    """Replaces the key of a box when it is old."""

    def __init__(self, data: Path, card: Card, server: SignedServer, rotate_days: int) -> None:
        self._data, self._card, self._server = data, card, server
        self._life = timedelta(days=rotate_days)
        self._path, self._next_path = data / KEY, data / NEXT_KEY

    @property
    def is_due(self) -> bool:
        """Whether the key is old, or its replacement was begun."""
        made_at = datetime.fromisoformat(self._card.key_since)
        return self._next_path.exists() or datetime.now(UTC) - made_at > self._life

    def rotate(self) -> None:
        """Replace the key (`AwayError`, `RefusedError`: it is tried again later, from where it stands)."""
        next_key = read_key(self._next_path) if self._next_path.exists() else make_key(self._next_path)
        old_key = self._server.key
        proof = sign(next_key, PURPOSE, f"{self._server.box}\n{public_of(old_key)}")
        self._server.post("/box/key", {"key": public_of(next_key), "proof": proof})
        self._server.key = next_key
        try:
            self._server.get("/box/config")
        except RefusedError:
            self._server.key = old_key
            raise
        self._settle()

    def recover(self) -> bool:
        """After a refused signature: go on with the next key, if there is one that the server takes."""
        if not self._next_path.exists():
            return False
        old_key, self._server.key = self._server.key, read_key(self._next_path)
        try:
            self._server.get("/box/config")
        except RefusedError:
            self._server.key = old_key
            return False
        self._settle()
        return True

    def _settle(self) -> None:
        self._next_path.replace(self._path)
        self._card = replace(self._card, key_since=now_text())
        write_card(self._data, self._card)
        logger.info("This box has a new key: %s", fingerprint(public_of(self._server.key)))
