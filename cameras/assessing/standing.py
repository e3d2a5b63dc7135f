"""Whether a site's assessments still hold: what changed since they were signed, and which cameras that stops."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext

from cameras.assessing.aspects import Configuration, Difference, differences, live_configurations
from cameras.assessing.models import Assessment, Questionnaire, StaleSince, TrialPeriod
from cameras.models import Camera


def grace() -> timedelta:
    """Return how long a running camera may go on after a change."""
    return timedelta(days=settings.ASSESSMENT_GRACE_DAYS)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a camera may not be started, and until when it may go on if it runs.

    Attributes:
        reason: a sentence for people.
        until: end of the grace period; None where there is none.
    """

    reason: str
    until: datetime | None

    def stops(self, now: datetime) -> bool:
        """Return whether a camera that runs must stop too."""
        return self.until is None or self.until <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One questionnaire at one site.

    Attributes:
        site_id: the site.
        questionnaire: its newest version.
        since: when its first version was loaded; cameras that are older have a grace period from then.
        signed: the newest signed assessment, or None.
        changes: what differs from what was signed.
        seen: when a change was first seen, by aspect and key.
        live: the configuration now.
        trials: when the trial period of a camera ends, by key.
    """

    site_id: int
    questionnaire: Questionnaire
    since: datetime
    signed: Assessment | None
    changes: tuple[Difference, ...]
    seen: dict[tuple[str, str], datetime]
    live: Configuration
    trials: dict[int, datetime]

    @property
    def is_in_force(self) -> bool:
        """Whether one is signed and nothing has changed since."""
        return self.signed is not None and not self.changes and not self.is_outdated

    @property
    def is_outdated(self) -> bool:
        """Whether the questionnaire has a newer version than the one that was signed."""
        return self.signed is not None and self.signed.questionnaire_id != self.questionnaire.pk

    def until(self, change: Difference, now: datetime) -> datetime | None:
        """Return when the grace period of a change ends; None where it has none."""
        if change.change == "added":
            return self.trials.get(int(change.key))
        return self.seen.get((change.aspect, change.key), now) + grace() if change.has_grace else None

    def obstacle(self, camera: Camera, now: datetime) -> Obstacle | None:
        """Return what stands against a camera, the strictest; None where nothing does."""
        title = self.questionnaire.title
        if self.signed is None:
            until = self.since + grace() if camera.created_at <= self.since else self.trials.get(camera.pk)
            return Obstacle(gettext("No signed assessment “{title}” of its site.").format(title=title), until)
        found = [
            Obstacle(
                gettext("Changed since the assessment “{title}” was signed: {label}.").format(
                    title=title, label=change.label
                ),
                self.until(change, now),
            )
            for change in self.changes
            if change.concerns(camera.pk)
        ]
        if self.is_outdated:
            found.append(
                Obstacle(
                    gettext("The questionnaire “{title}” has a new version ({version}).").format(
                        title=title, version=self.questionnaire.version
                    ),
                    self.questionnaire.loaded_at + grace(),
                )
            )
        return min(found, key=lambda obstacle: (obstacle.until is not None, obstacle.until or now), default=None)


def standings(site_ids: Collection[int], *, required_only: bool = True) -> list[Standing]:
    """Return how each questionnaire stands at each site; seven queries at most, however many."""
    loaded = Questionnaire.objects.order_by("slug", "-version").distinct("slug")
    questionnaires = [found for found in loaded if found.is_required or not required_only]
    since = dict(Questionnaire.objects.values("slug").annotate(first=Min("loaded_at")).values_list("slug", "first"))
    signed = {
        (found.site_id, found.slug): found
        for found in Assessment.objects.filter(site__in=site_ids)
        .exclude(signed_at=None)
        .select_related("questionnaire", "signed_by")
        .order_by("site_id", "slug", "-number")
        .distinct("site_id", "slug")
    }
    seen: dict[int, dict[tuple[str, str], datetime]] = defaultdict(dict)
    for row in StaleSince.objects.filter(assessment__in=[found.pk for found in signed.values()]):
        seen[row.assessment_id][row.aspect, row.key] = row.seen_at
    trials = dict(TrialPeriod.objects.filter(camera__site__in=site_ids).values_list("camera", "until"))
    live = live_configurations(site_ids)
    result = []
    for site_id in site_ids:
        for questionnaire in questionnaires:
            found = signed.get((site_id, questionnaire.slug))
            changes = differences(found.configuration, live[site_id]) if found else []
            needed = _aspects(found.questionnaire) if found else set()
            result.append(
                Standing(
                    site_id=site_id,
                    questionnaire=questionnaire,
                    since=since[questionnaire.slug],
                    signed=found,
                    changes=tuple(change for change in changes if change.aspect in needed),
                    seen=seen[found.pk] if found else {},
                    live=live[site_id],
                    trials=trials,
                )
            )
    return result


def _aspects(questionnaire: Questionnaire) -> set[str]:
    """Return the aspects that any question depends on; what no question asks about is not assessed by it."""
    return {aspect for question in questionnaire.questions.values() for aspect in question["depends_on"]}


def obstacles(cameras: Iterable[Camera], now: datetime | None = None) -> dict[int, list[Obstacle]]:
    """Return what stands against each camera, by its key; absent where nothing does. Constant query count."""
    now = now or timezone.now()
    by_site: dict[int, list[Camera]] = defaultdict(list)
    for camera in cameras:
        by_site[camera.site_id].append(camera)
    found: dict[int, list[Obstacle]] = defaultdict(list)
    for standing in standings(list(by_site)):
        for camera in by_site[standing.site_id]:
            obstacle = standing.obstacle(camera, now)
            if obstacle is not None:
                found[camera.pk].append(obstacle)
    return dict(found)
