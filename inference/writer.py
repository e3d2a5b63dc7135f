"""A stream's writes to the database, in order, off the hot path: a slow or absent database never stops masking."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from psycopg_pool import PoolTimeout

from inference.leases import Lease
from inference.models import StreamState

logger = logging.getLogger(__name__)

RETRY_S: Final = 1.0
FINISH_S: Final = 8.0
LONGEST: Final = 5000


class FenceLostError(Exception):
    """Another worker has claimed the camera since: nothing more may be written by this one."""


class StreamWriter(threading.Thread):
    """Runs writes one by one, each in a transaction that holds only while the lease's fence is still ours.

    While the database does not answer, the oldest write is tried again and the rest wait (health, of which only the
    newest counts, is replaced). A write that fails in any other way is logged and left out, so that one bad value does
    not silence the camera for the rest of its turn; an event among them is still in the spool.
    """

    def __init__(self, lease: Lease, ended: threading.Event) -> None:
        super().__init__(name=f"writer-{lease.camera_id}", daemon=True)
        self.lease = lease
        self._ended = ended
        self._writes: deque[Callable[[], object]] = deque(maxlen=LONGEST)
        self._health: dict[str, Any] | None = None
        self._changed = threading.Condition()
        self._finish_at_s: float | None = None

    def put(self, write: Callable[[], object]) -> None:
        """Queue a write; it runs inside a fenced transaction."""
        with self._changed:
            self._writes.append(write)
            self._changed.notify()

    def put_health(self, values: dict[str, Any]) -> None:
        """Queue the newest health; replaces one that is still waiting."""
        with self._changed:
            self._health = values
            self._changed.notify()

    def finish(self) -> None:
        """Write what waits, for at most `FINISH_S` seconds, and end."""
        with self._changed:
            self._finish_at_s = time.monotonic() + FINISH_S
            self._changed.notify()
        self.join(FINISH_S + 5)

    def run(self) -> None:
        """Write until finished."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._writes or self._health or self._finish_at_s, timeout=5)
                write = self._next()
            if write is None:
                if self._finish_at_s is not None:
                    break
                continue
            if not self._attempt(write):
                break
        close_old_connections()

    def _next(self) -> Callable[[], object] | None:
        if self._writes:
            return self._writes.popleft()
        if self._health is not None:
            values, self._health = self._health, None
            return lambda: self._write_health(values)
        return None

    def _attempt(self, write: Callable[[], object]) -> bool:
        """Run one write until it succeeds; False ends the thread."""
        while True:
            try:
                with transaction.atomic():
                    self._check_fence()
                    write()
            except FenceLostError:
                logger.warning(
                    "camera %s: fence %s was passed; this worker writes no more", self.lease.camera_id, self.lease.fence
                )
                self._ended.set()
                return False
            except (OperationalError, InterfaceError, PoolTimeout) as error:
                logger.warning(
                    "camera %s: the database does not answer (%s); trying again", self.lease.camera_id, error
                )
            except Exception:
                logger.exception("camera %s: one write failed and is left out", self.lease.camera_id)
                return True
            else:
                return True
            finally:
                close_old_connections()
            if self._finish_at_s is not None and time.monotonic() > self._finish_at_s:
                return False
            time.sleep(RETRY_S)

    def _check_fence(self) -> None:
        if not StreamState.objects.select_for_update().filter(pk=self.lease.camera_id, fence=self.lease.fence).exists():
            raise FenceLostError

    def _write_health(self, values: dict[str, Any]) -> None:
        StreamState.objects.filter(pk=self.lease.camera_id).update(**values)
