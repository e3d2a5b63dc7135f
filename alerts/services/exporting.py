"""Handing one alert out of PACA: the masked clip, the poster and what is known of them, in one signed file."""

import logging
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alerts.export_readme import readme
from alerts.models import Alert, ClipState
from cameras.footage import footage_path
from paca_site.accounts.models import User
from paca_site.audit.export_facts import SOURCE_OF_TIME, export_facts, export_key, iso_ms
from paca_site.audit.export_file import file_facts, pack_export
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of all files together: an export is made in memory, as nothing of it may stay on a disk."""

REASON_MIN, REASON_MAX, CASE_MAX = 10, 200, 80
NOT_READY = {
    ClipState.PENDING: _("The clip is still being made; try again in a minute."),
    ClipState.MISSING: _("There is no clip: nothing was recorded at that time."),
    ClipState.NONE: _("There is no clip: the camera's policy keeps none."),
    ClipState.PURGED: _("The clip was deleted at the end of its retention."),
}


def why_not_exported(alert: Alert) -> str:
    """Return why an alert cannot be exported now, in a sentence for people; empty if it can."""
    if alert.is_seeded:
        return gettext("This alert cannot be exported: it is no evidence of anything. Decide it, and it says why.")
    if alert.clip_state != ClipState.READY or not alert.clip_path:
        return str(NOT_READY.get(ClipState(alert.clip_state)) or gettext("There is no clip."))
    if alert.ended_at is None:
        return gettext("The event still goes on, and its clip grows; export it after its end.")
    if not footage_path(alert.clip_path).is_file():
        return gettext("The clip's file is gone from the disk. Tell an administrator: it should be there.")
    return ""


def alert_export(*, alert: Alert, actor: User, case: str, reason: str) -> tuple[str, bytes]:
    """Return the name and the bytes of the signed file.

    Audit: `alert.exported` with SHA-256 of each file, committed before this returns. Nothing is written to disk, but
    the installation's key where there is none yet. Killed after the commit, the trail tells of more than was sent.

    Raises:
        ValidationError: case or reason is missing; the clip is not ready, gone or too large; the key cannot be used.
    """
    case, reason = case.strip(), reason.strip()
    if not case or len(reason) < REASON_MIN:
        raise ValidationError(
            gettext("An export needs a case number and a reason of at least {reason_min} characters.").format(
                reason_min=REASON_MIN
            )
        )
    if why_not := why_not_exported(alert):
        raise ValidationError(why_not)
    files = {**_footage(alert), "README.txt": readme(alert).encode()}
    key = export_key()
    with transaction.atomic():
        now = Alert.objects.select_related("camera__site").get(pk=alert.pk)
        if _cut_of(now) != _cut_of(alert):
            raise ValidationError(gettext("The clip was made anew or deleted meanwhile; open the alert again."))
        manifest = _manifest(now)  # before the trail: whoever writes there waits for us from then on
        entry = audit_record(
            action="alert.exported",
            actor=actor,
            subject=f"alert:{alert.pk}",
            site_id=alert.camera.site_id,
            details={
                "camera": alert.camera_id,
                "case": case,
                "reason": reason,
                "files": {name: file_facts(content)["sha256"] for name, content in files.items()},
            },
        )
        content = pack_export({**export_facts(entry, actor, case, reason), **manifest}, files, key)
    logger.info("alert %s: exported, entry %d of the trail, %d bytes", alert.pk, entry.number, len(content))
    return f"paca-alert-{alert.pk}-{entry.number}.zip", content


def _cut_of(alert: Alert) -> tuple[Any, ...]:
    return alert.clip_state, alert.clip_path, alert.poster_path, alert.clip_started_at, alert.clip_duration_s


def _footage(alert: Alert) -> dict[str, bytes]:
    """Read clip and poster; an alert whose clip gave no poster is exported without one."""
    paths = {"clip.mp4": footage_path(alert.clip_path)}
    if alert.poster_path:
        paths["poster.jpg"] = footage_path(alert.poster_path)
    try:
        size = sum(path.stat().st_size for path in paths.values())
        if size > MOST_BYTES:
            raise ValidationError(
                gettext("Clip and poster are {mib:.1f} MiB; at most {most_mib:.0f} MiB can be exported.").format(
                    mib=size / 2**20, most_mib=MOST_BYTES / 2**20
                )
            )
        return {name: path.read_bytes() for name, path in paths.items()}
    except OSError as error:
        logger.exception("alert %s: its footage cannot be read", alert.pk)
        raise ValidationError(
            gettext("A file of the clip is gone or cannot be read. Tell an administrator.")
        ) from error


def _manifest(alert: Alert) -> dict[str, Any]:
    camera = alert.camera
    decisions = alert.decisions.order_by("at", "pk")
    return {
        "alert": {
            "id": alert.pk,
            "event_id": alert.event_id,
            "kind": alert.kind,
            "sentence": alert.sentence,
            "facts": alert.facts,
            "confidence_percent": alert.confidence,
            "score": alert.score,
            "threshold": alert.threshold,
            "region_at_peak": alert.region,
            "started_at": iso_ms(alert.started_at),
            "peak_at": iso_ms(alert.peak_at),
            "ended_at": iso_ms(alert.ended_at),
            "is_end_assumed": alert.is_end_assumed,
            "state": alert.state,
        },
        "clip": {"started_at": iso_ms(alert.clip_started_at), "duration_s": alert.clip_duration_s},
        "source_of_time": SOURCE_OF_TIME,
        "camera": {
            "id": camera.pk,
            "name": camera.name,
            "site": camera.site.name,
            "modality": camera.modality,
            "masking_at_export": {**camera.masking, "frames_per_second": camera.frames_per_second},
        },
        "masker": alert.masker,
        "detector": alert.detector,
        "decisions": [
            {"verdict": one.verdict, "reason": one.reason, "role": one.role, "at": iso_ms(one.at)} for one in decisions
        ],
    }
