import http.server
import itertools
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from inference.core.decode.probe import probe
from inference.core.decode.source import SourceConfig, open_source
from inference.core.errors import DecodeError
from tests.rtsp_server import make_clip, rtsp_server


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "shapes.mp4", seconds=2.0, fps=10)


def test_a_file_gives_every_frame_in_order_with_its_time(clip: Path) -> None:
    with open_source(SourceConfig(str(clip))) as source:
        frames = list(source)
    assert [frame.index for frame in frames] == list(range(20))
    assert [frame.pts_s for frame in frames] == pytest.approx([index / 10 for index in range(20)])
    assert [frame.discontinuity for frame in frames] == [True] + [False] * 19
    assert frames[0].image.shape == (180, 320, 3)
    assert (frames[-1].captured_at - frames[0].captured_at).total_seconds() == pytest.approx(1.9)


def test_pictures_are_rgb(clip: Path) -> None:
    with open_source(SourceConfig(str(clip))) as source:
        red, green, blue = next(iter(source)).image[90, 20].astype(int)
    assert red > green > blue


def test_frames_are_scaled_down_to_the_width_asked_for_and_never_up(clip: Path) -> None:
    assert probe(SourceConfig(str(clip), max_width=160)).frames[0].image.shape == (90, 160, 3)
    assert probe(SourceConfig(str(clip), max_width=4000)).frames[0].image.shape == (180, 320, 3)


def test_a_loop_goes_on_with_rising_time_and_marks_its_seam(clip: Path) -> None:
    with open_source(SourceConfig(str(clip), loop=True)) as source:
        frames = list(itertools.islice(source, 45))
    times = [frame.pts_s for frame in frames]
    assert times == sorted(times)
    assert [frame.index for frame in frames if frame.discontinuity] == [0, 20, 40]


def test_real_speed_is_kept(clip: Path) -> None:
    started_s = time.monotonic()
    with open_source(SourceConfig(str(clip), realtime=True, target_fps=5)) as source:
        frames = list(source)
    assert 1.6 < time.monotonic() - started_s < 3.0
    assert len(frames) == 10


def test_a_size_that_changes_in_the_middle_is_a_discontinuity(tmp_path: Path) -> None:
    small = make_clip(tmp_path / "a.h264.mkv", seconds=0.5)
    large = make_clip(tmp_path / "b.h264.mkv", seconds=0.5, width=640, height=360)
    stream = tmp_path / "both.h264"
    stream.write_bytes(_annexb(small) + _annexb(large))
    with open_source(SourceConfig(str(stream))) as source:
        frames = list(source)
    sizes = [frame.image.shape[1] for frame in frames]
    assert set(sizes) == {320, 640}
    assert frames[sizes.index(640)].discontinuity


def test_a_file_without_video_says_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        samples.sample_rate = 8000
        container.mux(stream.encode(samples))
        container.mux(stream.encode(None))
    with pytest.raises(DecodeError, match=r"has no video; it has audio"):
        open_source(SourceConfig(str(path)))


def test_a_corrupt_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.mp4"
    path.write_bytes(np.random.default_rng(1).bytes(20_000))
    with pytest.raises(DecodeError, match="Cannot open"):
        open_source(SourceConfig(str(path)))


def test_damage_in_the_middle_leaves_frames_out_and_counts_them(clip: Path, tmp_path: Path) -> None:
    data = bytearray(clip.read_bytes())
    half = len(data) // 2
    data[half : half + 3000] = np.random.default_rng(2).bytes(3000)
    path = tmp_path / "hurt.mp4"
    path.write_bytes(data)
    with open_source(SourceConfig(str(path))) as source:
        frames = list(source)
        assert source.damaged > 0
    assert 0 < len(frames) < 20


def test_a_playlist_in_a_file_cannot_reach_other_files_or_the_network(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(DecodeError):
        probe(SourceConfig(str(path)))


def test_an_error_never_repeats_the_password() -> None:
    with pytest.raises(DecodeError) as caught:
        open_source(SourceConfig("rtsp://admin:s3cr3t@127.0.0.1:1/x", open_timeout_s=1.0))
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "s3cr3t" not in repr(SourceConfig("rtsp://admin:s3cr3t@127.0.0.1:1/x"))


def test_a_phone_video_on_its_side_is_put_upright(tmp_path: Path) -> None:
    path = tmp_path / "turned.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.set_display_rotation(90)
        image = np.zeros((48, 64, 3), np.uint8)
        image[:, :16] = 255  # the left edge as stored
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        degrees = next(container.decode(video=0)).rotation
    upright = probe(SourceConfig(str(path))).frames[0].image
    assert upright.shape == (64, 48, 3)
    # FFmpeg gives the turn as counter-clockwise degrees: +90 puts the left edge at the bottom, -90 at the top.
    bright = upright[-8:] if degrees > 0 else upright[:8]
    assert bright.mean() > 200


def test_rtsp_gives_frames_with_the_time_of_their_arrival(clip: Path) -> None:
    with rtsp_server(clip) as url, open_source(SourceConfig(url)) as source:
        frames = list(itertools.islice(source, 15))
        assert source.is_live
    ages = [(b.captured_at - a.captured_at).total_seconds() for a, b in itertools.pairwise(frames)]
    assert np.median(ages) == pytest.approx(0.1, abs=0.05)


@pytest.fixture
def web(clip: Path) -> Iterator[str]:
    """A web server with the clip, and a camera that pushes MJPEG at 10 frames per second."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/live":
                super().do_GET()
                return
            import simplejpeg

            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            for index in range(40):
                jpeg = simplejpeg.encode_jpeg(np.full((96, 128, 3), index * 5, np.uint8), colorspace="RGB")
                self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg))
                self.wfile.write(jpeg + b"\r\n")
                time.sleep(0.1)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

        def handle(self) -> None:
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError):
                return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(clip.parent))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_video_behind_a_web_address_is_read_to_its_end(web: str) -> None:
    with open_source(SourceConfig(f"{web}/shapes.mp4")) as source:
        assert not source.is_live
        assert len(list(source)) == 20


def test_an_mjpeg_camera_is_live_and_timed_by_the_wall(web: str) -> None:
    with open_source(SourceConfig(f"{web}/live")) as source:
        assert source.is_live
        frames = list(itertools.islice(source, 15))
    assert frames[-1].pts_s - frames[4].pts_s == pytest.approx(1.0, abs=0.4)


def test_a_web_address_without_video_says_so(web: str) -> None:
    with pytest.raises(DecodeError, match=r"Not Found|404"):
        open_source(SourceConfig(f"{web}/nothing.mp4"))


def _annexb(path: Path) -> bytes:
    """Return the H.264 stream of `path` with start codes, parameter sets first."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        to_annexb = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        return b"".join(bytes(out) for packet in container.demux(stream) for out in to_annexb.filter(packet))
