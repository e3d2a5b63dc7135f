"""The report: counts by day, by person or camera, the reasons given and the newest openings."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext

from cameras.models import Camera
from paca_site.accounts.models import User
from paca_site.audit.models import AuditEntry
from paca_site.oversight.watching.access import askable_people
from paca_site.oversight.watching.kinds import COLUMNS, LOOKS, REASONS, Kind
from paca_site.oversight.watching.lasting import Ends, Length, Stay, clock_words, ends_about, lengths_by, stays_about
from paca_site.oversight.watching.looking import Group, Look, Question, entries_about, groups_about, look_of

SHOWN: Final = 50
"""Entries in each list of the page; the download has all."""
Key = TypeVar("Key", bound=Hashable)
NOTHING: Final = Length()


@dataclass(frozen=True, slots=True)
class Row:
    """A day, person or camera: openings for each of `COLUMNS`, length of its views; `query` leads to its report."""

    label: str
    counts: list[int]
    query: str = ""
    length: Length = NOTHING

    @property
    def total(self) -> int:
        """All openings of the row."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as the page shows it: what it tells, and its cameras and length in words."""

    look: Look
    where: str
    length: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """The newest entries of a list, and whether there are more."""

    rows: list[Told]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What the page shows.

    Attributes:
        columns: names of the kinds, as the counts stand.
        days: days with an opening, newest first.
        others: who looked at the camera, or what the person looked at; most openings first.
        all_days: the sum of `days`.
        reasons: reasons given.
        newest: newest openings.
    """

    columns: list[str]
    days: list[Row]
    others: list[Row]
    all_days: Row
    reasons: Listing
    newest: Listing


def report_of(question: Question, asker: User) -> Report:
    """Answer a question in as many queries for many entries as for few."""
    groups, ends = list(groups_about(question)), ends_about(question)
    stays = stays_about(question, ends)
    days, lengths = _tally((group.day, group) for group in groups), lengths_by((stay.day, stay) for stay in stays)
    others = _people_rows(question, groups, stays, asker) if question.camera else _camera_rows(question, groups, stays)
    total = lengths_by((None, stay) for stay in stays).get(None, NOTHING)
    return Report(
        columns=[str(kind.label) for kind in COLUMNS],
        days=[
            Row(day.isoformat(), _counts(days[day]), length=lengths.get(day, NOTHING))
            for day in sorted(days, reverse=True)
        ],
        others=sorted(others, key=lambda row: (-row.total, row.label)),
        all_days=Row(gettext("All days"), _counts(sum(days.values(), Counter())), length=total),
        reasons=_listing(question, entries_about(question, REASONS), ends),
        newest=_listing(question, entries_about(question, LOOKS), ends),
    )


def camera_names(keys: Iterable[int], question: Question) -> dict[int, str]:
    """Return site and name of the cameras that stand at the question's sites now."""
    cameras = Camera.objects.filter(pk__in=set(keys), site__in=question.sites).select_related("site")
    return {camera.pk: f"{camera.site.name}: {camera.name}" for camera in cameras}


def where_looked(look: Look, names: Mapping[int, str], question: Question) -> str:
    """Return the cameras of an entry in words: the one asked about, its only one, or how many the wall had."""
    if question.camera:
        return names.get(question.camera.pk, "")
    if len(look.cameras) == 1:
        return _name(look.cameras[0], names)
    return gettext("{cameras} cameras").format(cameras=len(look.cameras))


def length_of(look: Look, ends: Ends) -> int | None:
    """Return the seconds of a view, or None where no end of it is in the trail (or it is of another kind)."""
    return ends.get((look.request_id, look.cameras[0])) if look.has_length and look.cameras else None


def _length_words(look: Look, ends: Ends) -> str:
    if not look.has_length:
        return ""
    seconds = length_of(look, ends)
    return gettext("unknown") if seconds is None else clock_words(seconds)


def _name(key: int, names: Mapping[int, str]) -> str:
    return names.get(key, gettext("Camera {key}, no longer of these sites").format(key=key))


def _tally(pairs: Iterable[tuple[Key, Group]]) -> dict[Key, Counter[Kind]]:
    tally: dict[Key, Counter[Kind]] = defaultdict(Counter)
    for key, group in pairs:
        tally[key][group.kind] += group.openings
    return dict(tally)


def _counts(counts: Counter[Kind]) -> list[int]:
    return [counts[kind] for kind in COLUMNS]


def _query(question: Question, **asked: Any) -> str:
    return urlencode({**asked, "since": question.since, "until": question.until})


def _people_rows(question: Question, groups: list[Group], stays: list[Stay], asker: User) -> Iterator[Row]:
    lengths = lengths_by((stay.actor_id, stay) for stay in stays)
    tally = _tally((group.actor_id, group) for group in groups)
    keys = [key for key in tally if key is not None]
    people = User.objects.in_bulk(keys)
    askable = set(askable_people(asker).filter(pk__in=keys).values_list("pk", flat=True))
    for key, counts in tally.items():
        person = people.get(key) if key is not None else None
        label = f"{person} ({person.get_role_display().lower()})" if person else gettext("The system itself")
        query = _query(question, person=key) if key in askable else ""
        yield Row(label, _counts(counts), query, lengths.get(key, NOTHING))


def _camera_rows(question: Question, groups: list[Group], stays: list[Stay]) -> Iterator[Row]:
    lengths = lengths_by((stay.camera, stay) for stay in stays)
    tally = _tally((key, group) for group in groups for key in group.cameras)
    names = camera_names(tally, question)
    for key, counts in tally.items():
        query = _query(question, camera=key) if key in names else ""
        yield Row(_name(key, names), _counts(counts), query, lengths.get(key, NOTHING))


def _listing(question: Question, entries: QuerySet[AuditEntry], ends: Ends) -> Listing:
    found = [look_of(entry) for entry in entries.select_related("actor")[: SHOWN + 1]]
    asked = [question.camera.pk] if question.camera else [key for look in found for key in look.cameras]
    names = camera_names(asked, question)
    rows = [Told(look, where_looked(look, names, question), _length_words(look, ends)) for look in found[:SHOWN]]
    return Listing(rows, has_more=len(found) > SHOWN)
