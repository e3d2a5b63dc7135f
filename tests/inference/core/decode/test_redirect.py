"""A web camera may send us on, but not to places where no camera lives."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from inference.core.decode.address import refuse_host
from inference.core.decode.redirect import next_hop
from inference.core.decode.source import SourceConfig, open_source
from inference.core.errors import DecodeError
from tests.rtsp_server import make_clip


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_clip(tmp_path_factory.mktemp("clips") / "shapes.mp4", seconds=1.0).read_bytes()


@contextmanager
def camera(answers: dict[str, str], video: bytes = b"") -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A web server that redirects as told, gives `video` elsewhere, and notes (path, authorisation) of each request."""
    asked: list[tuple[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization", "")))
            if target := answers.get(self.path):
                self.send_response(302)
                self.send_header("Location", target)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(video)))
            self.end_headers()
            self.wfile.write(video)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

        def handle(self) -> None:
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError):
                return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def test_a_redirect_to_another_camera_address_is_followed(video: bytes) -> None:
    with camera({}, video) as (there, _), camera({"/a": "/b", "/b": f"http://{there}/video.mp4"}) as (here, asked):
        with open_source(SourceConfig(f"http://{here}/a")) as source:
            assert len(list(source)) == 10
        assert {path for path, _ in asked} == {"/a", "/b"}


def test_a_camera_without_redirect_is_asked_by_the_decoder_only(video: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("asked twice")

    monkeypatch.setattr("inference.core.decode.source.next_hop", never)
    with camera({}, video) as (here, _), open_source(SourceConfig(f"http://{here}/video.mp4")) as source:
        assert len(list(source)) == 10


def test_a_redirect_to_a_place_where_no_camera_lives_is_refused_before_anything_is_sent_there(
    video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(url: str) -> None:
        if url.startswith(f"http://{there}"):
            raise DecodeError("no camera's")

    with camera({}, video) as (there, asked), camera({"/a": f"http://{there}/secret"}) as (here, _):
        monkeypatch.setattr("inference.core.decode.source.refuse_host", refuse)
        with pytest.raises(DecodeError, match="no camera's"):
            open_source(SourceConfig(f"http://{here}/a"))
        assert not asked


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/meta-data", "http://0.0.0.0/", "http://[fe80::1]/"])
def test_a_redirect_to_metadata_is_refused(target: str) -> None:
    with camera({"/a": target}) as (here, _), pytest.raises(DecodeError, match="is no camera's"):
        open_source(SourceConfig(f"http://{here}/a"))


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "http://[::1/x"])
def test_a_redirect_to_no_web_address_is_refused(target: str) -> None:
    with camera({"/a": target}) as (here, _), pytest.raises(DecodeError):
        open_source(SourceConfig(f"http://{here}/a"))


def test_redirects_in_a_circle_end() -> None:
    with camera({"/a": "/b", "/b": "/a"}) as (here, _), pytest.raises(DecodeError, match="more than 4 times"):
        open_source(SourceConfig(f"http://{here}/a"))


def test_a_password_goes_along_to_the_same_host_only() -> None:
    with camera({"/a": "/b", "/c": "http://localhost:1/d"}) as (here, asked):
        assert next_hop(f"http://user:p%40ss@{here}/a", 3.0) == f"http://user:p%40ss@{here}/b"
        assert next_hop(f"http://user:p%40ss@{here}/c", 3.0) == "http://localhost:1/d"
        assert asked[0] == ("/a", "Basic dXNlcjpwQHNz")


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "0xA9FEA9FE", "2852039166", "[::ffff:169.254.169.254]", "100.100.100.200", "0", "239.1.1.1"],
)
def test_an_address_where_no_camera_lives_is_never_opened(host: str) -> None:
    with pytest.raises(DecodeError, match="is no camera's"):
        refuse_host(f"http://{host}/x")
    for scheme in ("http", "rtsp"):
        with pytest.raises(DecodeError, match="is no camera's"):
            open_source(SourceConfig(f"{scheme}://{host}/x"))


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.4.20", "[::1]", "[fd12::5]", "192.168.1.4", "localhost"])
def test_cameras_live_on_loopback_and_private_networks(host: str) -> None:
    refuse_host(f"rtsp://user:secret@{host}:554/x")
