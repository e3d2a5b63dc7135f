"""Telling assessments which weights mask and detect, so that other weights make the answers about them stale."""

from typing import Any, get_args

from django.db import DEFAULT_DB_ALIAS, connections

from cameras.assessing.models import RunningNetwork
from cameras.assessing.services.loading import network_declare

MASKER = "paca-seg"
DETECTOR = "paca-detect"


def networks_declare() -> None:
    """Write down the weights that ship with this version. Audit: `network.changed`, where others were there.

    Raises:
        WeightsError: a manifest is missing or incomplete.
    """
    # here, as every process imports this file, and only the one that migrates needs the core
    from inference.core.events import EventKind
    from inference.core.sensitivity import weights_identity
    from inference.core.weights import load_manifest

    network_declare(kind=RunningNetwork.Kind.MASKER, name=MASKER, weights=weights_identity(load_manifest(MASKER)))
    network_declare(
        kind=RunningNetwork.Kind.DETECTOR,
        name=DETECTOR,
        weights=weights_identity(load_manifest(DETECTOR)),
        event_kinds=sorted(get_args(EventKind)),
    )


def declare_after_migrate(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Declare them once the table is there."""
    if RunningNetwork._meta.db_table in connections[using].introspection.table_names():
        networks_declare()
