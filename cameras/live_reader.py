"""Reads the masked live frames of all watched cameras once per web process and hands them to every connection."""

import asyncio
import logging
import struct
import weakref
from collections.abc import Mapping
from typing import Any, Protocol

import redis
import redis.asyncio
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError

from cameras.conditions import Condition, camera_conditions
from cameras.live import KEY_FIELD, LIVE_FIELD, NUMBER_FIELD, WATCHED_FOR_S, Rendition, live_key, watched_key
from cameras.live_credits import FilmPlace

logger = logging.getLogger(__name__)

CAMERA_ID = struct.Struct(">I")
BLOCK_MS = 250
"""How long a read waits; a camera that somebody starts to watch is read at the latest after this."""
KEEP_WATCHED_S = WATCHED_FOR_S / 3
CONDITIONS_EVERY_S = 1.0
FRESH_MS = 3000
"""A frame older than this is not shown to somebody who has just come: it says nothing about now."""
FIRST_PAUSE_S, LAST_PAUSE_S = 0.25, 3.0


class Feed(Protocol):
    """A connection, as the reader sees it. Calls return at once: nobody waits for a slow screen."""

    def frame_arrived(self, camera: int, message: bytes, place: FilmPlace | None = None) -> None:
        """Take a frame: 4-byte big-endian camera id, then the packed frame as the worker wrote it.

        `place` says where it stands in its film; None for pictures that stand alone.
        """

    def conditions_changed(self, conditions: Mapping[int, Condition]) -> None:
        """Take how the watched cameras are doing."""

    def source_changed(self, is_up: bool) -> None:
        """Take whether live frames can be read at all."""


class LiveReader:
    """One per event loop; runs while somebody watches."""

    def __init__(self) -> None:
        self._feeds: dict[Feed, dict[int, Rendition]] = {}
        self._last_ids: dict[tuple[int, Rendition], bytes] = {}
        self._conditions: dict[int, Condition] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._is_up = True
        self._pause_s = FIRST_PAUSE_S
        self._kept_at_s = 0.0

    def watch(self, feed: Feed, cameras: Mapping[int, Rendition]) -> None:
        """Replace what a connection watches, and in which form; nothing ends it."""
        if not cameras:
            self.leave(feed)
            return
        self._feeds[feed] = dict(cameras)
        self._kept_at_s = 0.0
        feed.source_changed(self._is_up)
        known = {camera: self._conditions[camera] for camera in cameras if camera in self._conditions}
        feed.conditions_changed(known)
        for name, run in (("frames", self._read_frames), ("conditions", self._read_conditions)):
            if name not in self._tasks or self._tasks[name].done():
                self._tasks[name] = asyncio.create_task(run(), name=f"live-{name}")

    def leave(self, feed: Feed) -> None:
        """Forget a connection."""
        self._feeds.pop(feed, None)

    def _watched(self) -> frozenset[int]:
        return frozenset().union(*self._feeds.values())

    def _wanted(self) -> frozenset[tuple[int, Rendition]]:
        return frozenset(wanted for cameras in self._feeds.values() for wanted in cameras.items())

    def _say_source(self, is_up: bool) -> None:
        if is_up != self._is_up:
            self._is_up = is_up
            for feed in list(self._feeds):
                feed.source_changed(is_up)

    async def _read_frames(self) -> None:
        while self._feeds:
            try:
                async with redis.asyncio.Redis.from_url(
                    settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=2
                ) as client:
                    while self._feeds:
                        await self._read_once(client)
            except (redis.RedisError, OSError) as error:
                logger.warning("live frames cannot be read (%s); trying again in %.1f s", error, self._pause_s)
                self._say_source(False)
                self._kept_at_s = 0.0
                await asyncio.sleep(self._pause_s)
                self._pause_s = min(LAST_PAUSE_S, self._pause_s * 2)
        self._last_ids.clear()

    async def _read_once(self, client: "redis.asyncio.Redis") -> None:
        wanted = self._wanted()
        now_s = asyncio.get_running_loop().time()
        if now_s - self._kept_at_s > KEEP_WATCHED_S:
            await self._keep_watched(client, wanted)
            self._kept_at_s = now_s
        await self._join(client, wanted)
        streams: dict[Any, Any] = {live_key(*one): self._last_ids[one] for one in wanted}
        found: Any = await client.xread(streams, block=BLOCK_MS)
        self._pause_s = FIRST_PAUSE_S
        self._say_source(True)
        by_key = {live_key(*one).encode(): one for one in wanted}
        for key, entries in found.items() if isinstance(found, dict) else found or ():
            self._deliver(*by_key[key], entries[0] if entries and isinstance(entries[0], list) else entries)

    def _deliver(self, camera: int, rendition: Rendition, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
        self._last_ids[camera, rendition] = entries[-1][0]
        feeds = [feed for feed, cameras in self._feeds.items() if cameras.get(camera) == rendition]
        for _, fields in entries if rendition == Rendition.FILM else entries[-1:]:  # of pictures the newest wins
            message, place = CAMERA_ID.pack(camera) + fields[LIVE_FIELD], None
            if rendition == Rendition.FILM:
                place = FilmPlace(int(fields[NUMBER_FIELD]), is_key=KEY_FIELD in fields)
            for feed in feeds:
                feed.frame_arrived(camera, message, place)

    async def _keep_watched(self, client: "redis.asyncio.Redis", wanted: frozenset[tuple[int, Rendition]]) -> None:
        async with client.pipeline(transaction=False) as pipe:
            for one in wanted:
                pipe.set(watched_key(*one), b"1", ex=WATCHED_FOR_S)
            await pipe.execute()

    async def _join(self, client: "redis.asyncio.Redis", wanted: frozenset[tuple[int, Rendition]]) -> None:
        """Find where to start reading what is new here; a restarted Valkey starts its ids anew, by time."""
        self._last_ids = {one: last for one, last in self._last_ids.items() if one in wanted}
        new = wanted - self._last_ids.keys()
        if not new:
            return
        seconds, micros = await client.time()
        start = f"{seconds * 1000 + micros // 1000 - FRESH_MS}-0".encode()
        self._last_ids.update(dict.fromkeys(new, start))

    async def _read_conditions(self) -> None:
        while self._feeds:
            try:
                found = await database_sync_to_async(camera_conditions)(self._watched())
            except DatabaseError as error:  # frames go on; each tile's age tells whether they do
                logger.warning("how cameras are doing cannot be read (%s)", error)
            else:
                changed = {camera: now for camera, now in found.items() if self._conditions.get(camera) != now}
                self._conditions = found
                for feed, cameras in list(self._feeds.items()):
                    feed.conditions_changed({camera: now for camera, now in changed.items() if camera in cameras})
            await asyncio.sleep(CONDITIONS_EVERY_S)


_readers: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LiveReader]" = weakref.WeakKeyDictionary()


def live_reader() -> LiveReader:
    """Return the reader of the running event loop."""
    return _readers.setdefault(asyncio.get_running_loop(), LiveReader())
