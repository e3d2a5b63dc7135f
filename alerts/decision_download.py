"""Decisions as a file: one line for each, newest first, without the notes, which may name people.

`time` is on the clock of the alert's site, with its offset; `time_utc` is the same moment, to sort by.
"""

from datetime import UTC
from typing import Final

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext

from alerts.models import Decision
from paca_site.accounts.local_time import local_text
from paca_site.audit.csv_text import csv_text

MOST_ROWS: Final = 20_000
"""Of one file, as it is made in memory."""
COLUMNS: Final = (
    "decision", "time", "time_utc", "verdict", "reason", "alert", "kind", "severity", "site", "camera", "person",
    "confidence", "confidence_shown", "seconds_after_the_alert", "seconds_of_clip_watched",
)  # fmt: skip


def decisions_csv(found: QuerySet[Decision]) -> tuple[str, int]:
    """Return decisions as CSV, newest first, and how many there are.

    Raises:
        ValidationError: there are more than `MOST_ROWS`.
    """
    decisions = list(found.order_by("-at", "-pk")[: MOST_ROWS + 1])
    if len(decisions) > MOST_ROWS:
        raise ValidationError(
            gettext("At most {most_rows} decisions in one file, and there are more; narrow the list.").format(
                most_rows=MOST_ROWS
            )
        )
    return csv_text(COLUMNS, [_row(decision) for decision in decisions]), len(decisions)


def _row(decision: Decision) -> list[str]:
    alert = decision.alert
    return [
        str(decision.pk),
        local_text(decision.at, alert.camera.site.time_zone),
        decision.at.astimezone(UTC).isoformat(timespec="seconds"),
        decision.verdict,
        decision.reason,
        str(alert.pk),
        alert.kind,
        str(alert.severity),
        alert.camera.site.name,
        alert.camera.name,
        decision.by.username,
        f"{alert.confidence:.0f}",
        "yes" if decision.is_confidence_shown else "no",
        f"{decision.after.total_seconds():.1f}",
        f"{decision.watched_s:.1f}",
    ]
