"""Counting finished months once, and reading what was counted."""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection, transaction

from paca_site.oversight.counting import Key, MonthCounts, Outcome, count_month, finished_months, month_after
from paca_site.oversight.monthly.models import CountedMonth, MonthFigures

logger = logging.getLogger(__name__)
SETTLED_AFTER: Final = timedelta(minutes=10)
"""So long after its end a month is counted: an entry is stamped a moment before it is committed."""
COUNT_LOCK: Final = 0x4D4F4E54  # "MONT"


def months_count(now: datetime) -> int:
    """Count the finished months that nobody has counted, each in a transaction of its own. Returns how many.

    Safe to run at any time and by several: who finds another one counting leaves it to them, and a process that is
    killed leaves the months that it has finished. Side effects: rows, a log line a month.
    """
    known = set(CountedMonth.objects.values_list("start", flat=True))
    counted = 0
    for start in reversed(_all_finished(now - SETTLED_AFTER)):
        if start not in known:
            counted += _count(start)
    return counted


def _all_finished(now: datetime) -> list[datetime]:
    return finished_months(datetime.min.replace(tzinfo=UTC), now)


def _count(start: datetime) -> bool:
    began_s = time.monotonic()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [COUNT_LOCK])
            (is_ours,) = cursor.fetchone()
        if not is_ours or CountedMonth.objects.filter(start=start).exists():
            return False
        found, entries = count_month(start, month_after(start))
        month = CountedMonth.objects.create(start=start, entries=entries)
        MonthFigures.objects.bulk_create(
            MonthFigures(
                month=month,
                site_id=site_id,
                outcomes=counts.outcomes,
                looked=counts.looked,
                decided_after_s={" ".join(sorted(told)): after_s for told, after_s in counts.decided_after_s.items()},
            )
            for site_id, counts in found.items()
        )
    logger.info("month %s: %s entries counted in %.1f s", month, entries, time.monotonic() - began_s)
    return True


def counted_months(months: Sequence[datetime]) -> list[datetime]:
    """Return those of `months` that are counted, in their order."""
    known = set(CountedMonth.objects.filter(start__in=months).values_list("start", flat=True))
    return [month for month in months if month in known]


def monthly_counts(now: datetime) -> dict[Key, MonthCounts]:
    """Return the counts of the last finished months of all sites; a site without any entry in a month is absent."""
    rows = MonthFigures.objects.filter(month__start__in=_all_finished(now)).select_related("month")
    return {
        (row.site_id, row.month.start): MonthCounts(
            Counter({Outcome(outcome): count for outcome, count in row.outcomes.items()}),
            Counter(row.looked),
            {
                frozenset(Outcome(outcome) for outcome in told.split(" ")): after_s
                for told, after_s in row.decided_after_s.items()
            },
        )
        for row in rows
    }
