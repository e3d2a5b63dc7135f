"""Raises alerts in a running installation as its workers would; reads one JSON command a line, answers with one.

`python -m tests.e2e.desk_in_stack` with the installation's environment; only for installations of tests.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import django

from tests.stack import CHECKOUT, Stack

METRES = 1 / 111_320.0
"""Degrees of latitude."""


class Hand:
    """The other side: a process of the installation that does what it is told."""

    def __init__(self, stack: Stack) -> None:
        environment = {**os.environ, **stack.services(), "PACA_DATA": str(stack.data)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.desk_in_stack"],
            cwd=CHECKOUT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, do: str, **values: Any) -> Any:
        """Have something done. Returns the answer."""
        to, back = self._process.stdin, self._process.stdout
        assert to is not None
        assert back is not None
        to.write(json.dumps({"do": do, **values}) + "\n")
        to.flush()
        answer = back.readline()
        assert answer, f"`{do}` ended the process: its error stands above"
        return json.loads(answer)

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


def cameras(count: int, metres_apart: float) -> list[int]:
    """Make cameras that nobody runs, in a row, at the first site. Returns their numbers."""
    from cameras.models import Site
    from tests.cast import make_camera, make_policy

    site, policy = Site.objects.order_by("pk")[0], make_policy(clip_days=0)
    return [
        make_camera(
            site,
            is_enabled=False,
            retention=policy,
            latitude=site.latitude + number * metres_apart * METRES,
            longitude=site.longitude,
        ).pk
        for number in range(count)
    ]


def raised(cameras: list[int], seconds_ago: float = 5.0) -> list[int]:
    """Raise one alert at each camera named, in their order. Returns the alerts' numbers."""
    from django.utils import timezone

    from alerts.services.raising import alert_raise
    from tests.cast import make_report

    found = []
    for camera in cameras:
        started_at = timezone.now() - timedelta(seconds=seconds_ago)
        ended_at = started_at + timedelta(seconds=4)
        report = make_report(event_id=uuid4().hex, started_at=started_at, peak_at=started_at, ended_at=ended_at)
        found.append(alert_raise(camera_id=camera, report=report)[0].pk)
    return found


def decided(alert: int, username: str) -> None:
    """Decide an alert without a browser."""
    from alerts.models import Alert, Verdict
    from alerts.services.deciding import Choice, alert_decide
    from paca_site.accounts.models import User

    choice = Choice(verdict=Verdict.DISMISS, reason="ordinary")
    alert_decide(alert=Alert.objects.get(pk=alert), actor=User.objects.get(username=username), choice=choice)


def colleague(password: str) -> str:
    """Make a second operator of the first site. Returns the name to sign in with."""
    from cameras.models import Site
    from paca_site.accounts.models import Role
    from tests import cast

    person = cast.make_user(Role.OPERATOR, Site.objects.order_by("pk")[0])
    person.set_password(password)
    person.save()
    return person.username


def clip_kept(alert: int, film: str = "", seconds: float = 9.0) -> None:
    """Give an alert a clip on disk: a film of so many seconds, or bytes that no test plays."""
    from alerts.models import Alert, ClipState
    from cameras.footage import footage_path

    path = f"clips/{alert}.mp4"
    footage_path(path).parent.mkdir(parents=True, exist_ok=True)
    footage_path(path).write_bytes(Path(film).read_bytes() if film else b"not a film: no test plays it")
    row = Alert.objects.get(pk=alert)
    Alert.objects.filter(pk=alert).update(
        clip_state=ClipState.READY, clip_path=path, clip_started_at=row.started_at, clip_duration_s=seconds
    )


def seeded(source: int) -> int:
    """Make a test alert of a decided one, as a supervisor does. Returns its number."""
    from alerts.models import Alert
    from alerts.seeding.services.placing import seed_place
    from alerts.seeding.services.planning import known_clip_add
    from paca_site.accounts.models import Role, User

    person = User.objects.filter(role=Role.SUPERVISOR).order_by("pk")[0]
    clip = known_clip_add(alert=Alert.objects.get(pk=source), actor=person, is_positive=False)
    placed = seed_place(clip=clip, actor=person)
    assert placed is not None
    return placed.alert_id


def emptied() -> int:
    """End every open alert, so that a desk begins empty. Returns how many there were."""
    from alerts.models import OPEN_STATES, Alert, AlertState

    free = dict.fromkeys(("due_at", "claimed_by", "claimed_at", "claimed_until", "shelf", "shelved_until"))
    return Alert.desk.filter(state__in=OPEN_STATES).update(state=AlertState.DISMISSED, **free)


def dismissed(camera: int, count: int) -> int:
    """Give a camera a record of dismissed alerts and let the necessity clock look. Returns how many it proposed."""
    from alerts.models import AlertState
    from alerts.necessity.services.proposing import proposals_make
    from cameras.models import Camera
    from tests.cast import make_alert

    for _ in range(count):
        make_alert(Camera.objects.get(pk=camera), state=AlertState.DISMISSED)
    return proposals_make()


DOES: dict[str, Callable[..., Any]] = {
    "cameras": cameras, "raised": raised, "decided": decided, "dismissed": dismissed, "colleague": colleague,
    "clip_kept": clip_kept, "seeded": seeded, "emptied": emptied,
}  # fmt: skip


def main() -> None:
    """Do what each line says until there is none."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paca_site.settings")
    django.setup()
    for line in sys.stdin:
        values = json.loads(line)
        print(json.dumps(DOES[values.pop("do")](**values)), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
