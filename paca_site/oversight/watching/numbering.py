"""From moments to numbers of entries.

The trail has indexes by number and none by time, but entries are numbered in the order of time, as one writer at a
time may append. So a moment is found by halving, in about as many steps as the count of entries has binary digits,
and a span of days costs what it holds, not what the whole trail holds. Where the machine's clock was once set back,
entries from between the two times may be left out of a span that ends among them.
"""

from datetime import datetime
from typing import Final

from django.db import connection

_FIRST_AT_OR_AFTER: Final = """
WITH RECURSIVE halving (low, high) AS (
    SELECT 1::bigint, coalesce(max(number), 0) + 1 FROM audit_auditentry
    UNION ALL
    SELECT CASE WHEN found.at < %(moment)s THEN middle.number + 1 ELSE halving.low END,
           CASE WHEN found.at < %(moment)s THEN halving.high ELSE middle.number END
    FROM halving
    CROSS JOIN LATERAL (SELECT (halving.low + halving.high) / 2 AS number) AS middle
    CROSS JOIN LATERAL (
        SELECT at FROM audit_auditentry WHERE number >= middle.number ORDER BY number LIMIT 1
    ) AS found
    WHERE halving.low < halving.high
)
SELECT max(low) FROM halving
"""
"""`number >=`: a trail from which an entry was taken is broken, but must not hide the others."""


def first_number_at(moment: datetime) -> int:
    """Return the number of the first entry at or after `moment` (aware); one past the last if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_AT_OR_AFTER, {"moment": moment})
        return int(cursor.fetchone()[0])
