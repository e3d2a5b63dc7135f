"""What one month of a site brought and took, worked out from records, shifts and days. No database here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles
from typing import Final

from paca_site.oversight.deciding.records import AlertRecord

MOST_HANDLING_S: Final = 600.0
"""An alert that stayed open for longer was left, not looked at."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What the cameras of a site took in a month.

    Attributes:
        observed_s: seconds of masked video in which events were looked for, all cameras together.
        sampled_s: of those, seconds of days with a sample of the time per frame.
        work_s: seconds of one core for masking and detection of `sampled_s`.
        kept_bytes: the day with the most recordings kept; None where no day was noted.
    """

    observed_s: float = 0.0
    sampled_s: float = 0.0
    work_s: float = 0.0
    kept_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """One month of one site.

    Attributes:
        start: of the month, UTC.
        alerts, confirmed, false, undecided: alerts raised in it; the rest was dealt with already.
        event_to_alert_s: median from the event's start to the alert, of alerts still kept; None of none.
        decided_after_s, decided_slow_s: median and 90th hundredth from alert to decision; None where few were decided.
        operator_hours: hours of shifts at this site; of one that has several sites, its part.
        camera_hours: hours of masked video in which events were looked for.
        watched_hours: hours of clips that were played before decisions.
        live_openings: how often a live picture was opened; how long it was looked at is not known.
        false_minutes: from opening a false alert to its decision, at most `MOST_HANDLING_S` each.
        false_timed: false alerts whose opening is known.
        work_s_per_camera_hour: seconds of one core for each camera-hour; None without a sample.
        kept_bytes: the day with the most recordings kept; None where no day was noted.
    """

    start: datetime
    alerts: int
    confirmed: int
    false: int
    undecided: int
    event_to_alert_s: float | None
    decided_after_s: float | None
    decided_slow_s: float | None
    operator_hours: float
    camera_hours: float
    watched_hours: float
    live_openings: int
    false_minutes: float
    false_timed: int
    work_s_per_camera_hour: float | None
    kept_bytes: int | None

    @property
    def alerts_per_hour(self) -> float | None:
        """Alerts for each operator-hour; None without shifts."""
        return self.alerts / self.operator_hours if self.operator_hours else None

    @property
    def confirmed_per_hour(self) -> float | None:
        """Confirmed alerts for each operator-hour; None without shifts."""
        return self.confirmed / self.operator_hours if self.operator_hours else None

    @property
    def unwatched_hours(self) -> float:
        """Camera-hours of which nobody had to play anything."""
        return max(0.0, self.camera_hours - self.watched_hours)

    @property
    def kept_gb(self) -> float | None:
        """The same as `kept_bytes`, in GB."""
        return None if self.kept_bytes is None else self.kept_bytes / 1e9

    @property
    def is_empty(self) -> bool:
        """Whether nothing was going on."""
        return not (self.alerts or self.operator_hours or self.camera_hours or self.kept_bytes)

    def watt_hours(self, core_watts: float) -> float | None:
        """Return watt-hours for each camera-hour if a busy core with its share of the machine takes `core_watts`."""
        return None if self.work_s_per_camera_hour is None else self.work_s_per_camera_hour / 3600.0 * core_watts


def balance_of(
    start: datetime,
    records: Sequence[AlertRecord],
    *,
    event_to_alert_s: Sequence[float],
    operator_hours: float,
    live_openings: int,
    taken: Taken,
) -> Balance:
    """Work out the balance of a month."""
    after = sorted(record.after_s for record in records if record.verdict)
    false = [record for record in records if record.is_false]
    timed = [min(record.opened_s, MOST_HANDLING_S) for record in false if record.opened_s is not None]
    return Balance(
        start=start,
        alerts=len(records),
        confirmed=sum(record.is_confirmed for record in records),
        false=len(false),
        undecided=sum(not record.verdict for record in records),
        event_to_alert_s=median(event_to_alert_s) if event_to_alert_s else None,
        decided_after_s=median(after) if after else None,
        decided_slow_s=quantiles(after, n=10, method="inclusive")[-1] if len(after) > 1 else None,
        operator_hours=operator_hours,
        camera_hours=taken.observed_s / 3600.0,
        watched_hours=sum(record.watched_s for record in records) / 3600.0,
        live_openings=live_openings,
        false_minutes=sum(timed) / 60.0,
        false_timed=len(timed),
        work_s_per_camera_hour=taken.work_s / (taken.sampled_s / 3600.0) if taken.sampled_s else None,
        kept_bytes=taken.kept_bytes,
    )
