"""Look at a source once: what it is, and its first frame (which still has to be masked before anyone sees it)."""

from dataclasses import dataclass, field

from inference.core.decode.source import SourceConfig, open_source
from inference.core.errors import DecodeError
from inference.core.frames import RawFrame


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a source says about itself.

    Attributes:
        width, height: pixels of the frames given (after `max_width`).
        fps: declared rate, frames per second.
        codec: short name, such as `h264`.
        frame: the first frame, raw: hand it to a masker and to nothing else.
    """

    width: int
    height: int
    fps: float
    codec: str
    frame: RawFrame = field(repr=False)


def probe(config: SourceConfig) -> ProbeResult:
    """Open the source, take one frame, close it.

    Raises:
        DecodeError: it cannot be opened or gives no frame.
    """
    with open_source(config) as source:
        frame = next(iter(source), None)
        if frame is None:
            raise DecodeError(f"{source.address.shown!r} opened, but ended before its first frame.")
        height, width = frame.image.shape[:2]
        return ProbeResult(width, height, source.fps, source.codec, frame)
