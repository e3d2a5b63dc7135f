"""A row of the queue: everything that it shows, and its HTML, which is made once for all screens.

Two hundred rows are most of what the desk's page costs, and every screen of a site shows the same ones. A row's HTML
depends on nothing but the row and the language, so that it is kept by value: what has changed is another row, and
nothing has ever to be thrown away for being old. Only the two times that pass while nothing changes are put in late.
"""

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from alerts.clip_first import comes_clip_first
from alerts.models import AlertQuerySet, CallLevel
from alerts.sharing.current import names_of_shares
from alerts.templatetags.alert_format import age, remaining
from paca_site.accounts.models import User

KEPT = 4096  # about 7 MiB in each web process
AGE, DUE = "\ue000", "\ue001"  # of Unicode's private use: where the two times stand in what is kept
COLUMNS = (
    "pk", "event_id", "state", "severity", "sentence", "confidence", "raised_at", "due_at", "call_level", "clip_state",
    "poster_path", "incident", "camera__name", "claimed_until", "claimed_by__username", "claimed_by__first_name",
    "claimed_by__last_name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueueRow:
    """What one row shows, and nothing else.

    Attributes:
        confidence: 0-100 %.
        region: polygon at the peak as PostgreSQL writes it, JSON.
        holder: who works on it now, or "".
        shared_to: for whom its incident is, or "".
        group_size: how many alerts of its incident wait, on the first of them; 0 on the others.
    """

    pk: int
    state: str
    severity: int
    sentence: str
    confidence: float
    raised_at: datetime
    due_at: datetime | None
    call_level: int
    has_poster: bool
    region: str
    incident: int | None
    camera: str
    holder: str
    is_clip_first: bool
    shared_to: str = ""
    group_size: int = 0
    is_follower: bool = False

    @property
    def call_words(self) -> str:
        """Who has been called, in words."""
        return str(CallLevel(self.call_level).label)

    @property
    def polygon(self) -> list[list[float]]:
        """The region's corners, 0 to 1 of width and height."""
        corners: list[list[float]] = json.loads(self.region)
        return corners

    @property
    def timeless_html(self) -> str:
        """The row with its two times left open: the same text as long as nothing changes."""
        return _render(self, get_language() or "")

    @property
    def html(self) -> SafeString:
        """The row as it is now."""
        told = self.timeless_html.replace(AGE, age(self.raised_at), 1)
        told = told.replace(DUE, remaining(self.due_at), 1) if self.due_at else told
        return mark_safe(told)  # noqa: S308 - a template escaped it; the two times are digits and units


@lru_cache(maxsize=KEPT)
def _render(row: QueueRow, language: str) -> str:
    return render_to_string("alerts/_queue_row.html", {"row": row, "age": AGE, "due": DUE})


def queue_rows(alerts: AlertQuerySet, limit: int) -> list[QueueRow]:
    """Return the first alerts as rows, in their order, marked by incident. Two queries.

    The large columns (curves, regions over time, facts) stay in the database.
    """
    now = timezone.now()
    found = alerts.annotate(region_text=Cast("region", TextField())).values(*COLUMNS, "region_text")[:limit]
    return _grouped([_row(values, now) for values in found])


def _row(values: dict[str, Any], now: datetime) -> QueueRow:
    is_held = values["claimed_until"] is not None and values["claimed_until"] > now
    name = {part: values[f"claimed_by__{part}"] for part in ("username", "first_name", "last_name")}
    return QueueRow(
        pk=values["pk"],
        state=values["state"],
        severity=values["severity"],
        sentence=values["sentence"],
        confidence=values["confidence"],
        raised_at=values["raised_at"],
        due_at=values["due_at"],
        call_level=values["call_level"],
        has_poster=bool(values["poster_path"]),
        region=values["region_text"],
        incident=values["incident"],
        camera=values["camera__name"],
        holder=str(User(**name)) if is_held else "",
        is_clip_first=comes_clip_first(
            state=values["state"],
            severity=values["severity"],
            clip_state=values["clip_state"],
            event_id=values["event_id"],
        ),
    )


def _grouped(rows: list[QueueRow]) -> list[QueueRow]:
    """Tell the first row of each incident how many there are, the others that they follow, and all for whom it is."""
    sizes = Counter(row.incident for row in rows if row.incident)
    shared = names_of_shares(sizes)
    seen: set[int] = set()
    marked = []
    for row in rows:
        if row.incident is None:
            marked.append(row)
            continue
        follows = row.incident in seen
        seen.add(row.incident)
        size = 0 if follows else sizes[row.incident]
        marked.append(replace(row, shared_to=shared.get(row.incident, ""), group_size=size, is_follower=follows))
    return marked
