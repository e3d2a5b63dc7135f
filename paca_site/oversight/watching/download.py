"""The report as a file: one line for each entry."""

from datetime import UTC
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from paca_site.accounts.local_time import local_text
from paca_site.audit.csv_text import csv_text
from paca_site.oversight.watching.kinds import KIND_OF
from paca_site.oversight.watching.lasting import Ends, ends_about
from paca_site.oversight.watching.looking import Look, Question, entries_about, look_of
from paca_site.oversight.watching.report import camera_names, length_of, where_looked

MOST_ROWS: Final = 20_000
"""Of one file, as it is made in memory."""
COLUMNS: Final = (
    "entry",
    "time",
    "time_utc",
    "person",
    "role",
    "what",
    "subject",
    "camera",
    "case",
    "reason",
    "seconds",
)


def report_csv(question: Question) -> tuple[str, int]:
    """Return every entry that answers the question as CSV, newest first, and how many there are.

    Raises:
        ValidationError: there are more than `MOST_ROWS`.
    """
    entries = entries_about(question, KIND_OF).select_related("actor")
    looks = [look_of(entry) for entry in entries[: MOST_ROWS + 1]]
    if len(looks) > MOST_ROWS:
        raise ValidationError(
            gettext("At most {most_rows} entries in one file, and these days have more; choose fewer days.").format(
                most_rows=MOST_ROWS
            )
        )
    asked = [question.camera.pk] if question.camera else [key for look in looks for key in look.cameras]
    names, ends = camera_names(asked, question), ends_about(question)
    return csv_text(
        COLUMNS, [_row(look, where_looked(look, names, question), ends, question.zone) for look in looks]
    ), len(looks)


def _row(look: Look, where: str, ends: Ends, zone: str) -> list[str]:
    return [
        str(look.number),
        local_text(look.at, zone),
        look.at.astimezone(UTC).isoformat(timespec="seconds"),
        look.person.username if look.person else "",
        look.role,
        str(look.kind.label),
        look.subject,
        where,
        look.case,
        look.reason,
        _seconds(look, ends),
    ]


def _seconds(look: Look, ends: Ends) -> str:
    """Return how long a view lasted; `unknown` where no end is in the trail, empty for what has no length."""
    if not look.has_length:
        return ""
    seconds = length_of(look, ends)
    return "unknown" if seconds is None else str(seconds)
