"""What stands in the technical file: gathered from the live configuration, the cards, the runs and the audit trail."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from cameras.assessing.answers import sheet
from cameras.assessing.aspects import live_configurations
from cameras.assessing.models import Assessment
from cameras.assessing.standing import standings
from cameras.authorising.models import Authorisation
from cameras.commissioning import standing as commissioning
from cameras.keeping import keeping_sentences
from cameras.models import Camera, Site
from inference.releasing.models import Activation, EvaluationRun, ModelRelease
from inference.releasing.places import shipped_networks
from paca_site.audit.checkpoints import CheckpointError, read_checkpoints
from paca_site.audit.signing import SigningError, public_fingerprint
from paca_site.audit.verification import last_verification
from paca_site.oversight.benefit.report import balances
from paca_site.oversight.cards import SOURCES, card_text
from paca_site.oversight.places import masking_sentences
from paca_site.oversight.serious.models import Report
from paca_site.oversight.serious.standing import Standing
from paca_site.oversight.serious.standing import standings as serious_standings

TOLD_SETTINGS: Final = (
    "ASSESSMENT_GRACE_DAYS", "AUTHORISATION_GRACE_DAYS", "TRAINING_GRACE_DAYS", "TRAINING_DAYS",
    "NECESSITY_DAYS", "NECESSITY_ALERTS", "NECESSITY_PERCENT",
    "ACKNOWLEDGE_S", "DECIDE_S", "CALL_SUPERVISOR_S", "CLAIM_S", "INCIDENT_S", "INCIDENT_M", "SHELVE_MAX_MIN",
    "MAINTENANCE_MAX_MIN", "FLOOD_ALERTS", "CLIP_FIRST_SEVERITY", "CLIP_FIRST_PERCENT", "CLIP_FIRST_S",
    "HISTORY_REASON_HOURS", "CLIP_PRE_ROLL_S", "CLIP_POST_ROLL_S", "REDRESS_DAYS", "REDRESS_KEEP_DAYS",
    "SERIOUS_OFFICER_HOURS", "SERIOUS_BREACH_HOURS", "SERIOUS_PEOPLE_HOURS", "SERIOUS_PROVIDER_HOURS",
    "SERIOUS_INCIDENT_DAYS", "SERIOUS_DEATH_DAYS", "SERIOUS_WIDESPREAD_DAYS",
    "RAW_HOURS_MAX", "COMMISSION_REQUIRED", "COMMISSION_RECALL_PERCENT", "COMMISSION_LEAKS_PER_HOUR",
    "COMMISSION_FALSE_PER_DAY", "LEAK_WATCH", "LEAK_INTERVAL_S", "LEAK_PEOPLE", "LEAK_BUDGET",
    "REQUIRE_SECOND_FACTOR", "SESSION_COOKIE_AGE",
    "SESSION_IDLE_MIN", "SESSION_IDLE_DESK_MIN", "IS_HTTPS", "BEHIND_PROXY", "DEMO",
    "LANGUAGE_CODE",
)  # fmt: skip
"""Settings that say how the system treats people; none of them is a secret or an address."""
CHECKPOINTS_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """One camera as it is set up now; its stream's address is in no technical file."""

    camera: Camera
    masking: list[str]
    keeping: list[str]
    commissioning: commissioning.Standing


@dataclass(frozen=True, slots=True)
class Answered:
    """A signed assessment with its answers; `is_in_force` tells whether nothing changed since."""

    assessment: Assessment
    items: list[Any]
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """Everything about one site."""

    site: Site
    cameras: list[CameraFacts]
    authorisations: list[Authorisation]
    assessments: list[Answered]
    missing: list[str]
    serious: list[Standing]
    months: list[Any]


def dossier(site_ids: Collection[int], now: datetime) -> dict[str, Any]:
    """Return what the template shows, for the sites named.

    Args:
        site_ids: which sites; what belongs to the whole installation is always in it.
        now: the moment; nothing else in it changes from one call to the next while nothing is written.
    """
    return {
        "made_at": now,
        "sites": [_site(site, now) for site in Site.objects.filter(pk__in=site_ids).order_by("name")],
        "networks": shipped_networks(),
        "releases": [
            (release, list(EvaluationRun.objects.filter(release=release)))
            for release in ModelRelease.objects.order_by("kind", "pk")
        ],
        "activations": list(
            Activation.objects.filter(site__in=site_ids)
            .select_related("site", "release", "activated_by")
            .order_by("pk")
        ),
        "cards": [(source.name, _text(source.name)) for source in SOURCES],
        "settings": [(name, getattr(settings, name)) for name in TOLD_SETTINGS],
        "permissions": _document("permissions.md"),
        "last": last_verification(),
        "checkpoints": _checkpoints(),
        "key": _key(),
        "is_demo": settings.DEMO,
    }


def _site(site: Site, now: datetime) -> SiteFacts:
    cameras = Camera.objects.filter(site=site).select_related("retention").order_by("name")
    commissioned = commissioning.standings_of(list(cameras), now)
    authorisations = Authorisation.objects.filter(site=site).exclude(signed_at=None).order_by("pk")
    live = live_configurations([site.pk])[site.pk]
    answered, missing = [], []
    for standing in standings([site.pk], required_only=False):
        if standing.signed is None:
            missing.append(standing.questionnaire.title)
            continue
        found = Assessment.objects.select_related("questionnaire", "submitted_by", "signed_by").get(
            pk=standing.signed.pk
        )
        answered.append(Answered(found, sheet(found, live), standing.is_in_force))
    return SiteFacts(
        site=site,
        cameras=[
            CameraFacts(
                camera,
                masking_sentences(camera),
                keeping_sentences(camera.retention, camera.modality),
                commissioned[camera.pk],
            )
            for camera in cameras
        ],
        authorisations=list(
            authorisations.select_related("site", "drafted_by", "signed_by", "withdrawn_by").prefetch_related("cameras")
        ),
        assessments=answered,
        missing=missing,
        serious=serious_standings(
            list(Report.objects.filter(site=site).select_related("site", "filed_by", "closed_by").order_by("pk")), now
        ),
        months=[month for month in balances(site, now) if not month.is_empty],
    )


def _text(name: str) -> str:
    try:
        return card_text(name)
    except OSError as error:
        return f"The card of {name} cannot be read: {error.strerror}."


def _document(name: str) -> str:
    try:
        return (Path(settings.BASE_DIR) / "docs" / name).read_text(encoding="utf-8")
    except OSError as error:
        return f"docs/{name} cannot be read: {error.strerror}."


def _checkpoints() -> list[Any]:
    try:
        return read_checkpoints(Path(settings.CHECKPOINT_FILE))[-CHECKPOINTS_TOLD:]
    except (OSError, CheckpointError):
        return []


def _key() -> str:
    try:
        return public_fingerprint(Path(settings.CHECKPOINT_KEY))
    except (OSError, SigningError):
        return ""
