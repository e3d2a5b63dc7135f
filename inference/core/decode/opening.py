"""Open a container: FFmpeg by itself for RTSP and files, through `web.py` for the web."""

import threading
import time
from dataclasses import dataclass
from typing import Final

import av
from av.container import InputContainer
from av.stream import Discard
from av.video.stream import VideoStream

from inference.core.decode.address import PROTOCOLS, Address, refuse_host
from inference.core.decode.web import WebAccess
from inference.core.errors import DecodeError

PROBE_BYTES: Final = "100000"
LOOK: Final = {"analyzeduration": "500000"}
"""Half a second of the stream is looked at before its first frame is given; five are the library's default."""
RTSP: Final = {"rtsp_transport": "tcp", "analyzeduration": PROBE_BYTES, "probesize": PROBE_BYTES}
# Only these, as there are demuxers that open further addresses.
FORMATS: Final = "mpegts,mpeg,mov,matroska,flv,avi,asf,ogg,ivf,mjpeg,mpjpeg,h264,hevc"
WEB: Final[dict[str | None, dict[str, str]]] = {
    "hls": {
        **LOOK,
        "format_whitelist": "hls,mpegts,mov,aac,mp3,ac3,eac3,webvtt",
        "live_start_index": "-2",  # one segment is played while the next is made
        "extension_picky": "0",  # names may be anything, as their places are checked by `web.py`
        "http_persistent": "0",  # connections are ours; the library aborts where it takes them for its own
        "http_multiple": "0",
    },
    "mpjpeg": {"format_whitelist": "mpjpeg", "analyzeduration": PROBE_BYTES, "fpsprobesize": "2"},
    None: {**LOOK, "format_whitelist": FORMATS},
}


@dataclass(frozen=True, slots=True)
class Opened:
    """An open container, the stream of it that is read, and the web connections it reads through, if any."""

    container: InputContainer
    stream: VideoStream
    web: WebAccess | None

    @property
    def is_playlist(self) -> bool:
        """Whether the stream comes in segments (HLS), each as fast as the line allows."""
        return self.container.format.name.startswith("hls")

    @property
    def is_live(self) -> bool:
        """Whether there is no end yet."""
        return self.web is not None and self.container.duration is None

    def close(self) -> None:
        """Close all of it."""
        self.container.close()
        if self.web is not None:
            self.web.interrupt()


def open_stream(address: Address, timeouts_s: tuple[float, float], max_width: int | None) -> Opened:
    """Open an address and choose its video.

    Args:
        address: what to open.
        timeouts_s: for opening and for each read.
        max_width: of several sizes of one stream the smallest that is at least so wide is chosen, else the widest.

    Raises:
        DecodeError: it cannot be opened, or has no video.
    """
    if address.kind != "file":
        refuse_host(address.url)
    web = WebAccess(address.url, *timeouts_s, threading.Event()) if address.kind == "http" else None
    try:
        container = _container(address, timeouts_s) if web is None else _web_container(web, address, timeouts_s)
    except av.error.FFmpegError as error:
        # `from None`: the library's own message repeats the address with its password.
        raise DecodeError(f"Cannot open {address.shown!r}: {reason(error)}.") from None
    except DecodeError as error:
        raise DecodeError(f"Cannot open {address.shown!r}: {str(error).rstrip('.')}.") from None
    try:
        return Opened(container, _video(container, address.shown, max_width), web)
    except DecodeError:
        container.close()
        raise


def _container(address: Address, timeouts_s: tuple[float, float]) -> InputContainer:
    options = {"protocol_whitelist": PROTOCOLS[address.kind]} | (RTSP if address.kind == "rtsp" else {})
    return av.open(address.url, "r", options=options, timeout=timeouts_s, metadata_errors="replace")


def _web_container(web: WebAccess, address: Address, timeouts_s: tuple[float, float]) -> InputContainer:
    first = web.open(address.url)
    web.opening_until_s = time.monotonic() + 2 * timeouts_s[0]
    options = {"protocol_whitelist": PROTOCOLS["http"]} | WEB[first.demuxer]
    container = av.open(
        first,
        "r",
        format=first.demuxer,
        options=options,
        timeout=timeouts_s,
        metadata_errors="replace",
        io_open=web.open_nested,
    )
    web.opening_until_s = float("inf")
    return container


def _video(container: InputContainer, shown: str, max_width: int | None) -> VideoStream:
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream):
        kinds = ", ".join(sorted({other.type for other in container.streams})) or "nothing"
        raise DecodeError(f"{shown!r} has no video; it has {kinds}.")
    if container.format.name.startswith("hls"):
        stream = _fitting(list(container.streams.video), max_width)
        for other in container.streams:
            if other.index != stream.index:
                other.discard = Discard.all  # else each size of it is fetched all the time
    if stream.codec_context is None:
        raise DecodeError(f"The video in {shown!r} uses a codec that is not known here.")
    return stream


def _fitting(streams: list[VideoStream], max_width: int | None) -> VideoStream:
    widest = max(streams, key=lambda stream: stream.width)
    if max_width is None:
        return widest
    return min((one for one in streams if one.width >= max_width), key=lambda stream: stream.width, default=widest)


def reason(error: av.error.FFmpegError) -> str:
    """Say what went wrong, without the address."""
    if isinstance(error, av.error.ExitError):
        return "no answer in time"
    return (error.strerror or type(error).__name__).rstrip(".")
