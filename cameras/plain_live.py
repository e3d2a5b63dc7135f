"""Live masked pictures for browsers without JavaScript: one picture, or a motion JPEG that ends by itself.

A connection has no credits here, and Daphne no back-pressure: what a browser does not read waits in memory. So a film
is slow, short and followed by the page's own reloading, which bounds what one connection can hold.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from functools import cache
from typing import Final
from uuid import UUID

from channels.db import database_sync_to_async
from django.conf import settings

from cameras.access import Watcher, watchable_cameras
from cameras.conditions import Condition
from cameras.live import Rendition
from cameras.live_credits import FilmPlace
from cameras.live_reader import CAMERA_ID, live_reader
from cameras.services.watching import watching_ended
from cameras.watch_time import WatchTime

FILM_S: Final = 60.0
PICTURES_PER_S: Final = 2.0
SILENT_S: Final = 2.0
"""Without a frame for this long the film shows that there is none, as a picture that stands still looks like calm."""
FIRST_WITHIN_S: Final = 3.0
RECHECK_S: Final = 10.0
BOUNDARY: Final = "paca-frame"
_LENGTH_BYTES: Final = 4


class PlainFeed:
    """The newest frame of one camera, for one answer."""

    def __init__(self, camera_id: int) -> None:
        self._camera_id = camera_id
        self._newest: bytes | None = None
        self._arrived = asyncio.Event()

    def __enter__(self) -> "PlainFeed":
        live_reader().watch(self, {self._camera_id: Rendition.FULL})
        return self

    def __exit__(self, *args: object) -> None:
        live_reader().leave(self)

    def frame_arrived(self, camera: int, message: bytes, place: FilmPlace | None = None) -> None:
        """Keep the newest."""
        self._newest = message
        self._arrived.set()

    def conditions_changed(self, conditions: Mapping[int, Condition]) -> None:
        """Nothing: a film says by its pictures whether there are any."""

    def source_changed(self, is_up: bool) -> None:
        """Nothing, for the same reason."""

    async def picture(self, within_s: float) -> bytes | None:
        """Return the next JPEG that has not been returned yet; None if none comes in time."""
        try:
            await asyncio.wait_for(self._arrived.wait(), within_s)
        except TimeoutError:
            return None
        self._arrived.clear()
        message, self._newest = self._newest or b"", None
        start = CAMERA_ID.size + _LENGTH_BYTES
        return message[start + int.from_bytes(message[CAMERA_ID.size : start], "big") :]


async def next_picture(camera_id: int) -> bytes | None:
    """Return the next masked JPEG of a camera, or None where none comes within `FIRST_WITHIN_S`."""
    with PlainFeed(camera_id) as feed:
        return await feed.picture(FIRST_WITHIN_S)


async def film(camera_id: int, watcher: Watcher) -> AsyncGenerator[bytes, None]:
    """Give the parts of a `multipart/x-mixed-replace` answer for `FILM_S`, while the person may watch."""
    ends_at_s = checked_at_s = time.monotonic()
    ends_at_s += FILM_S
    yield _opening()
    with PlainFeed(camera_id) as feed:
        within_s = FIRST_WITHIN_S
        while (now_s := time.monotonic()) < ends_at_s:
            if now_s - checked_at_s > RECHECK_S:
                checked_at_s = now_s
                if not await database_sync_to_async(watchable_cameras)(watcher, [camera_id]):
                    break
            yield _part(await feed.picture(within_s) or no_picture())
            within_s = SILENT_S
            await asyncio.sleep(1 / PICTURES_PER_S)
    yield _part(no_picture())  # the last one stays in the browser


async def film_timed(camera_id: int, watcher: Watcher, view_id: UUID) -> AsyncIterator[bytes]:
    """Give the parts of `film`; whoever ends it, record how long it was shown. Audit: `camera.watch-ended`."""
    shown = WatchTime()
    shown.watch([camera_id])
    try:
        async with aclosing(film(camera_id, watcher)) as parts:
            async for part in parts:
                yield part
    finally:
        await database_sync_to_async(watching_ended)(watcher=watcher, seconds=shown.ended(), view_id=view_id)


def _opening() -> bytes:
    return f"--{BOUNDARY}\r\n".encode()


def _part(jpeg: bytes) -> bytes:
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + f"\r\n--{BOUNDARY}\r\n".encode()


@cache
def no_picture() -> bytes:
    """Return the JPEG that says so."""
    content: bytes = (settings.BASE_DIR / "static" / "img" / "no-picture.jpg").read_bytes()
    return content
