"""Whether any row of some tables was written since: asked of the database, so no way of writing can be missed."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from django.db import connection, models

T = TypeVar("T")


class Remembered(Generic[T]):
    """The last answer of this process to a question, while it is asked with the same key; not to be written into."""

    def __init__(self) -> None:
        self._last: tuple[Hashable, T] | None = None
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned for this key. A `row_state` in the key is read before, so nothing is missed."""
        with self._lock:
            if self._last is not None and self._last[0] == key:
                return self._last[1]
        made = make()
        with self._lock:
            self._last = key, made
        return made


def row_state(*tables: type[models.Model]) -> tuple[str, ...]:
    """Return what is another value as soon as a row of these tables was added, changed or deleted, by whomever.

    One query, about 1 µs a row. Each version of a row has a place (`ctid`) and a transaction that made it (`xmin`);
    both are summed up as hashes, with the number of rows.

    Source: PostgreSQL 18, "System Columns" (section 5.6).
    """
    quote = connection.ops.quote_name
    each = [
        f"SELECT {position}, count(*), sum(hashtextextended(ctid::text || xmin::text, 0)::numeric)"  # noqa: S608 - our tables
        f" FROM {quote(table._meta.db_table)}"
        for position, table in enumerate(tables)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return tuple(f"{position} {count} {hashes}" for position, count, hashes in sorted(cursor.fetchall()))
