"""May this camera run? The one gate: everybody who starts a camera, or keeps one running, asks here.

A camera runs only while no source has a reason against it. To add a reason, write a function in your own area and add
it to the tuples below: the dispatcher, the worker, the pages and the supervision then heed it without a change.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from cameras.assessing import gate as assessing
from cameras.authorising import gate as authorising
from cameras.boxes import gate as boxes
from cameras.commissioning import gate as commissioning
from cameras.leaking import gate as leaking
from cameras.modality import gate as modality
from cameras.models import Camera
from cameras.stopping import gate as stopping

Source = Callable[[Sequence[Camera]], dict[int, list[str]]]
"""Reasons in sentences by camera key, absent where there are none; a fixed number of queries for any number of them."""

AGAINST_RUNNING: Final[tuple[Source, ...]] = (
    stopping.reasons_against_running,
    modality.reasons_against_running,
    boxes.reasons_against_running,
    commissioning.reasons_against_running,
    leaking.reasons_against_running,
    authorising.reasons_against_running,
    assessing.reasons_against_running,
)
"""What stops also a camera that runs: within 2 s of the first call that has a reason."""

AGAINST_STARTING: Final[tuple[Source, ...]] = (
    stopping.reasons_against_running,
    modality.reasons_against_running,
    boxes.reasons_against_running,
    commissioning.reasons_against_running,
    leaking.reasons_against_running,
    authorising.reasons_against_starting,
    assessing.reasons_against_starting,
)
"""What keeps a camera that is stopped from being started by a person; at least as strict as the above."""


def _gather(sources: Sequence[Source], cameras: Sequence[Camera]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for source in sources:
        for pk, reasons in source(cameras).items():
            found[pk] += reasons
    return {pk: reasons for pk, reasons in found.items() if reasons}


def reasons_against(cameras: Sequence[Camera]) -> dict[int, list[str]]:
    """Return why cameras may not run, by key; absent: it may. Constant query count."""
    return _gather(AGAINST_RUNNING, cameras)


def reasons_against_start(camera: Camera) -> list[str]:
    """Return why a camera that is stopped may not be started; empty: it may."""
    return _gather(AGAINST_STARTING, [camera]).get(camera.pk, [])
