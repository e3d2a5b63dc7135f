"""Questionnaires and running networks come into the database."""

import hashlib
import logging
from functools import cache
from pathlib import Path
from typing import Final

from django.db import transaction

from cameras.assessing.models import Questionnaire, RunningNetwork
from cameras.assessing.reading import QuestionnaireError, QuestionnaireFile, questionnaire_read
from cameras.models import Site
from paca_site.audit.services import audit_record

logger = logging.getLogger(__name__)
SHIPPED: Final = Path(__file__).resolve().parent.parent / "questionnaires"


@cache
def _shipped() -> tuple[tuple[QuestionnaireFile, str], ...]:
    """Return the files that ship, with their SHA-256; they change only with the program."""
    read = [questionnaire_read(path) for path in sorted(SHIPPED.glob("*.yaml"))]
    return tuple((file, hashlib.sha256(content).hexdigest()) for file, content in read)


def _load(file: QuestionnaireFile, sha256: str) -> tuple[Questionnaire, bool]:
    loaded, is_new = Questionnaire.objects.get_or_create(
        slug=file.slug,
        version=file.version,
        defaults={
            "title": file.title,
            "is_required": file.is_required,
            "content": {"sections": file.sections},
            "sha256": sha256,
        },
    )
    if loaded.sha256 != sha256:
        raise QuestionnaireError(
            f"{file.slug}, version {file.version}, is loaded already with other content "
            f"(SHA-256 {loaded.sha256[:12]}, got {sha256[:12]}): a changed questionnaire must have a higher version."
        )
    newest = Questionnaire.objects.filter(slug=file.slug).order_by("-version").first()
    if newest is not None and newest.version > file.version and is_new:
        logger.warning("%s: version %s is loaded, but %s is newer and counts", file.slug, file.version, newest.version)
    return loaded, is_new


def shipped_load() -> None:
    """Load the questionnaires that ship. Repeating it changes nothing.

    Raises:
        QuestionnaireError: a file is bad, or other content of the same version is loaded.
    """
    for file, sha256 in _shipped():
        loaded, is_new = _load(file, sha256)
        if is_new:
            logger.info("questionnaire %s loaded", loaded)


def questionnaire_load(path: Path) -> tuple[Questionnaire, bool]:
    """Load a questionnaire of the deployer's own. Audit: `questionnaire.loaded`, unless it was there.

    Returns:
        The questionnaire, and whether it is new.

    Raises:
        QuestionnaireError: the file is bad, or other content of the same version is loaded.
    """
    file, content = questionnaire_read(path)
    with transaction.atomic():
        loaded, is_new = _load(file, hashlib.sha256(content).hexdigest())
        if is_new:
            audit_record(
                action="questionnaire.loaded",
                actor=None,
                subject=f"questionnaire:{loaded.pk}",
                details={"key": loaded.slug, "version": loaded.version, "sha256": loaded.sha256},
            )
    return loaded, is_new


def network_withdraw(*, kind: RunningNetwork.Kind, site: Site) -> None:
    """Say that a site runs what runs everywhere again. Runs in the transaction of whoever decided it and records it."""
    RunningNetwork.objects.filter(kind=kind, site=site).delete()


def network_declare(
    *,
    kind: RunningNetwork.Kind,
    name: str,
    weights: str,
    event_kinds: list[str] | None = None,
    site: Site | None = None,
) -> None:
    """Say which weights run at a site, or everywhere. Audit: `network.changed`, where others ran before."""
    given = {"name": name, "weights": weights, "event_kinds": event_kinds or []}
    with transaction.atomic():
        network, is_new = RunningNetwork.objects.select_for_update().get_or_create(site=site, kind=kind, defaults=given)
        before = {field: getattr(network, field) for field in given}
        if is_new or before == given:
            return
        for field, value in given.items():
            setattr(network, field, value)
        network.save()
        audit_record(
            action="network.changed",
            actor=None,
            subject=f"network:{kind}",
            site_id=site.pk if site else None,
            details={"was": before, "now": given},
        )
