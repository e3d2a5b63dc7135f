"""What the pages of assessments show: how sites stand, and changes in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from cameras.assessing.answers import SheetItem, sheet
from cameras.assessing.aspects import Aspect, Configuration, Difference, differences, live_configurations
from cameras.assessing.models import Assessment
from cameras.assessing.services.answering import Given
from cameras.assessing.standing import Standing, standings
from cameras.models import Camera, Site


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change since the submission, for people.

    Attributes:
        camera: its name; empty for the whole site.
        aspect: which part.
        was: before.
        now: after.
    """

    camera: str
    aspect: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One questionnaire at one site.

    Attributes:
        site: the site.
        standing: whether the signed one holds.
        unsigned: the draft or what waits for a signature, or None.
        stale_count: answers of the signed one that do not hold any more.
        stopped: cameras that are on and do not run for it.
        until: when running cameras stop for it; None where none does.
    """

    site: Site
    standing: Standing
    unsigned: Assessment | None
    stale_count: int
    stopped: int
    until: datetime | None

    @property
    def state(self) -> str:
        """`in-force`, `missing` or `stale`."""
        if self.standing.signed is None:
            return "missing"
        return "in-force" if self.standing.is_in_force else "stale"


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One question on the form, as its fields stand.

    Attributes:
        item: the question and the answer that is stored.
        choice: what is chosen.
        text: what is written.
        is_still_true: whether the box is ticked.
        revision: of the stored answer; 0 for none.
        error: why it was refused; empty where it was not.
    """

    item: SheetItem
    choice: str
    text: str
    is_still_true: bool
    revision: int
    error: str


def entry_row(item: SheetItem, given: Given | None, error: str) -> EntryRow:
    """Return a question's fields: as a person left them, otherwise as they are stored."""
    stored = Given(item.answer.choice, item.answer.text) if item.answer else Given("", "")
    shown = given or stored
    revision = item.answer.revision if item.answer else 0
    return EntryRow(item, shown.choice, shown.text, shown.is_still_true, revision, error)


def standing_rows(sites: Sequence[Site]) -> list[StandingRow]:
    """Return how each questionnaire stands at each of the sites, in the order of the sites."""
    now, by_pk = timezone.now(), {site.pk: site for site in sites}
    unsigned = {
        (found.site_id, found.slug): found for found in Assessment.objects.filter(site__in=list(by_pk), signed_at=None)
    }
    cameras = list(Camera.objects.filter(site__in=list(by_pk), is_enabled=True))
    rows = []
    for standing in standings(list(by_pk), required_only=False):
        found = [standing.obstacle(camera, now) for camera in cameras if camera.site_id == standing.site_id]
        against = [obstacle for obstacle in found if obstacle] if standing.questionnaire.is_required else []
        rows.append(
            StandingRow(
                site=by_pk[standing.site_id],
                standing=standing,
                unsigned=unsigned.get((standing.site_id, standing.questionnaire.slug)),
                stale_count=sum(bool(item.stale) for item in sheet(standing.signed, standing.live))
                if standing.signed
                else 0,
                stopped=sum(obstacle.stops(now) for obstacle in against),
                until=min(
                    (obstacle.until for obstacle in against if obstacle.until and not obstacle.stops(now)), default=None
                ),
            )
        )
    return rows


def change_rows(assessment: Assessment) -> list[ChangeRow]:
    """Return what changed since an assessment was submitted; of a draft: since the one before was signed."""
    base = assessment
    if assessment.submitted_at is None:
        earlier = Assessment.objects.filter(site=assessment.site_id, slug=assessment.slug).exclude(signed_at=None)
        last = earlier.order_by("-number").first()
        if last is None:
            return []
        base = last
    live: Configuration = live_configurations([assessment.site_id])[assessment.site_id]
    names = dict(Camera.objects.filter(site=assessment.site_id).values_list("pk", "name"))
    return [_row(change, names) for change in differences(base.configuration, live)]


def _row(change: Difference, names: dict[int, str]) -> ChangeRow:
    camera = (
        "" if change.camera_id is None else names.get(change.camera_id, gettext("Camera {key}").format(key=change.key))
    )
    label = str(Aspect(change.aspect).label)
    if change.change == "changed" and isinstance(change.was, dict) and isinstance(change.now, dict):
        parts = [name for name in {**change.was, **change.now} if change.was.get(name) != change.now.get(name)]
        was, now = ({name: value.get(name) for name in parts} for value in (change.was, change.now))
        return ChangeRow(camera, label, _words(was), _words(now))
    empty = gettext("the detector's own") if change.aspect == Aspect.THRESHOLD else "-"
    return ChangeRow(camera, label, _words(change.was, empty), _words(change.now, empty))


def _words(value: Any, empty: str = "-") -> str:
    if value is None or value == "" or value == []:
        return empty
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_words(part)}" for name, part in value.items())
    if isinstance(value, list):
        return (
            ", ".join(str(part) for part in value)
            if all(isinstance(part, str) for part in value)
            else gettext("drawn zones")
        )
    return str(value)
