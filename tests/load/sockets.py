"""Two hundred screens of one site: how late the last of them hears of an alert, and of a colleague's decision.

`python -m tests.load.sockets` starts PostgreSQL, Valkey and one Daphne of its own, signs people in, opens a real
WebSocket for each and then, again and again, raises an alert as a worker does and decides it through HTTP as a desk
does. Times run from the moment after the commit (an alert) or before the request (a decision) to the moment the last
socket's message was read. All screens stand in this one process, so that reading 200 messages is in the figures.
"""

import argparse
import asyncio
import base64
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.rtsp_server import free_port

OPENING, WITHIN_S = 20, 20.0
"""Sockets that are opened at once, and how long anything may take before the measurement gives up."""
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

HANDSHAKE = """GET /ws/alerts/ HTTP/1.1
Host: 127.0.0.1:{port}
Origin: http://127.0.0.1:{port}
Cookie: sessionid={cookie}
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: {key}

"""
TEXT, PING, PONG, MASKED = 0x81, 0x89, 0x8A, 0x80
"""First bytes of frames; Source: RFC 6455, 5.2."""


class Screens:
    """What has come to the screens: of each message its type, alert and state, and when it was read."""

    def __init__(self, count: int) -> None:
        self.count, self.ready = count, 0
        self._awaited: tuple[int, str] | None = None
        self._heard = 0
        self._done = asyncio.Event()
        self.last_s = 0.0

    def expect(self, alert: int, state: str) -> None:
        """Wait from now on for a push about an alert in a state, on every screen once."""
        self._awaited, self._heard = (alert, state), 0
        self._done.clear()

    async def all_heard(self) -> float:
        """Return when the last screen heard of it.

        Raises:
            TimeoutError: one did not.
        """
        await asyncio.wait_for(self._done.wait(), WITHIN_S)
        return self.last_s

    def take(self, payload: bytes) -> None:
        """Note one message."""
        read_s = time.perf_counter()
        message = json.loads(payload)
        if message["type"] == "ready":
            self.ready += 1
        if message["type"] == "alert.changed" and (message["alert"], message["state"]) == self._awaited:
            self._heard += 1
            self.last_s = read_s
            if self._heard == self.count:
                self._done.set()


async def _screen(port: int, cookie: str, screens: Screens) -> None:
    """Open one socket as a browser does and read it until it closes; answers pings."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(HANDSHAKE.format(port=port, cookie=cookie, key=key).replace("\n", "\r\n").encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in answer.split(b"\r\n", 1)[0]:
        raise SystemExit(f"The web process answers a socket with {answer[:200]!r}.")
    while True:
        first, size = await reader.readexactly(2)
        if size == 126:
            size = int.from_bytes(await reader.readexactly(2))
        elif size == 127:
            size = int.from_bytes(await reader.readexactly(8))
        payload = await reader.readexactly(size)
        if first == TEXT:
            screens.take(payload)
        elif first == PING:
            writer.write(bytes((PONG, MASKED | size)) + bytes(4) + payload)  # masked with zeros: as it is
        else:
            raise SystemExit(f"A screen was closed: {payload[:100]!r}.")


async def _open(port: int, cookies: list[str], screens: Screens) -> list[asyncio.Task[None]]:
    tasks: list[asyncio.Task[None]] = []
    for start in range(0, len(cookies), OPENING):
        tasks += [asyncio.create_task(_screen(port, cookie, screens)) for cookie in cookies[start : start + OPENING]]
        deadline_s = time.monotonic() + WITHIN_S
        while screens.ready < len(tasks):
            if any(task.done() for task in tasks) or time.monotonic() > deadline_s:
                raise SystemExit(f"{screens.ready} of {len(cookies)} screens are open.")
            await asyncio.sleep(0.02)
    return tasks


def _sign_in(count: int, site: Any) -> list[str]:
    """Return one session of each of `count` operators."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from paca_site.accounts.models import Role
    from tests.cast import make_user

    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # two hundred times Argon2 is a minute
    keys = []
    for _ in range(count):
        person, session = make_user(Role.OPERATOR, site), SessionStore()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(person.pk), BACKEND
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        keys.append(str(session.session_key))
    return keys


class Colleague:
    """One person who decides, over a kept connection as a browser's."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)
        self._headers = {"Cookie": f"sessionid={cookie}"}
        page = self._ask("GET", "/alerts/")
        found = re.search(r'"X-CSRFToken": "(\w+)"', page)
        if found is None:
            raise SystemExit("The desk's page has no CSRF token; is the session good?")
        self._headers |= {
            "X-CSRFToken": found[1], "Cookie": f"sessionid={cookie}; csrftoken={self._token}", "HX-Request": "true",
            "Referer": f"http://127.0.0.1:{port}/alerts/", "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip

    def _ask(self, method: str, path: str, body: str | None = None) -> str:
        self._connection.request(method, path, body=body, headers=self._headers)
        answer = self._connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            if line.startswith("csrftoken="):
                self._token = line.split("=", 1)[1].split(";")[0]
        text = answer.read().decode()
        if answer.status not in (200, 302):
            raise SystemExit(f"{method} {path} answers {answer.status}: {text[:300]}")
        return text

    def dismiss(self, alert: int) -> None:
        """Decide as the form does."""
        self._ask("POST", f"/alerts/{alert}/decide", "verdict=dismiss&reason=ordinary&note=&watched_s=2")


async def measure(port: int, people: int, rounds: int) -> dict[str, Any]:
    """Open the screens, then raise and decide `rounds` alerts. Returns milliseconds."""
    from alerts.services import pushing, raising
    from tests.cast import make_camera, make_report, make_site

    push = pushing.alert_push
    committed_s = 0.0

    def noted(*args: Any, **kwargs: Any) -> None:
        nonlocal committed_s
        committed_s = time.perf_counter()
        push(*args, **kwargs)

    setattr(raising, "alert_push", noted)  # noqa: B010 - a name that the module only imports
    site = await asyncio.to_thread(make_site)
    camera = await asyncio.to_thread(make_camera, site)
    cookies = await asyncio.to_thread(_sign_in, people, site)
    colleague = await asyncio.to_thread(Colleague, port, cookies[0])
    screens = Screens(people)
    tasks = await _open(port, cookies, screens)
    raised_ms, decided_ms = [], []
    for number in range(rounds + 3):  # the first three warm up
        report = make_report()
        # the number of the next alert is not known before it is stored
        alert = number + 1
        screens.expect(alert, "new")
        stored, _ = await asyncio.to_thread(raising.alert_raise, camera_id=camera.pk, report=report)
        if stored.pk != alert:
            raise SystemExit(f"The alert has number {stored.pk}, expected {alert}: the database was not empty.")
        raised_ms.append(1000 * (await screens.all_heard() - committed_s))
        await asyncio.sleep(0.1)
        screens.expect(alert, "dismissed")
        began_s = time.perf_counter()
        await asyncio.to_thread(colleague.dismiss, alert)
        decided_ms.append(1000 * (await screens.all_heard() - began_s))
        await asyncio.sleep(0.1)
    if any(task.done() for task in tasks):
        raise SystemExit("A screen was closed meanwhile.")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    told: dict[str, Any] = {"screens": people, "rounds": rounds}
    for name, times in (("commit_to_last_screen", raised_ms[3:]), ("click_to_last_screen", decided_ms[3:])):
        times.sort()
        told |= {
            f"{name}_p50_ms": round(statistics.median(times), 1),
            f"{name}_p95_ms": round(times[-(-95 * len(times) // 100) - 1], 1),
            f"{name}_max_ms": round(times[-1], 1),
        }
    return told


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def daphne(port: int, log: Path) -> Iterator[None]:
    """Run the web process as `manage.py up` does, until the block ends."""
    command = [
        sys.executable,
        "-m",
        "paca_site.serving",
        "-b",
        "127.0.0.1",
        "-p",
        str(port),
        "paca_site.asgi:application",
    ]
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        deadline_s = time.monotonic() + 30
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline_s:
                raise SystemExit(f"Daphne did not start:\n{log.read_text()}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


def main() -> None:
    """Start the services and Daphne, measure, print; delete everything."""
    from paca_site.embedded.services import run_services, service_urls

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--screens", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paca-load-", dir="/tmp") as name:
        folder, port = Path(name), free_port()
        urls = service_urls(folder)
        os.environ |= {"DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url}
        os.environ |= {
            "PACA_DATA": str(folder / "data"),
            "PACA_REQUIRE_SECOND_FACTOR": "0",
            "PACA_LOG_LEVEL": "WARNING",
        }
        os.environ |= {"DJANGO_SETTINGS_MODULE": "paca_site.settings", "PACA_SECRET_KEY": "a-measurement-" * 4}
        (folder / "data" / "static").mkdir(parents=True)
        with run_services(folder):
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", verbosity=0)
            with daphne(port, folder / "web.log"):
                print(json.dumps(asyncio.run(measure(port, given.screens, given.rounds)), indent=1))  # noqa: T201
            connections.close_all()


if __name__ == "__main__":
    main()
