"""What a supervised program is, and how it is tethered to its parent."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from paca_site.embedded.tether import KEEPER_VARIABLE

TETHER = Path(__file__).with_name("tether.py")

Group = Literal["services", "app"]
"""Services start first and stop last; the app is web, workers and beat."""


def tethered(command: Sequence[str], *, signal: str = "KILL", account: str = "") -> list[str]:
    """Return `command` wrapped so that it gets `signal` when its parent ends, run as `account` (tether.py)."""
    # -I -S: no site-packages, no PYTHON* variables; 15 ms instead of 60.
    return [sys.executable, "-I", "-S", str(TETHER), "--signal", signal, "--account", account, "--", *command]


def child_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment for a tethered child of this process, with `extra` on top."""
    return {**os.environ, **(extra or {}), KEEPER_VARIABLE: str(os.getpid())}


@dataclass(frozen=True, slots=True)
class Program:
    """One program under supervision.

    Attributes:
        name: what operators read in messages and the name of its log file.
        command: the program and its arguments.
        group: when it starts and stops.
        stop_signal: how it is asked to stop.
        stop_wait_s: seconds until it is killed after that.
        orphan_signal: what it gets if the supervisor dies.
        account: who runs it (tether.py).
    """

    name: str
    command: tuple[str, ...]
    group: Group
    stop_signal: str = "TERM"
    stop_wait_s: int = 4
    orphan_signal: str = "KILL"
    account: str = ""

    def tethered_command(self) -> list[str]:
        """Return the command line that the supervisor runs."""
        return tethered(self.command, signal=self.orphan_signal, account=self.account)
