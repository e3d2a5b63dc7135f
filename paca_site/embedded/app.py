"""The programs of PACA itself: web, workers and beat."""

import sys

from paca_site.embedded.choices import Choices
from paca_site.embedded.layout import Layout
from paca_site.embedded.program import Program

STREAM_THREADS = 8
STREAM_STOP_S = 20
"""Its cameras wait up to 12 s to be taken over (`inference.worker.DRAIN_S`), then each turn writes what it has."""
DEFAULT_THREADS = 4
DISPATCH_THREADS = 1


def app_programs(choices: Choices, layout: Layout) -> list[Program]:
    """Return web, the workers of all queues, and beat."""
    python, celery = sys.executable, (sys.executable, "-m", "celery", "-A", "paca_site")
    web = (python, "-m", "paca_site.serving", "-b", choices.host, "-p", str(choices.port), "paca_site.asgi:application")
    beat = (*celery, "beat", "--schedule", str(layout.run / "beat-schedule"), "--pidfile=")
    return [
        Program(name="web", command=web, group="app"),
        *(
            Program(
                name=name,
                command=_worker(celery, name, "streams", STREAM_THREADS),
                group="app",
                stop_wait_s=STREAM_STOP_S,
            )
            for name in (f"streams{number}" for number in range(1, choices.stream_workers + 1))
        ),
        Program(name="dispatch", command=_worker(celery, "dispatch", "dispatch", DISPATCH_THREADS), group="app"),
        Program(name="default", command=_worker(celery, "default", "default", DEFAULT_THREADS), group="app"),
        Program(name="beat", command=beat, group="app"),
    ]


def _worker(celery: tuple[str, ...], name: str, queue: str, threads: int) -> tuple[str, ...]:
    command = [*celery, "worker", "-Q", queue, "--pool", "threads", "--concurrency", str(threads), "-n", f"{name}@%h"]
    # Gossip and mingle make workers talk to each other at start; nothing here needs it and it costs seconds.
    return (*command, "--prefetch-multiplier", "1", "--without-gossip", "--without-mingle")
