"""A real RTSP server on loopback for tests: `with rtsp_server(clip) as url:`. It plays the clip round and round.

Runs in a process of its own, so that a test can stall it (`SIGSTOP`) or kill it like a camera that goes away. Run as a
script it serves until it is told to end: `python tests/rtsp_server.py FOLDER PORT`.
"""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

START_TIMEOUT_S = 15.0


def make_clip(
    path: Path, *, seconds: float = 4.0, fps: int = 10, width: int = 320, height: int = 180, keyframe_s: float = 0.5
) -> Path:
    """Write an H.264 clip of shapes that move over a textured ground; made, not filmed, so nobody is in it."""
    noise = np.random.default_rng(7).integers(60, 120, (height // 4, width // 4, 3), dtype=np.uint8)
    ground = np.kron(noise, np.ones((4, 4, 1), np.uint8))
    ground = np.pad(ground, ((0, height - ground.shape[0]), (0, width - ground.shape[1]), (0, 0)), mode="edge")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = max(1, round(fps * keyframe_s))
        stream.codec_context.options = {"preset": "ultrafast", "tune": "zerolatency"}
        for index in range(round(seconds * fps)):
            image = ground.copy()
            left = int((width - 40) * (index / max(1, round(seconds * fps) - 1)))
            image[height // 4 : height * 3 // 4, left : left + 40] = (200, 60, 40)
            image[:16, :16] = (index * 5) % 256
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def free_port() -> int:
    """Return a TCP port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RtspServer:
    """The server process of one folder of clips; can be stalled, killed and started again on the same port."""

    folder: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def url(self, name: str) -> str:
        """Return the address of the clip `name`, played for ever."""
        return f"rtsp://127.0.0.1:{self.port}/{name}/play_count_1000000"

    def url_once(self, name: str) -> str:
        """Return the address of the clip `name`, played once: the server then ends the session."""
        return f"rtsp://127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start serving; returns when the port answers."""
        command = [sys.executable, str(Path(__file__)), str(self.folder), str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ends_s = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < ends_s:
            if self._process.poll() is not None:
                raise RuntimeError(f"The RTSP server ended with {self._process.returncode}.")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=0.2):
                return
            time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"The RTSP server did not answer on port {self.port} within {START_TIMEOUT_S:.0f} s.")

    def stall(self) -> None:
        """Stop answering, but keep all connections: a camera that hangs."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `stall`."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End at once: a camera that loses power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)


@contextlib.contextmanager
def rtsp_server(clip: Path) -> Iterator[str]:
    """Serve `clip` (H.264 in .mp4 or .mkv) and give its address."""
    server = RtspServer(clip.parent)
    server.start()
    try:
        yield server.url(clip.name)
    finally:
        server.kill()


def _serve(folder: str, port: int) -> None:
    from aio_rtsp_toolkit import server

    async def serve() -> None:
        # Each session keeps one of the loop's threads; by default there are six on two cores.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64))
        await server.serve(folder, "127.0.0.1", port, control_host="127.0.0.1")

    asyncio.run(serve())


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
