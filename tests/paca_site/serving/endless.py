"""An answer of 64 MiB, made while it is sent; it says on standard output how far it has come."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from paca_site.serving import pacing

pacing.STALLED_S = 2.0  # type: ignore[misc]  # a test waits less long than a control room
PIECE = bytes(1024 * 1024)
PIECES = 64

Message = dict[str, Any]


async def application(
    scope: Message, receive: Callable[[], Coroutine[Any, Any, Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    answer = asyncio.create_task(give(send))
    await receive()  # the request
    gone = asyncio.create_task(receive())
    await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
    if not answer.done():
        answer.cancel()
        say("broken off")
    gone.cancel()


async def give(send: Callable[[Message], Awaitable[None]]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for number in range(1, PIECES + 1):
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
        say(f"given {number}")
    await send({"type": "http.response.body", "body": b"", "more_body": False})
    say("whole")


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()
