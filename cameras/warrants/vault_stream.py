"""The web process's door to the vault for what is given piece by piece: records, as they are made, through a pipe."""

import json
import logging
import os
import select
import struct
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext

from cameras.warrants.vault_door import LONGEST_S, VAULT_COMMAND, VaultRefused, vault_environment

logger = logging.getLogger(__name__)
BEGIN, DATA, END, OVER, REFUSED = range(1, 6)
"""Kinds of records: `inference/core/opened/exporting.py`."""
RECORD: Final = struct.Struct(">BI")
MOST_RECORD_BYTES: Final = 64 * 1024 * 1024
AT_ONCE: Final = 1
"""Exports made at the same time by one web process: each takes a core for minutes."""
_places = threading.BoundedSemaphore(AT_ONCE)


class VaultStream:
    """One question, and its records. Closed in any case, it ends the process: nothing is left behind."""

    def __init__(self, question: Mapping[str, Any]) -> None:
        """Ask.

        Raises:
            VaultRefused: another export is being made.
        """
        if not _places.acquire(blocking=False):
            raise VaultRefused(gettext("Another export is being made here; try again in some minutes."))
        self._is_open, self._reading = True, threading.Lock()
        try:
            # what is not one of our records goes to the web process's own log: no picture and no key is ever there
            self._process = subprocess.Popen(  # noqa: S603 - nothing of the command line comes from outside
                VAULT_COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                cwd=settings.BASE_DIR,
                env=vault_environment(),
            )
            self._in = self._process.stdout
            if self._process.stdin is None or self._in is None:
                raise RuntimeError("the vault process has no pipes")
            with suppress(BrokenPipeError), self._process.stdin as told:
                told.write(json.dumps(question).encode())
        except BaseException:
            self.close()
            raise

    def next(self) -> tuple[int, bytes]:
        """Return the next record: its kind and what it holds; blocks while it is made.

        Raises:
            VaultRefused: the vault refused, took too long, or ended before it said that this was all.
        """
        with self._reading:
            kind, size = RECORD.unpack(self._exactly(RECORD.size))
            if size > MOST_RECORD_BYTES:
                raise VaultRefused(gettext("The vault could not be opened; the log of the web process says why."))
            payload = self._exactly(size)
        if kind == REFUSED:
            raise VaultRefused(payload.decode(errors="replace"))
        return kind, payload

    def _exactly(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            if self._in is None or not select.select([self._in], [], [], LONGEST_S)[0]:
                logger.error("the vault gave nothing for %d s", LONGEST_S)
                raise VaultRefused(gettext("The vault took too long to answer."))
            piece = os.read(self._in.fileno(), min(size - len(found), 1 << 20))
            if not piece:
                logger.error("the vault ended in the middle of an export")
                raise VaultRefused(gettext("The vault could not be opened; the log of the web process says why."))
            found += piece
        return bytes(found)

    def close(self) -> None:
        """End the process, whatever it does; may be called twice."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            process = getattr(self, "_process", None)
            if process is not None:
                process.kill()
                process.wait()
                with self._reading:  # whoever reads now comes to the end of the pipe
                    if process.stdout is not None:
                        process.stdout.close()
        finally:
            _places.release()

    def __del__(self) -> None:
        if getattr(self, "_is_open", False):
            self.close()
