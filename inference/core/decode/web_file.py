"""One answer of a web camera as a file that FFmpeg's demuxers read."""

import http.client
import io
from typing import Final, Protocol
from urllib.parse import urlsplit

from inference.core.decode.web_connection import Answer, NoAnswerError, host_of, reason_of
from inference.core.errors import DecodeError

PLAYLIST: Final = b"#EXTM3U"
MOST_PLAYLIST_BYTES: Final = 1_000_000
"""A playlist is read whole into memory; one that does not end must not fill it."""
DEMUXERS: Final = {"multipart/x-mixed-replace": "mpjpeg"}
"""Formats that only the answer's type tells apart."""


class Access(Protocol):
    """What a file needs of its source; `web.WebAccess` is one."""

    read_timeout_s: float

    def check_open(self) -> None:
        """Raise `DecodeError` once nothing may be read any more."""

    def resume(self, url: str, first: int) -> Answer:
        """Ask for `url` from byte `first` on."""


class WebFile:
    """One answer, read as it comes; in a file one can go back and forth."""

    def __init__(self, access: Access, url: str, answer: Answer) -> None:
        parts = urlsplit(url)
        self.name = parts._replace(netloc=host_of(parts)).geturl()
        self.demuxer = DEMUXERS.get(answer.headers.get_content_type())
        self._access = access
        self._answer: Answer | None = answer
        self._position = 0
        self._size_bytes = answer.length
        self._head = self._receive(len(PLAYLIST))
        self._is_playlist = self._head.startswith(PLAYLIST)
        if self._is_playlist:
            self.demuxer = "hls"

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes, as soon as there are any; none at the end.

        Raises:
            DecodeError: nothing came in time, the source was closed, or a playlist does not end.
        """
        data, self._head = self._head[:size], self._head[size:]
        if len(data) < size:
            data += self._receive(size - len(data))  # demuxers go back within the first piece they were given
        self._position += len(data)
        if self._is_playlist and self._position > MOST_PLAYLIST_BYTES:
            raise DecodeError(f"the playlist is longer than {MOST_PLAYLIST_BYTES} bytes")
        return data

    def seekable(self) -> bool:
        """Whether this is a file, whose size is known, and no stream."""
        return self._size_bytes is not None and self.demuxer is None

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another position; the next read asks for it."""
        wanted = offset + {io.SEEK_CUR: self._position, io.SEEK_END: self._size_bytes or 0}.get(whence, 0)
        if wanted != self._position:
            self.close()
            self._head, self._position = b"", wanted
        return wanted

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self._position

    def close(self) -> None:
        """End this connection."""
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.close()

    def _receive(self, size: int) -> bytes:
        self._access.check_open()
        try:
            if self._answer is None:
                self._answer = self._access.resume(self.name, self._position)
            return self._answer.read1(size)
        except TimeoutError:
            raise NoAnswerError(f"no data for {self._access.read_timeout_s:g} s") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            self._access.check_open()
            raise NoAnswerError(reason_of(error)) from None
