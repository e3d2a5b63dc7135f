"""One WebSocket per page carries all its tiles: masked frames out, watch lists and acknowledgements in.

From the screen (JSON): `{"watch": [{"camera": 1, "width": 320, "film": false}, ...]}` replaces the list
(`width`: pixels that the tile has, `film`: as H.264, to save bandwidth; both may be left out); `{"shown": 1}`
acknowledges one frame; `{"ping": ms}` asks for the server's clock. To the screen: binary frames (4-byte big-endian
camera id, then the frame as the worker packed it: 4-byte header length, JSON header, JPEG or H.264), and JSON of type
`pong`, `conditions`, `source`, `refused`.
"""

import asyncio
import contextlib
import json
import logging
import math
import time
import uuid
from collections.abc import Mapping
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import translation

from cameras.access import Watcher, watchable_cameras
from cameras.conditions import Condition
from cameras.live import TILE_WIDTH, Rendition
from cameras.live_credits import FilmPlace, FrameCredits
from cameras.live_reader import live_reader
from cameras.models import Modality
from cameras.services.watching import cameras_watched, watching_ended
from cameras.watch_time import WatchTime
from paca_site.accounts.language import language_of

logger = logging.getLogger(__name__)

MAX_TILES = 16
RECHECK_S = 30.0
TICK_S = 1.0
BAD_MESSAGE, SIGNED_OUT, NOT_ALLOWED, SILENT = 4400, 4401, 4403, 4408


def rendition_asked(tile: Mapping[str, Any]) -> Rendition:
    """Return the form that fits a tile of a screen's watch list.

    Raises:
        ValueError, TypeError: its width is no number of pixels.
    """
    width = float(tile.get("width", math.inf))
    if not width > 0:
        raise ValueError(f"a tile's width must be above 0 px, got {width}")
    if tile.get("film") is True:
        return Rendition.FILM
    return Rendition.TILE if width <= TILE_WIDTH else Rendition.FULL


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """Live masked view. Operators and supervisors, cameras of their sites; checked at each watch and every 30 s.

    Audit: `camera.watched`, once per connection and camera, before its first frame is shown; `camera.watch-ended`, once
    per connection and site, with the seconds of each camera.
    """

    async def connect(self) -> None:
        """Accept operators and supervisors."""
        self._credits = FrameCredits()
        self._notes: list[dict[str, Any]] = []
        self._work = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._watcher = Watcher.of(self.scope)
        self._language = language_of(self.scope.get("user"))
        self._view_id, self._recorded = uuid.uuid4(), frozenset[int]()
        self._time = WatchTime()
        allowed = await database_sync_to_async(watchable_cameras)(self._watcher, ())
        if allowed is None:
            await self.close(code=NOT_ALLOWED if self._watcher.user_id else SIGNED_OUT)
            return
        await self.accept()
        self._tasks = [asyncio.create_task(self._send_ready()), asyncio.create_task(self._keep())]

    async def disconnect(self, code: int) -> None:
        """Stop watching, and record how long each camera was shown."""
        live_reader().leave(self)
        for task in self._tasks:
            task.cancel()
        await database_sync_to_async(watching_ended)(
            watcher=self._watcher, seconds=self._time.ended(), view_id=self._view_id
        )

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take one message of the screen."""
        try:
            message = json.loads(text_data or "")
            if "shown" in message:
                self._credits.acknowledge(int(message["shown"]))
                self._work.set()
            elif "ping" in message:
                self._note({"type": "pong", "ping": float(message["ping"]), "at": time.time() * 1000})
            elif "watch" in message:
                await self._watch({int(tile["camera"]): rendition_asked(tile) for tile in message["watch"]})
            else:
                raise ValueError("unknown message")
        except (ValueError, TypeError, KeyError) as error:
            logger.info("live view: a screen sent what is no message (%s)", error)
            await self.close(code=BAD_MESSAGE)

    def frame_arrived(self, camera: int, message: bytes, place: FilmPlace | None = None) -> None:
        """Let a frame wait for its turn."""
        self._credits.offer(camera, message, place)
        self._work.set()

    def conditions_changed(self, conditions: Mapping[int, Condition]) -> None:
        """Tell the screen how cameras are doing."""
        with translation.override(self._language):
            told = {
                str(camera): {"name": now.name, "label": now.label, "reason": str(now.reason)}
                for camera, now in conditions.items()
            }
        if told:
            self._note({"type": "conditions", "cameras": told})

    def source_changed(self, is_up: bool) -> None:
        """Tell the screen whether live frames can be read at all."""
        self._note({"type": "source", "up": is_up})

    def _note(self, note: dict[str, Any]) -> None:
        self._notes.append(note)
        self._work.set()

    async def _watch(self, asked: Mapping[int, Rendition]) -> None:
        if len(asked) > MAX_TILES:
            raise ValueError(f"at most {MAX_TILES} cameras are watched at once, got {len(asked)}")
        allowed = await database_sync_to_async(watchable_cameras)(self._watcher, asked)
        if allowed is None:
            await self.close(code=NOT_ALLOWED)
            return
        if refused := asked.keys() - allowed.keys():
            self._note({"type": "refused", "cameras": sorted(refused)})
        if new := allowed.keys() - self._recorded:
            await database_sync_to_async(cameras_watched)(watcher=self._watcher, cameras=new, view_id=self._view_id)
            self._recorded |= new
        # a box sends pictures only
        cameras = {pk: Rendition.FULL if its == Modality.EDGE else asked[pk] for pk, its in allowed.items()}
        self._credits.watch(cameras)
        self._time.watch(cameras)
        live_reader().watch(self, cameras)

    async def _send_ready(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            notes, self._notes = self._notes, []
            for note in notes:
                await self.send(text_data=json.dumps(note))
            for frame in self._credits.take():
                await self.send(bytes_data=frame)

    async def _keep(self) -> None:
        """Close on silence; look again every 30 s whether role, scope and session still hold."""
        checked_at_s = time.monotonic()
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(TICK_S)
                if self._credits.is_silent:
                    await self.close(code=SILENT)
                    return
                if time.monotonic() - checked_at_s > RECHECK_S:
                    checked_at_s = time.monotonic()
                    await self._watch(self._credits.watched)
