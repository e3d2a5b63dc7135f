"""One part of a camera's line: may fail without the rest, is measured, and says what is wrong with it."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from inference.core.health import Meter

logger = logging.getLogger(__name__)

LOG_EVERY_S: Final = 60.0
T = TypeVar("T")


class LinePart:
    """Runs one part, measures it, remembers and logs what went wrong."""

    def __init__(self, name: str, status: str = "ok") -> None:
        self.name = name
        self.status = status
        self.ms = Meter()
        self._logged_s = float("-inf")

    def run(self, action: Callable[[], T]) -> T | None:
        """Return what `action` returns, or None if it failed."""
        started_s = time.perf_counter()
        try:
            result = action()
        except Exception as error:
            self.status = f"down: {error or type(error).__name__}"
            if time.monotonic() - self._logged_s > LOG_EVERY_S:
                self._logged_s = time.monotonic()
                logger.exception("%s failed; the rest of the line goes on.", self.name)
            return None
        self.status = "ok"
        self.ms.add((time.perf_counter() - started_s) * 1000)
        return result


def part_names(parts: Sequence[object]) -> list[str]:
    """Name each part by its class, numbered where a class comes twice."""
    names: list[str] = []
    for part in parts:
        name = type(part).__name__
        number = sum(other.split(" ")[0] == name for other in names)
        names.append(f"{name} {number + 1}" if number else name)
    return names
