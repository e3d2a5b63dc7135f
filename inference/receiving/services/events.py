"""Events of a box: numbers and words become the same report that a worker's event becomes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, Final, get_args

from django.core.exceptions import ValidationError
from django.db import transaction

from alerts.services.raising import EventReport
from inference.core.events import EventKind
from inference.receiving.gate import RefusalError
from inference.services.events import report_deliver

KINDS: Final = get_args(EventKind)
LENGTHS: Final = {"event_id": 64, "sentence": 300, "masker": 64, "detector": 64}
MOST_SAMPLES: Final = 1000


def event_report(given: Mapping[str, Any]) -> EventReport:
    """Return what a box reported of an event; whatever it adds that is not known here is left out.

    Raises:
        RefusalError: something is missing, too long, out of range or no number.
    """
    try:
        values: dict[str, Any] = {name: _text(given[name], name, length) for name, length in LENGTHS.items()}
        if given["kind"] not in KINDS:
            raise ValueError(f"`kind` must be one of {', '.join(KINDS)}, got {given['kind']!r}.")
        values |= {
            "kind": given["kind"],
            "facts": {_text(name, "facts", 40): _number(value) for name, value in given["facts"].items()},
            "confidence": _number(given["confidence"], 100.0),
            "score": _number(given["score"], 1.0),
            "threshold": _number(given["threshold"], 1.0),
            "started_at": _time(given["started_at"]),
            "peak_at": _time(given["peak_at"]),
            "ended_at": _time(given["ended_at"]) if given["ended_at"] else None,
            "region": _polygon(given["region"]),
            "regions": [[_number(at), _polygon(polygon)] for at, polygon in _few(given["regions"])],
            "scores": [[_number(at), _number(score, 1.0)] for at, score in _few(given["scores"])],
        }
    except KeyError as error:
        raise RefusalError("malformed", f"An event lacks {error}.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise RefusalError("malformed", f"An event cannot be read: {error}") from error
    return EventReport(**values)


def event_take(*, camera_id: int, given: Mapping[str, Any]) -> None:
    """Store an event of a box as an alert, once, however often it comes; the answer goes out after the commit.

    Raises:
        RefusalError: it is none.
    """
    report = event_report(given)
    try:
        with transaction.atomic():
            report_deliver(camera_id, report)
    except ValidationError as error:
        raise RefusalError("malformed", f"An event was not stored: {'; '.join(error.messages)}") from error


def _text(given: Any, name: str, length: int) -> str:
    if not isinstance(given, str) or not 0 < len(given) <= length or "\0" in given:
        raise ValueError(f"`{name}` must be a text of 1 to {length} characters.")
    return given


def _number(given: Any, high: float | None = None) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not isfinite(given):
        raise ValueError(f"{given!r} is no number.")
    if high is not None and not 0 <= given <= high:
        raise ValueError(f"{given!r} is not from 0 to {high:g}.")
    return float(given)


def _time(given: Any) -> datetime:
    at = datetime.fromisoformat(given)
    if at.tzinfo is None:
        raise ValueError(f"{given!r} does not know its time zone.")
    return at


def _few(given: Any) -> Sequence[Any]:
    if not isinstance(given, list) or len(given) > MOST_SAMPLES:
        raise ValueError(f"a list of at most {MOST_SAMPLES} samples is allowed.")
    return given


def _polygon(given: Any) -> list[list[float]]:
    corners = [[_number(part) for part in corner] for corner in _few(given)]
    if len(corners) < 3 or any(len(corner) != 2 for corner in corners):
        raise ValueError("a region has at least 3 corners of two numbers.")
    return corners
