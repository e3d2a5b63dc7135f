"""A camera of the web for tests: MJPEG, MPEG-TS and HLS on loopback, that misbehaves as told while it runs.

`camera.mode` says how every answer is given from now on, also those under way: "serve", "stall" (connections stay, no
byte comes), "garbage" (bytes that are no video, without end), "missing" (404) and "hang" (no answer at all).
"""

import contextlib
import http.server
import io
import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import simplejpeg

FPS = 10
NOISE = np.random.default_rng(3).integers(1, 255, 4096, dtype=np.uint8).tobytes()


@dataclass(frozen=True)
class Film:
    """What a camera films: MPEG-TS in pieces, one for each frame, sent at `fps`."""

    pieces: Sequence[bytes]
    fps: float = FPS


def make_film(
    *,
    frames: int = 100,
    fps: int = FPS,
    size: tuple[int, int] = (128, 96),
    keyframe_every: int = 5,
    b_frames: int = 0,
    start_s: float = 0.0,
    speed: float = 1.0,
) -> Film:
    """Encode a moving square as MPEG-TS.

    Args:
        frames: how many.
        fps: per second.
        size: width and height in pixels.
        keyframe_every: frames from one keyframe to the next.
        b_frames: frames between two that others refer to.
        start_s: stamp of the first frame.
        speed: seconds of the stamps per second of ours.
    """
    width, height = size
    buffer = io.BytesIO()
    pieces, done = [], 0
    with av.open(buffer, "w", format="mpegts", options={"mpegts_flags": "pat_pmt_at_frames"}) as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.time_base, context.gop_size, context.thread_count = Fraction(1, 90_000), keyframe_every, 1
        tune = {} if b_frames else {"tune": "zerolatency"}
        context.options = {"preset": "ultrafast", "bf": str(b_frames), "b-pyramid": "none", "sc_threshold": "0"} | tune
        for index in range(frames):
            image = np.full((height, width, 3), 90, np.uint8)
            left = index * 3 % (width - 20)
            image[20:60, left : left + 20] = (210, 60, 40)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = round((start_s + index * speed / fps) * 90_000), Fraction(1, 90_000)
            container.mux(stream.encode(frame))
            pieces.append(buffer.getvalue()[done:])
            done = buffer.tell()
        container.mux(stream.encode(None))
    pieces.append(buffer.getvalue()[done:])
    return Film([piece for piece in pieces if piece], fps)


class WebCamera:
    """The server; `url("live.ts")`, `url("live.mjpeg")` and `url("live.m3u8")` are its streams."""

    SEGMENT_S = 1.0

    def __init__(self, films: Sequence[Film] = ()) -> None:
        self.films = list(films)
        self.mode = "serve"
        self.asked: list[tuple[str, str]] = []
        self.redirects: dict[str, str] = {}
        self.bodies: dict[str, tuple[str, bytes]] = {}
        self.key: str | None = None
        self._started_s = time.monotonic()
        self._ended = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"camera": self}))
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path: str, user: str = "") -> str:
        """Return the address of a path, with `user:password` if given."""
        return f"http://{user}{'@' if user else ''}{self.host}/{path}"

    def close(self) -> None:
        """End every answer and the server."""
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> "WebCamera":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_while(self, mode: str) -> None:
        """Wait as long as the camera is in that mode, or until it ends."""
        while self.mode == mode and not self._ended.wait(0.02):
            pass

    def transport(self) -> Iterator[bytes]:
        """Give the films one after the other, for ever, each frame when it is due."""
        for film in itertools.cycle(self.films):
            for piece in film.pieces:
                if self._ended.wait(1.0 / film.fps):
                    return
                yield piece

    def pictures(self) -> Iterator[bytes]:
        """Give JPEG pictures as cameras push them."""
        for index in itertools.count():
            jpeg = simplejpeg.encode_jpeg(np.full((96, 128, 3), index * 5 % 256, np.uint8), colorspace="RGB")
            if self._ended.wait(1.0 / FPS):
                return
            yield b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(jpeg), jpeg)

    def playlist(self) -> bytes:
        """The newest three segments of those that are ready by now; a stalled camera makes no new ones."""
        if self.mode != "stall":
            self._newest = 3 + int((time.monotonic() - self._started_s) / self.SEGMENT_S)
        first = self._newest - 3
        head = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:{first}\n"
        return (head + "".join(f"#EXTINF:1.0,\nsegment-{n}.ts\n" for n in range(first, self._newest))).encode()

    def segment(self, number: int) -> bytes:
        """One segment of the film, which goes round; stamps run on from one segment to the next."""
        film = self.films[0]
        each = round(film.fps * self.SEGMENT_S)
        first = number * each % (len(film.pieces) - each + 1) // each * each
        return b"".join(film.pieces[first : first + each])


class _Handler(http.server.BaseHTTPRequestHandler):
    """One request to a camera."""

    camera: WebCamera

    def do_GET(self) -> None:
        camera, path = self.camera, self.path.partition("?")[0]
        key = self.headers.get("Authorization", "")
        camera.asked.append((path, key))
        camera.wait_while("hang")
        if camera.mode == "missing":
            self.send_error(404)
        elif path in camera.redirects:
            self._answer(302, {"Location": camera.redirects[path]}, b"")
        elif camera.key and camera.key not in key:
            self._answer(401, {"WWW-Authenticate": 'Digest realm="camera", nonce="n1", qop="auth"'}, b"")
        elif path in camera.bodies:
            kind, body = camera.bodies[path]
            self._answer(200, {"Content-Type": kind}, body)
        else:
            self._stream(path)

    def _stream(self, path: str) -> None:
        if path == "/live.m3u8":
            self._answer(200, {"Content-Type": "application/vnd.apple.mpegurl"}, self.camera.playlist())
        elif path.startswith("/segment-"):
            self._answer(200, {"Content-Type": "video/mp2t"}, self.camera.segment(int(path[9:-3])))
        elif path == "/live.mjpeg":
            self._push("multipart/x-mixed-replace; boundary=frame", self.camera.pictures())
        elif path == "/live.ts":
            self._push("video/mp2t", self.camera.transport())
        else:
            self.send_error(404)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        body = NOISE * 20 if self.camera.mode == "garbage" else body
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _push(self, kind: str, pieces: Iterator[bytes]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        for piece in pieces:
            self.camera.wait_while("stall")
            if self.camera.mode == "missing":
                return
            self.wfile.write(NOISE if self.camera.mode == "garbage" else piece)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""

    def handle(self) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            super().handle()
