"""A thread of one's own for calls that may never come back."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Outcome(Generic[T]):
    """What became of a call: a value or an error; neither until it is over.

    Attributes:
        value: what the call returned.
        error: what it raised, of any kind; handed over rather than raised, so that one place decides.
    """

    value: T | None = None
    error: BaseException | None = None
    started_s: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)


class Worker:
    """Runs one call at a time in a daemon thread; a call that hangs blocks neither the caller nor the process's end."""

    def __init__(self, name: str) -> None:
        """Start the thread."""
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._current: Outcome[object] | None = None
        self._thread = threading.Thread(target=_run, args=(self._jobs,), name=name, daemon=True)
        self._thread.start()

    @property
    def busy_s(self) -> float:
        """Seconds for which the call now running has run; 0 if none is running."""
        current = self._current
        return 0.0 if current is None or current.over.is_set() else monotonic() - current.started_s

    @property
    def last_error(self) -> BaseException | None:
        """What the last call raised, also after nobody waited for it any more; None while it runs."""
        return self._current.error if self._current is not None and self._current.over.is_set() else None

    def is_alive(self) -> bool:
        """Tell whether the thread still exists."""
        return self._thread.is_alive()

    def call(self, job: Callable[[], T], timeout_s: float) -> Outcome[T] | None:
        """Run `job`; return its outcome, or None if it is not over after `timeout_s` seconds (it runs on)."""
        outcome: Outcome[T] = Outcome(started_s=monotonic())
        self._current = outcome  # type: ignore[assignment]  # only its times and its error are read
        self._jobs.put(lambda: _settle(outcome, job))
        return outcome if outcome.over.wait(timeout_s) else None

    def stop(self) -> None:
        """End the thread after the call now running, if that ever ends."""
        self._jobs.put(None)


def _run(jobs: "SimpleQueue[Callable[[], None] | None]") -> None:
    while (job := jobs.get()) is not None:
        job()


def _settle(outcome: Outcome[T], job: Callable[[], T]) -> None:
    try:
        outcome.value = job()
    except BaseException as error:  # noqa: BLE001 - nothing may kill the thread; the caller looks at every error
        outcome.error = error
    finally:
        outcome.over.set()
