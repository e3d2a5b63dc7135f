"""How long live pictures and history stood open: what their ends told, and of which none told."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, F, JSONField, Q, When
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, TruncDate
from django.utils.translation import gettext

from paca_site.audit.models import AuditEntry
from paca_site.oversight.watching.kinds import ENDS, LASTING
from paca_site.oversight.watching.looking import Question, entries_about

Key = TypeVar("Key", bound=Hashable)
Ends = dict[tuple[UUID, int], int]
"""Whole seconds by view (a connection, or an opened page of history) and camera."""


class Stay(NamedTuple):
    """One view of one camera, live or of its history; `seconds` is None where no end is in the trail."""

    day: date
    actor_id: int | None
    camera: int
    view: UUID
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Length:
    """Seconds of some views together, and how many more there are whose end nobody recorded."""

    seconds: int | None = None
    unknown: int = 0

    @property
    def words(self) -> str:
        """What is known and how much is not; empty where nothing stood open."""
        known = [] if self.seconds is None else [clock_words(self.seconds)]
        unknown = [gettext("{unknown} of unknown length").format(unknown=self.unknown)] if self.unknown else []
        return " + ".join([*known, *unknown])


def clock_words(seconds: int) -> str:
    """Return hours, minutes and seconds, such as 1:02:03."""
    return str(timedelta(seconds=seconds)) if seconds < 86_400 else f"{seconds // 3600}:{seconds // 60 % 60:02}:00"


def ends_about(question: Question) -> Ends:
    """Return the ends since the first day, also of later days, as a view may go on for days. One query."""
    first, _end = question.numbers
    entries = AuditEntry.objects.filter(action__in=ENDS, number__gte=first, site_id__in=question.sites)
    # CASE, as in `entries_about`
    entries = entries.annotate(told=Case(When(action__in=ENDS, then=Cast("body", JSONField()))))
    if question.person:
        entries = entries.filter(actor=question.person)
    if question.camera:
        entries = entries.filter(Q(told__details__cameras__contains=[question.camera.pk]))
    seconds = KeyTransform("seconds", KeyTransform("details", "told"))
    rows = entries.annotate(lengths=seconds).values_list("request_id", "lengths")
    return {(view, int(key)): int(length) for view, lengths in rows for key, length in lengths.items()}


def stays_about(question: Question, ends: Ends) -> list[Stay]:
    """Return the views that began on these days, each with its length or none; stills have none. One query."""
    begun = entries_about(question, LASTING).exclude(Q(told__details__has_key="still"))
    rows = begun.annotate(day=TruncDate("at", tzinfo=ZoneInfo(question.zone)), of=F("subject"))
    return [
        Stay(day, actor, camera, view, ends.get((view, camera)))
        for day, actor, of, view in rows.values_list("day", "actor_id", "of", "request_id")
        for camera in (int(of.removeprefix("camera:")),)
    ]


def lengths_by(pairs: Iterable[tuple[Key, Stay]]) -> dict[Key, Length]:
    """Add stays up by key. Of cameras that one connection showed the longest counts: they were seen at once."""
    unknown: Counter[Key] = Counter()
    longest: dict[Key, dict[UUID, int]] = defaultdict(dict)
    for key, stay in pairs:
        if stay.seconds is None:
            unknown[key] += 1
        else:
            longest[key][stay.view] = max(longest[key].get(stay.view, 0), stay.seconds)
    known = {key: sum(views.values()) for key, views in longest.items()}
    return {key: Length(known.get(key), unknown[key]) for key in known.keys() | unknown.keys()}
