"""Reading one HTTP byte range (RFC 9110, section 14); no Django."""

import re
from dataclasses import dataclass

SINGLE = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})$")


class RangeNotSatisfiableError(ValueError):
    """The range is outside the file, or more than one was asked for."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `first` to `last` of a file, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1


def parse_range(header: str, size: int, most: int) -> ByteRange | None:
    """Return the bytes to send for a Range header.

    Args:
        header: as it came; empty where there was none.
        size: bytes of the file.
        most: bytes that one answer may carry; a longer range is answered by its first part, as the standard allows.

    Returns:
        None where the header is absent or in a unit or form we do not know, which means: send everything.

    Raises:
        RangeNotSatisfiableError: nothing of it is in the file, or it asks for several ranges, which players do not.
    """
    if not header.startswith("bytes="):
        return None
    if "," in header:
        raise RangeNotSatisfiableError("one range at a time")
    match = SINGLE.match(header.replace(" ", ""))
    if match is None or not (match["first"] or match["last"]):
        return None
    if match["first"]:
        first = int(match["first"])
        last = min(int(match["last"]) if match["last"] else size - 1, size - 1)
        if match["last"] and int(match["last"]) < first:
            return None
    else:
        first, last = max(0, size - int(match["last"])), size - 1
    if first >= size or last < first:
        raise RangeNotSatisfiableError(f"bytes {first}-{last} of {size}")
    return ByteRange(first, min(last, first + most - 1))
