"""The push: tells a screen that an alert of its sites is new or has changed. The page is complete without it."""

import asyncio
import contextlib
import random
import time
from typing import Any

from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from alerts.access import watchable_sites
from alerts.services.pushing import site_group
from alerts.system.access import listening_places
from alerts.system.services.pushing import WHOLE_SYSTEM, system_site_group
from cameras.access import Watcher
from paca_site.accounts.language import language_of
from paca_site.accounts.models import User
from paca_site.metrics.measures import STAGE_SECONDS

NOT_SIGNED_IN, NOT_YOURS = 4401, 4403
PUSHES = frozenset({"alert.changed", "desk.changed", "system.changed"})
RECHECK_S = 30.0  # how long somebody whose scope or role has ended may still be told of alerts


def _groups(watcher: Watcher) -> set[str] | None:
    """Return the groups that a connection may listen to now; None where person or session no longer allow any."""
    sites, places = watchable_sites(watcher), listening_places(watcher)
    if sites is None and places is None:
        return None
    groups = {site_group(site_id) for site_id in sites or ()}
    if places is not None:
        camera_sites, is_whole = places
        groups |= {system_site_group(site_id) for site_id in camera_sites}
        groups |= {WHOLE_SYSTEM} if is_whole else set()
    return groups


class AlertConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # Channels ships no types
    """One screen of an operator, supervisor or administrator, on `/ws/alerts/`.

    Server to client: `alert.changed` as `alert_push` makes it and `desk.changed` (operators and supervisors),
    `system.changed` as `system_alert_push` makes it, and `pong`. Client to server: `ping`, as a browser
    does not notice a connection that died silently. Closes with 4401 (nobody signed in) or 4403 (not your role).
    """

    recheck: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Accept, so that the reason can be given, then refuse or join the groups of the person's sites."""
        self.joined: set[str] = set()
        await self.accept()
        user = self.scope.get("user")
        if not isinstance(user, User) or not user.is_active:
            await self.close(code=NOT_SIGNED_IN)
            return
        self.watcher, self.language = Watcher.of(self.scope), language_of(user)
        if await self._join():
            self.recheck = asyncio.create_task(self._keep_checking())
            await self.send_json({"type": "ready"})

    async def disconnect(self, code: int) -> None:
        """Leave the groups."""
        if self.recheck is not None:
            self.recheck.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.recheck
        for group in self.joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Answer a ping; nothing else is understood."""
        if isinstance(content, dict) and content.get("type") == "ping":
            await self.send_json({"type": "pong"})

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Handle what comes from the browser or the channel layer.

        Before each message Channels goes through a thread that closes old database connections. A push asks nothing of
        the database, and with hundreds of screens these threads were half of the time from an alert to the last one.
        """
        if message["type"] in PUSHES:
            await getattr(self, get_handler_name(message))(message)
        else:
            await super().dispatch(message)

    async def alert_changed(self, message: dict[str, Any]) -> None:
        """Forward a push, and measure how long it took to come here; clocks of two machines differ by little."""
        STAGE_SECONDS.labels("push").observe(max(0.0, time.time() - message["pushed_s"]))
        await self.send(text_data=message["text"][self.language])

    async def desk_changed(self, message: dict[str, Any]) -> None:
        """Forward a push about the queue as a whole."""
        await self.send_json(message)

    async def system_changed(self, message: dict[str, Any]) -> None:
        """Forward a push about the system itself."""
        await self.send_json({**message, "words": message["words"][self.language]})

    async def _join(self) -> bool:
        allowed = await database_sync_to_async(_groups)(self.watcher)
        if allowed is None:
            await self.close(code=NOT_YOURS)
            return False
        for group in allowed - self.joined:
            await self.channel_layer.group_add(group, self.channel_name)
        for group in self.joined - allowed:
            await self.channel_layer.group_discard(group, self.channel_name)
        self.joined = allowed
        return True

    async def _keep_checking(self) -> None:
        while await self._sleep_and_join():
            pass

    async def _sleep_and_join(self) -> bool:
        # never all at once: screens that were opened together would ask together, and hold up a push meanwhile
        await asyncio.sleep(RECHECK_S * random.uniform(0.5, 1.0))  # noqa: S311 - only spreads load
        return await self._join()
