"""Read and mask the input of a command, with a progress bar."""

import signal
import sys
import threading
from collections.abc import Iterator

from tqdm import tqdm

from inference.core.decode.address import parse_address
from inference.core.decode.reader import Reader, ReaderConfig
from inference.core.decode.source import SourceConfig, open_source
from inference.core.errors import DecodeError
from inference.core.frames import MaskedFrame
from inference.core.masking.stage import MaskingStage

QUEUE = 16


class Input:
    """The input of a command: a reader that loses nothing of a file, and how much there is to come.

    Attributes:
        shown: the address without its password.
        fps: frames per second to come.
        is_live: whether the far end sets the pace and there is no natural end.
        frames_total: how many frames to come, if known.
    """

    def __init__(self, address: str, target_fps: float | None = None) -> None:
        """Open `address` once to see what it is.

        Raises:
            DecodeError: it cannot be opened.
        """
        config = SourceConfig(address, target_fps=target_fps)
        with open_source(config) as source:
            self.fps = min(source.fps, target_fps or source.fps)
            self.is_live = source.is_live
            self.frames_total = round(source.frames_total * self.fps / source.fps) or None
        self.shown = parse_address(address).shown
        # A camera does not wait: there, a full queue drops frames (never masks), and a lost stream is reopened.
        self.reader = Reader(config, ReaderConfig(queue_size=QUEUE, is_lossless=not self.is_live))

    def masked(self, stage: MaskingStage, action: str, seconds: float | None) -> Iterator[MaskedFrame]:
        """Give every frame, masked, until the end, `seconds` of stream time, or (streams) Ctrl-C.

        Raises:
            DecodeError: it gave no frame, or a file cannot be read any further.
            KeyboardInterrupt: a file was interrupted: half of it must not look like all of it.
        """
        asked_to_end = threading.Event()
        if self.is_live:  # a stream has no other end than Ctrl-C: what was masked until then is kept
            signal.signal(signal.SIGINT, lambda *_: asked_to_end.set())
        total = self.frames_total
        if seconds is not None:
            total = min(total or sys.maxsize, round(seconds * self.fps) or 1)
        count = 0
        try:
            with tqdm(total=total, desc=action, unit=" frames", file=sys.stderr, dynamic_ncols=True) as bar:
                self.reader.start()
                while not self.reader.is_ended and not asked_to_end.is_set():
                    raw = self.reader.get(0.5)
                    if raw is None:
                        continue
                    if seconds is not None and raw.pts_s >= seconds:
                        break
                    count += 1
                    yield from stage.push(raw)
                    bar.update()
        finally:
            self.reader.stop()
        if not count:
            raise DecodeError(f"{self.shown} gave no frame.")
        yield from stage.flush()
