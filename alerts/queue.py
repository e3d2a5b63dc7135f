"""The queue of one person: the most urgent rows, and the counts around them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from alerts.access import alerts_to_log, open_alerts, running_floods, visible_shelves
from alerts.breaks import Break, break_of
from alerts.incidents import Flood
from alerts.models import AlertState
from alerts.queue_rows import QueueRow, queue_rows
from alerts.sharing.current import OwnShare, own_shares
from alerts.system.history import current_alerts
from paca_site.accounts.models import User

QUEUE_LIMIT = 200  # more than anybody works through; the most urgent come first, and the count tells of the rest


@dataclass(frozen=True, slots=True)
class Queue:
    """The most urgent open alerts, and how many there are in all."""

    rows: list[QueueRow]
    total: int
    to_log: int = 0
    floods: Sequence[Flood] = ()
    shelved: int = 0
    shares: Sequence[OwnShare] = ()
    break_due: Break | None = None

    @property
    def escalated(self) -> int:
        """How many of the shown ones wait for a supervisor."""
        return sum(row.state == AlertState.ESCALATED for row in self.rows)

    @property
    def first(self) -> QueueRow | None:
        """The most urgent alert that waits for somebody; where each has somebody, the most urgent one."""
        free = (row for row in self.rows if row.state == AlertState.NEW and not row.holder)
        return next(free, self.rows[0] if self.rows else None)

    @property
    def etag(self) -> str:
        """A fingerprint of all that the rows say but how much time has passed."""
        told = hashlib.sha256(str(get_language()).encode())
        for row in self.rows:
            told.update(row.timeless_html.encode())
        told.update(repr([self.total, self.to_log, [flood.pk for flood in self.floods], self.shelved]).encode())
        return f'"{told.hexdigest()[:32]}"'


def load_queue(user: User) -> Queue:
    """Return the queue of a person."""
    rows = queue_rows(open_alerts(user), QUEUE_LIMIT)
    return Queue(
        rows,
        total=len(rows) if len(rows) < QUEUE_LIMIT else open_alerts(user).count(),
        to_log=alerts_to_log(user).count(),
        floods=running_floods(user),
        shelved=visible_shelves(user).count(),
        shares=own_shares(user),
        break_due=break_of(user),
    )


def desk_page(user: User) -> dict[str, Any]:
    """Return what stands on every whole page of the desk: the queue, and the system alerts below it."""
    return {"queue": load_queue(user), "current": current_alerts(user)}
