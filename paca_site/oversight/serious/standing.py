"""How a report stands: what is known of it with all corrections, and each duty with what became of it."""

from dataclasses import dataclass
from datetime import datetime

from paca_site.oversight.serious.harms import Gravity, Harm
from paca_site.oversight.serious.models import SETTLES, Duty, Entry, Report


@dataclass(frozen=True, slots=True)
class DutyState:
    """A duty and the newest entry about it, None where there is none."""

    duty: Duty
    entry: Entry | None
    now: datetime

    @property
    def is_settled(self) -> bool:
        """Whether somebody was told, or need not be."""
        return self.entry is not None and self.entry.kind in SETTLES

    @property
    def is_overdue(self) -> bool:
        """Whether its deadline has passed and it is not settled."""
        return not self.is_settled and self.duty.due_at < self.now

    @property
    def is_late(self) -> bool:
        """Whether they were told after the deadline."""
        told_at = self.entry.told_at if self.entry else None
        return told_at is not None and told_at > self.duty.due_at


@dataclass(frozen=True, slots=True)
class Standing:
    """A report as it is known now.

    Attributes:
        report: as it was filed.
        entries: all of it, the oldest first.
        duties: the most urgent first.
    """

    report: Report
    entries: list[Entry]
    duties: list[DutyState]

    @property
    def harms(self) -> list[str]:
        """Kinds of harm in words, those that were added included."""
        return [str(Harm(harm).label) for harm in _harms(self.report, self.entries)]

    @property
    def gravity(self) -> str:
        """How grave it is, as last corrected, in words."""
        return str(Gravity(_gravity(self.report, self.entries)).label)

    @property
    def overdue(self) -> list[DutyState]:
        """Duties whose deadline has passed."""
        return [state for state in self.duties if self.report.is_open and state.is_overdue]

    @property
    def waiting(self) -> list[DutyState]:
        """Duties that nobody has settled."""
        return [state for state in self.duties if not state.is_settled]

    @property
    def next_due_at(self) -> datetime | None:
        """The earliest deadline that nobody has settled."""
        return min((state.duty.due_at for state in self.waiting), default=None)


def standings(reports: list[Report], now: datetime) -> list[Standing]:
    """Return how reports stand, in their order, in two queries."""
    entries: dict[int, list[Entry]] = {report.pk: [] for report in reports}
    for entry in Entry.objects.filter(report__in=entries).select_related("by", "duty").order_by("report", "number"):
        entries[entry.report_id].append(entry)
    duties: dict[int, list[DutyState]] = {report.pk: [] for report in reports}
    for duty in Duty.objects.filter(report__in=duties):
        about = [entry for entry in entries[duty.report_id] if entry.duty_id == duty.pk]
        duties[duty.report_id].append(DutyState(duty, about[-1] if about else None, now))
    return [Standing(report, entries[report.pk], duties[report.pk]) for report in reports]


def harms_of(report: Report) -> list[str]:
    """Return the kinds of harm of a report, those that corrections added included."""
    return _harms(report, list(report.entries.all()))


def _harms(report: Report, entries: list[Entry]) -> list[str]:
    added = [harm for entry in entries for harm in entry.added_harms]
    return list(dict.fromkeys([*report.harms, *added]))


def _gravity(report: Report, entries: list[Entry]) -> int:
    return next((entry.gravity for entry in reversed(entries) if entry.gravity), report.gravity)
