"""Which entries of the trail say that somebody looked at a camera, and how many there are of each kind."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, F, JSONField, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, TruncDate

from cameras.models import Camera
from paca_site.accounts.local_time import day_begins, day_ends
from paca_site.accounts.models import User
from paca_site.audit.models import AuditEntry
from paca_site.oversight.watching.kinds import KIND_OF, LASTING, LOOKS, PAGE_ACTION, Kind
from paca_site.oversight.watching.numbering import first_number_at


@dataclass(frozen=True)
class Question:
    """Who watched a camera, or what a person watched: one of the two is None.

    Attributes:
        camera: the camera.
        person: the person.
        since: first day, on the clock of `zone`.
        until: last day, included.
        sites: only what belongs to these sites counts.
        zone: time zone of the camera, or of the asker's sites.
    """

    camera: Camera | None
    person: User | None
    since: date
    until: date
    sites: tuple[int, ...]
    zone: str

    @property
    def starts_at(self) -> datetime:
        """Begin of the first day."""
        return day_begins(self.since, self.zone)

    @property
    def ends_at(self) -> datetime:
        """End of the last day."""
        return day_ends(self.until, self.zone)

    @cached_property
    def numbers(self) -> tuple[int, int]:
        """Numbers of the first entry of these days and of the first after them; found once, the same for all lists."""
        return first_number_at(self.starts_at), first_number_at(self.ends_at)

    @property
    def subject(self) -> str:
        """How the trail names what is asked about."""
        return f"camera:{self.camera.pk}" if self.camera else f"user:{self.person.pk}" if self.person else ""

    @property
    def site_id(self) -> int | None:
        """Site of the camera; a question about a person belongs to no site."""
        return self.camera.site_id if self.camera else None


class Group(NamedTuple):
    """So many openings of one kind by one person on one day, all of the same cameras."""

    day: date
    kind: Kind
    actor_id: int | None
    cameras: tuple[int, ...]
    openings: int


def entries_about(question: Question, actions: Collection[str]) -> QuerySet[AuditEntry]:
    """Return the entries with one of `actions` that answer the question, newest first; `told` is the body as JSON.

    The page of a camera counts only for those to whom it showed the picture; others saw its configuration there.
    """
    first, end = question.numbers
    entries = AuditEntry.objects.filter(
        action__in=actions,
        number__gte=first,
        number__lt=end,
        at__gte=question.starts_at,
        at__lt=question.ends_at,
        site_id__in=question.sites,
    )
    # CASE, as PostgreSQL may read bodies before it compares actions, and not every body of the trail can be jsonb
    entries = entries.annotate(told=Case(When(action__in=actions, then=Cast("body", JSONField()))))
    entries = entries.filter(~Q(action=PAGE_ACTION) | Q(told__details__footage=True))
    if question.person:
        entries = entries.filter(actor=question.person)
    if question.camera:
        key = question.camera.pk
        entries = entries.filter(
            Q(subject=f"camera:{key}") | Q(told__details__camera=key) | Q(told__details__cameras__contains=[key])
        )
    return entries.order_by("-number")


def groups_about(question: Question) -> Iterator[Group]:
    """Yield the counts that answer the question, in one query."""
    details = KeyTransform("details", "told")
    rows = (
        entries_about(question, LOOKS)
        .order_by()
        .annotate(
            day=TruncDate("at", tzinfo=ZoneInfo(question.zone)),
            one=KeyTransform("camera", details),
            many=KeyTransform("cameras", details),
            of=Case(
                When(subject__startswith="camera:", then=F("subject")), default=Value(""), output_field=CharField()
            ),
        )
        .values_list("day", "action", "actor_id", "of", "one", "many")
        .annotate(openings=Count("pk"))
    )
    for day, action, actor_id, of, one, many, openings in rows:
        yield Group(day, LOOKS[action], actor_id, _cameras(of, one, many), openings)


def _cameras(subject: str, one: int | None, many: list[int] | None) -> tuple[int, ...]:
    """Return the keys of the cameras that an entry is about: a list (the wall), one, or the subject itself."""
    if many is not None:
        return tuple(many)
    if one is not None:
        return (one,)
    return (int(subject.removeprefix("camera:")),) if subject.startswith("camera:") else ()


@dataclass(frozen=True, slots=True)
class Look:
    """One entry, as report and download tell it."""

    number: int
    at: datetime
    person: User | None
    role: str
    kind: Kind
    subject: str
    cameras: tuple[int, ...]
    case: str
    reason: str
    request_id: UUID
    has_length: bool
    """Whether it went on for a while, so that the trail should say how long."""


def look_of(entry: AuditEntry) -> Look:
    """Return what an entry of `entries_about` tells; the role is the one that the person had then."""
    body: dict[str, Any] = json.loads(entry.body)
    details = body["details"]
    return Look(
        number=entry.number,
        at=entry.at,
        person=entry.actor,
        role=body["role"],
        kind=KIND_OF[entry.action],
        subject=entry.subject,
        cameras=_cameras(entry.subject, details.get("camera"), details.get("cameras")),
        case=details.get("case", ""),
        reason=details.get("reason", ""),
        request_id=entry.request_id,
        has_length=entry.action in LASTING and not details.get("still", False),
    )
