"""Sending checkpoints away: a copy elsewhere is what shows that database and file were both replaced."""

import logging
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from paca_site.audit.checkpoints import read_checkpoints

logger = logging.getLogger(__name__)
WITHIN_S: Final = 10.0


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: the address in the settings is the one that was agreed on."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        """Refuse."""


def checkpoints_deliver(*, path: Path, url: str) -> int:
    """POST every checkpoint that was not accepted yet, in order, one per request; return how many were.

    Side effects: writes the last accepted number beside `path` (`.sent`). A copy may arrive twice (killed between
    answer and note), never not at all: the next call goes on where the last one stopped.

    Raises:
        urllib.error.URLError: the other side is away or says no.
    """
    note = path.with_name(f"{path.name}.sent")
    sent = int(note.read_text()) if note.exists() else 0
    accepted = 0
    opener = urllib.request.build_opener(_Stay)
    for one in read_checkpoints(path)[sent:]:
        request = urllib.request.Request(  # noqa: S310 - settings allow https and, on this machine, http only
            url, data=one.line.encode(), headers={"Content-Type": "application/json"}, method="POST"
        )
        with opener.open(request, timeout=WITHIN_S):
            accepted += 1
        fresh = note.with_name(f"{note.name}.new")
        fresh.write_text(str(one.sequence))
        fresh.replace(note)
    return accepted
