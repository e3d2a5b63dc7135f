"""Weights and their figures come into the database. Nothing of them is run."""

import hashlib
import json
import os
import shutil
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from inference.core.errors import WeightsError
from inference.core.sensitivity import weights_identity
from inference.core.weights import Manifest, load_manifest
from inference.releasing.models import EvaluationRun, ModelRelease
from inference.releasing.running import SHIPPED, release_folder
from paca_site.audit.services import audit_record

FILES: Final = {"paca-seg": {"f32", "int8"}, "paca-detect": {"numbers", "flow"}}
"""What a release must hold, by the name in its manifest: the code that runs it is that of these networks."""
LICENCES: Final = ("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MPL-2.0", "CC0-1.0", "CC-BY-4.0")


def release_register(*, folder: Path, name: str) -> tuple[ModelRelease, bool]:
    """Check weights, copy them into the data folder and register them. Audit: `release.registered`, if they are new.

    Killed in between it leaves at most a folder that a repetition replaces.

    Returns:
        The release, and whether it is new.

    Raises:
        WeightsError: manifest, files, hashes, licence or name are not allowed.
    """
    folder, name = folder.resolve(), name.strip()
    if not 3 <= len(name) <= 80:
        raise WeightsError(f"The name must have 3 to 80 characters; these are {len(name)}.")
    manifest = load_manifest(folder.name, folder.parent)
    kind = next((kind for kind, known in SHIPPED.items() if known == manifest.name), None)
    if kind is None:
        raise WeightsError(
            f"`name` in the manifest must be one of {', '.join(SHIPPED.values())}, got {manifest.name!r}."
        )
    if manifest.licence not in LICENCES:
        raise WeightsError(f"`licence` must be one of {', '.join(LICENCES)}, got {manifest.licence!r}.")
    paths = _checked(manifest)
    release = ModelRelease(
        kind=kind,
        name=name,
        weights=weights_identity(manifest),
        licence=manifest.licence,
        manifest=dict(manifest.content),
    )
    known = ModelRelease.objects.filter(weights=release.weights).first()
    if known is not None:
        _copy(folder, paths, release_folder(known))
        return known, False
    _copy(folder, paths, release_folder(release))
    with transaction.atomic():
        release.save()
        audit_record(
            action="release.registered",
            actor=None,
            subject=f"release:{release.pk}",
            details={"name": name, "kind": kind, "weights": release.weights, "licence": release.licence},
        )
    return release, True


def _checked(manifest: Manifest) -> list[Path]:
    files = manifest.content["files"]
    if not isinstance(files, dict) or set(files) != FILES[manifest.name]:
        raise WeightsError(f"`files` of {manifest.name} must be {', '.join(sorted(FILES[manifest.name]))}.")
    for key, file in files.items():
        given = str(file.get("path", "")) if isinstance(file, dict) else ""
        if not given or Path(given).name != given:
            raise WeightsError(f"The path of {key} must be the name of a file beside the manifest, got {given!r}.")
    return [manifest.file(key) for key in files]


def _copy(folder: Path, paths: list[Path], target: Path) -> None:
    """Put the files in place at once: whoever looks finds all of them or none."""
    if target.exists():
        return
    part = target.with_name(f"{target.name}.part-{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for path in (folder / "manifest.json", *paths):
        shutil.copyfile(path, part / path.name)
    part.rename(target)


def evaluation_attach(
    *, release: ModelRelease, path: Path, command: str, data: str, measured_on: date
) -> EvaluationRun:
    """Attach the figures that `python -m inference evaluate ... --json F` wrote. Audit: `release.evaluated`.

    Raises:
        WeightsError: the file holds no flat figures, is attached already, or a word is missing.
    """
    if not command.strip().startswith("python -m inference evaluate") or not data.strip():
        raise WeightsError("Say the command (python -m inference evaluate ...) and the data it was measured on.")
    if measured_on > date.today():  # noqa: DTZ011 - a day as people write it, of no time zone
        raise WeightsError(f"The day of the measurement cannot be in the future, got {measured_on}.")
    try:
        content = path.read_bytes()
        read: Any = json.loads(content)
    except (OSError, ValueError) as error:
        raise WeightsError(f"{path.name} cannot be read: {error}.") from error
    figures = {key: value for key, value in read.items() if _is_number(value)} if isinstance(read, dict) else {}
    if not figures:
        raise WeightsError(f"{path.name} must hold figures by name, as `evaluate --json` writes them; it has none.")
    digest = hashlib.sha256(content).hexdigest()
    if release.evaluations.filter(sha256=digest).exists():
        raise WeightsError(f"{path.name} is attached to {release} already.")
    with transaction.atomic():
        run = EvaluationRun.objects.create(
            release=release,
            command=command.strip()[:500],
            data=data.strip()[:300],
            measured_on=measured_on,
            figures=figures,
            sha256=digest,
        )
        audit_record(
            action="release.evaluated",
            actor=None,
            subject=f"release:{release.pk}",
            details={"weights": release.weights, "command": run.command, "data": run.data, "sha256": digest},
        )
    return run


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
