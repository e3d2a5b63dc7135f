"""What is fetched from the web: where from, who gets the password, and what an answer can make us do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.core.decode import web as web_module
from inference.core.decode.address import checked_numbers, refuse_host
from inference.core.decode.source import SourceConfig, open_source
from inference.core.decode.web_file import MOST_PLAYLIST_BYTES
from inference.core.errors import DecodeError
from tests.rtsp_server import make_clip
from tests.web_camera import Film, WebCamera, make_film

PLAYLIST = "application/vnd.apple.mpegurl"


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_clip(tmp_path_factory.mktemp("clips") / "shapes.mp4", seconds=1.0).read_bytes()


@pytest.fixture(scope="module")
def film() -> Film:
    return make_film(frames=60)


@pytest.fixture
def here(film: Film) -> Iterator[WebCamera]:
    with WebCamera([film]) as camera:
        yield camera


@pytest.fixture
def there(film: Film) -> Iterator[WebCamera]:
    with WebCamera([film]) as camera:
        yield camera


@pytest.fixture
def refusing(there: WebCamera, monkeypatch: pytest.MonkeyPatch) -> WebCamera:
    """A server at a place where no camera lives: `localhost`, for once."""

    def check(host: str) -> object:
        if host == "localhost":
            raise DecodeError("The host is no camera's")
        return checked_numbers(host)

    monkeypatch.setattr(web_module, "checked_numbers", check)
    there.host = there.host.replace("127.0.0.1", "localhost")
    return there


def playlist(*lines: str) -> tuple[str, bytes]:
    head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:1\n"
    return PLAYLIST, (head + "\n".join(lines) + "\n").encode()


def sizes(*lines: str) -> tuple[str, bytes]:
    return PLAYLIST, "\n".join(("#EXTM3U", *lines, "")).encode()


def first_frames(url: str, count: int = 3, **settings: float) -> int:
    with open_source(SourceConfig(url, **settings)) as source:  # type: ignore[arg-type]
        return sum(1 for _, _ in zip(range(count), source, strict=False))


def test_a_redirect_to_another_camera_address_is_followed(here: WebCamera, there: WebCamera, video: bytes) -> None:
    there.bodies["/video.mp4"] = ("video/mp4", video)
    here.redirects |= {"/a": "/b", "/b": there.url("video.mp4")}
    assert first_frames(here.url("a"), 99) == 10
    assert {path for path, _ in here.asked} == {"/a", "/b"}


def test_a_redirect_to_a_place_where_no_camera_lives_is_refused_before_anything_is_sent_there(
    here: WebCamera, refusing: WebCamera
) -> None:
    here.redirects["/a"] = refusing.url("live.ts")
    with pytest.raises(DecodeError, match="no camera's"):
        open_source(SourceConfig(here.url("a")))
    assert not refusing.asked


@pytest.mark.parametrize(
    "line",
    ["{there}segment-1.ts", '#EXT-X-MAP:URI="{there}segment-1.ts"\n#EXTINF:1.0,\n/segment-1.ts', "/hop"],
    ids=["segment", "header", "redirected segment"],
)
def test_a_playlist_cannot_lead_where_no_camera_lives(here: WebCamera, refusing: WebCamera, line: str) -> None:
    here.redirects["/hop"] = refusing.url("segment-1.ts")
    here.bodies["/list"] = playlist("#EXTINF:1.0,", line.format(there=refusing.url("")))
    with pytest.raises(DecodeError, match="no camera's"):
        first_frames(here.url("list"))
    assert not refusing.asked


def test_a_playlist_of_sizes_cannot_lead_where_no_camera_lives(here: WebCamera, refusing: WebCamera) -> None:
    here.bodies["/list"] = sizes("#EXT-X-STREAM-INF:BANDWIDTH=1", refusing.url("live.m3u8"))
    with pytest.raises(DecodeError, match="no camera's"):
        first_frames(here.url("list"))
    assert not refusing.asked


def test_a_playlist_that_turns_later_cannot_lead_where_no_camera_lives_either(
    here: WebCamera, refusing: WebCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = here.playlist
    turned = [f"#EXTINF:1.0,\n{refusing.url('segment-9.ts')}" for _ in range(9)]
    reads = iter([good(), good()])
    monkeypatch.setattr(here, "playlist", lambda: next(reads, playlist(*turned)[1]))
    with pytest.raises(DecodeError, match="no camera's"):
        first_frames(here.url("live.m3u8"), 200, read_timeout_s=20.0)
    assert not refusing.asked


@pytest.mark.parametrize("target", ["file:///etc/passwd", "concat:http://127.0.0.1:1/x", "data:video/mp2t;base64,AAAA"])
def test_a_playlist_cannot_lead_to_anything_but_the_web(here: WebCamera, target: str) -> None:
    here.bodies["/list"] = playlist("#EXTINF:1.0,", target)
    with pytest.raises(DecodeError):
        first_frames(here.url("list"), open_timeout_s=0.5)


def test_a_key_of_a_playlist_is_not_fetched_and_its_stream_refused_in_words(here: WebCamera, there: WebCamera) -> None:
    here.bodies["/list"] = playlist(
        f'#EXT-X-KEY:METHOD=AES-128,URI="{there.url("key")}"', "#EXTINF:1.0,", "/segment-1.ts"
    )
    there.bodies["/key"] = ("application/octet-stream", bytes(16))
    with pytest.raises(DecodeError, match="encrypted"):
        first_frames(here.url("list"))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text/plain", "ffconcat version 1.0\nfile '{there}'\n"),
        ("application/sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"),
        (
            "application/dash+xml",
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet '
            'mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{there}</BaseURL></Representation>'
            "</AdaptationSet></Period></MPD>",
        ),
    ],
)
def test_lists_of_files_in_disguise_open_nothing(here: WebCamera, there: WebCamera, kind: str, text: str) -> None:
    here.bodies["/x"] = (kind, text.format(there=there.url("live.ts")).encode())
    with pytest.raises(DecodeError):
        first_frames(here.url("x"))
    assert not there.asked


def test_a_playlist_without_end_is_refused(here: WebCamera) -> None:
    here.bodies["/list"] = (PLAYLIST, b"#EXTM3U\n" + b"#EXTINF:1.0,\n/segment-1.ts\n" * (MOST_PLAYLIST_BYTES // 20))
    with pytest.raises(DecodeError, match="longer than"):
        first_frames(here.url("list"))


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/meta-data", "http://0.0.0.0/", "http://[fe80::1]/"])
def test_a_redirect_to_metadata_is_refused(here: WebCamera, target: str) -> None:
    here.redirects["/a"] = target
    with pytest.raises(DecodeError, match="is no camera's"):
        open_source(SourceConfig(here.url("a")))


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "http://[::1/x"])
def test_a_redirect_to_no_web_address_is_refused(here: WebCamera, target: str) -> None:
    here.redirects["/a"] = target
    with pytest.raises(DecodeError, match="no http://"):
        open_source(SourceConfig(here.url("a")))


def test_redirects_in_a_circle_end(here: WebCamera) -> None:
    here.redirects |= {"/a": "/b", "/b": "/a"}
    with pytest.raises(DecodeError, match="more than 4 times"):
        open_source(SourceConfig(here.url("a")))


def test_the_host_is_connected_to_by_the_number_that_was_checked(
    here: WebCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_module, "checked_numbers", lambda _: checked_numbers("127.0.0.1"))
    url = here.url("live.ts").replace("127.0.0.1", "a-name-that-nobody-knows.invalid")
    assert first_frames(url) == 3


def test_a_password_is_given_when_asked_for_and_to_every_segment(here: WebCamera) -> None:
    here.key = 'username="user"'
    assert first_frames(here.url("live.m3u8", "user:p%40ss")) == 3
    assert any(path.startswith("/segment") and "response=" in key for path, key in here.asked)
    assert not any("p@ss" in key or "p%40ss" in key for _, key in here.asked)


def test_a_password_goes_to_no_other_host(here: WebCamera, there: WebCamera) -> None:
    here.redirects["/a"] = there.url("live.ts").replace("127.0.0.1", "localhost")
    there.key = 'username="user"'
    with pytest.raises(DecodeError, match="401"):
        open_source(SourceConfig(here.url("a", "user:secret")))
    assert there.asked == [("/live.ts", "")]


def test_a_video_is_read_also_where_its_index_stands_at_its_end(video: bytes, tmp_path: Path, here: WebCamera) -> None:
    assert video.find(b"moov") > video.find(b"mdat")
    here.bodies["/video.mp4"] = ("video/mp4", video)
    assert first_frames(here.url("video.mp4"), 99) == 10


def test_of_several_sizes_the_fitting_one_is_read_and_no_other(here: WebCamera) -> None:
    here.bodies["/sizes"] = sizes(
        "#EXT-X-STREAM-INF:BANDWIDTH=9,RESOLUTION=128x96", "/live.m3u8", "#EXT-X-STREAM-INF:BANDWIDTH=8", "/small.m3u8"
    )
    small = make_film(frames=60, size=(64, 48))
    here.bodies["/small.m3u8"] = playlist(*(f"#EXTINF:1.0,\n/small-{n}.ts" for n in range(1, 4)), "#EXT-X-ENDLIST")
    for number in range(1, 4):
        here.bodies[f"/small-{number}.ts"] = ("video/mp2t", b"".join(small.pieces[10 * number : 10 * number + 10]))
    with open_source(SourceConfig(here.url("sizes"), max_width=100)) as source:
        frame = next(iter(source))
        assert (source.width, frame.image.shape[1]) == (128, 100)
        asked = len(here.asked)
        assert sum(1 for _, _ in zip(range(15), source, strict=False)) == 15
    assert not [path for path, _ in here.asked[asked:] if "small-3" in path]


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
