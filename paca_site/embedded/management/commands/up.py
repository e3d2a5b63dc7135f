"""`manage.py up`: everything PACA needs, on this one machine, until Ctrl-C."""

import os
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand

from paca_site.embedded.choices import Choices
from paca_site.embedded.errors import StartError
from paca_site.embedded.layout import make_layout
from paca_site.embedded.machine import Machine, stop_on_signals
from paca_site.embedded.preflight import check_disk, check_keys_apart, check_port, check_python, hold_lock
from paca_site.embedded.supervision import STOP_WITHIN_S, former_pid, wait_until_gone


class Command(BaseCommand):
    """Starts PostgreSQL and Valkey (unless DATABASE_URL, REDIS_URL are set), web, workers and beat."""

    help = "Run PACA on this machine: database, broker, web, workers and beat. Ctrl-C stops everything."
    requires_system_checks = []  # there is no database yet

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped; exit code 1 and one line where it cannot start."""
        try:
            check_python()
            choices = Choices.from_environment(os.environ)
            check_keys_apart()
            layout = make_layout(choices.data)
            note = f"process {os.getpid()}, {choices.address}"
            with hold_lock(layout.lock, note):
                warning = check_disk(layout.data)
                if warning:
                    self._say(warning)
                former = former_pid(layout)
                if former:
                    self._say("The former PACA on this data folder is still stopping ...")
                    wait_until_gone([former], within_s=STOP_WITHIN_S)
                check_port(choices.host, choices.port)
                if layout.shortened:
                    self._say(f"Sockets are in {layout.sockets}, as the data folder's path is too long for them.")
                self._say("Starting PACA ...")
                started_at = time.monotonic()
                with stop_on_signals():
                    Machine(choices, layout, self._say).run()
                self._say(f"PACA has stopped (it ran {time.monotonic() - started_at:.0f} s).")
        except StartError as error:
            self.stderr.write(str(error))
            sys.exit(1)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
