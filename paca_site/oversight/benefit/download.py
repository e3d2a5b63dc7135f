"""The months of a site as a file: one line each, units in the names of the columns."""

from collections.abc import Sequence
from typing import Final

from cameras.models import Site
from paca_site.audit.csv_text import csv_text
from paca_site.oversight.benefit.balance import Balance

COLUMNS: Final = (
    "site", "month_utc", "alerts", "confirmed", "false", "undecided", "event_to_alert_median_s",
    "alert_to_decision_median_s", "alert_to_decision_p90_s", "operator_hours", "alerts_per_operator_hour",
    "confirmed_per_operator_hour", "camera_hours", "clips_watched_hours", "not_watched_hours", "live_openings",
    "false_alert_minutes", "false_alerts_timed", "core_s_per_camera_hour", "watt_hours_per_camera_hour_estimate",
    "assumed_watts_per_core", "kept_gb_most",
)  # fmt: skip


def balances_csv(site: Site, months: Sequence[Balance], core_watts: float) -> str:
    """Return the months as CSV; what is not known is an empty cell."""
    return csv_text(COLUMNS, [_row(site, month, core_watts) for month in months])


def _row(site: Site, month: Balance, core_watts: float) -> list[str]:
    return [
        site.slug,
        f"{month.start:%Y-%m}",
        str(month.alerts),
        str(month.confirmed),
        str(month.false),
        str(month.undecided),
        _number(month.event_to_alert_s),
        _number(month.decided_after_s),
        _number(month.decided_slow_s),
        _number(month.operator_hours),
        _number(month.alerts_per_hour),
        _number(month.confirmed_per_hour),
        _number(month.camera_hours),
        _number(month.watched_hours),
        _number(month.unwatched_hours),
        str(month.live_openings),
        _number(month.false_minutes),
        str(month.false_timed),
        _number(month.work_s_per_camera_hour),
        _number(month.watt_hours(core_watts)),
        str(core_watts),
        _number(month.kept_gb),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
