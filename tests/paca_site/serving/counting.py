"""An application that says on standard output how many bytes each request and each message of a socket had."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from tests.paca_site.serving.endless import say

Message = dict[str, Any]
Receive = Callable[[], Coroutine[Any, Any, Message]]
Send = Callable[[Message], Awaitable[None]]


async def application(scope: Message, receive: Receive, send: Send) -> None:
    await (count_messages if scope["type"] == "websocket" else count_body)(receive, send)


async def count_body(receive: Receive, send: Send) -> None:
    size, goes_on = 0, True
    while goes_on:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, goes_on = size + len(message["body"]), message["more_body"]
    say(f"body {size}")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def count_messages(receive: Receive, send: Send) -> None:
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        if message.get("bytes"):
            say(f"message {len(message['bytes'])}")
    say("socket closed")
