from pathlib import Path

import pytest

from inference.core.decode.address import hide_secrets, parse_address
from inference.core.errors import DecodeError


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("rtsp://10.0.0.5/stream", "rtsp"),
        ("RTSP://user:pw@cam.example:554/h264?channel=1", "rtsp"),
        ("rtsps://cam.example/x", "rtsp"),
        ("http://cam.example/video.mjpg", "http"),
        ("https://cam.example/live.m3u8", "http"),
    ],
)
def test_camera_addresses_are_told_apart(given: str, kind: str) -> None:
    assert parse_address(given).kind == kind


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "empty"),
        ("ftp://cam.example/x", "starts with 'ftp'"),
        ("concat:/etc/passwd", "no file"),
        ("rtsp:///stream", "names no host"),
        ("rtsp://cam.example:99999/x", "cannot be read"),
        ("/no/such/file.mp4", "no file"),
        ("file:///no/such/file.mp4", "no file"),
        ("/tmp", "not a regular file"),
    ],
)
def test_what_is_not_allowed_is_refused_in_a_sentence(given: str, said: str) -> None:
    with pytest.raises(DecodeError, match=said):
        parse_address(given)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    with pytest.raises(DecodeError, match="is empty"):
        parse_address(str(path))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("rtsp://admin:s3cr3t@cam/x", "rtsp://admin:***@cam/x"),
        ("rtsp://admin:s3:cr@t@cam/x", "rtsp://admin:***@cam/x"),
        ("http://cam/x?user=a&password=s3cr3t&b=1", "http://cam/x?user=a&password=***&b=1"),
        ("http://cam/x?token=s3cr3t#top", "http://cam/x?token=***#top"),
        ("rtsp://cam/x", "rtsp://cam/x"),
    ],
)
def test_passwords_and_tokens_are_never_shown(given: str, shown: str) -> None:
    assert hide_secrets(given) == shown
    address = parse_address(given)
    assert "s3cr3t" not in address.shown
    assert "s3cr3t" not in repr(address)
