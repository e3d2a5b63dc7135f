"""Even shares: cameras go from workers with many to workers with few, and away from those told to stop.

Decided in one place, the dispatcher, once a second; carried out by the worker that takes over (`handover.py`). A camera
on its way counts where it goes, so nothing is moved twice.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from celery import current_app
from celery.utils.nodenames import worker_direct

from cameras.live import moving_key, valkey
from inference.leases import lease_owner, text_of
from inference.models import StreamState, StreamStatus
from inference.places import Place, places_now

logger = logging.getLogger(__name__)

AT_ONCE: Final = 2
"""Cameras on their way to one worker at a time: for a moment two workers decode each of them."""
AT_ONCE_FROM_LEAVING: Final = 4
"""The same from a worker told to stop, which waits for a few seconds only (`worker.DRAIN_S`)."""
MOVING_MS: Final = 20_000
"""Longer than a handover takes at most (`handover.FIRST_FRAME_S` and `ASKED_S`)."""
TAKE_WITHIN_S: Final = 4


@dataclass(frozen=True, slots=True)
class Move:
    """One camera to another worker."""

    camera_id: int
    to: Place


def moves(
    places: Sequence[Place], owners: Mapping[int, str], moving: Mapping[int, str], movable: frozenset[int]
) -> list[Move]:
    """Return what to move now, so that shares differ by one at most and nobody who leaves keeps a camera.

    Args:
        places: the workers that live.
        owners: who runs each camera.
        moving: to whose name cameras are on their way.
        movable: cameras that give frames; another one would find no frame, and costs little where it is.
    """
    staying = {place.owner: place for place in places if not place.is_leaving}
    by_name = {place.name: place for place in staying.values()}
    if not staying:
        return []
    there = {pk: by_name[name].owner for pk, name in moving.items() if name in by_name}
    load = Counter(dict.fromkeys(staying, 0))
    load.update(owner for owner in ({**owners, **there}).values() if owner in staying)
    arriving = Counter(there.values())
    free = [pk for pk in sorted(owners) if pk in movable and pk not in moving]
    leaving = {place.owner for place in places if place.is_leaving}
    found: list[Move] = []

    def give(pk: int, least: str) -> None:
        target = staying[least].owner
        load[target] += 1
        arriving[target] += 1
        found.append(Move(pk, staying[least]))
        free.remove(pk)

    def emptiest(at_once: int) -> str | None:
        able = [one for one, place in staying.items() if load[one] < place.room and arriving[one] < at_once]
        return min(able, key=lambda one: (load[one], one), default=None)

    for pk in [pk for pk in free if owners[pk] in leaving]:
        least = emptiest(AT_ONCE_FROM_LEAVING)
        if least is None:
            return found
        give(pk, least)
    while True:
        least, most = emptiest(AT_ONCE), max(staying, key=lambda one: (load[one], one))
        if least is None or load[most] - load[least] < 2:
            return found
        newest = next((pk for pk in reversed(free) if owners[pk] == most), None)
        if newest is None:
            return found
        load[most] -= 1
        give(newest, least)


def shares_even(leases: Mapping[int, bytes | str | None]) -> list[Move]:
    """Ask workers to take cameras over where shares are uneven or somebody leaves. Returns what was asked.

    Args:
        leases: what stands in Valkey under each enabled camera's lease.
    """
    owners = {pk: lease_owner(held) for pk, held in leases.items() if held is not None}
    places = places_now()
    if not owners or not _is_uneven(places, owners):
        return []
    keys = sorted(owners)
    on_their_way = zip(keys, valkey().mget([moving_key(pk) for pk in keys]), strict=True)
    moving = {pk: text_of(name) for pk, name in on_their_way if name is not None}
    # also those that a crowded worker cannot mask in time: another one tries a frame before it takes them
    with_picture = (StreamStatus.LIVE, StreamStatus.MASKING_DOWN)
    live = StreamState.objects.filter(pk__in=keys, status__in=with_picture).values_list("pk", flat=True)
    asked = []
    for move in moves(places, owners, moving, frozenset(live)):
        if not valkey().set(moving_key(move.camera_id), move.to.name, nx=True, px=MOVING_MS):
            continue
        current_app.send_task(
            "inference.tasks.take_over_stream",
            args=[move.camera_id],
            queue=worker_direct(move.to.name),
            expires=TAKE_WITHIN_S,
        )
        logger.info("camera %s: %s is asked to take it over", move.camera_id, move.to.name)
        asked.append(move)
    return asked


def _is_uneven(places: Sequence[Place], owners: Mapping[int, str]) -> bool:
    load = Counter(owners.values())
    if any(place.is_leaving and load[place.owner] for place in places):
        return True
    staying = [load[place.owner] for place in places if not place.is_leaving]
    return len(staying) > 1 and max(staying) - min(staying) >= 2
