"""Which stream addresses are allowed, and what happens to their passwords."""

import socket
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from cameras.addresses import check_address, hide_secrets, keep_secrets


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names stand for fixed addresses: tests ask no name server."""
    known = {"camera.example": "192.0.2.7", "metadata.example": "169.254.169.254", "localhost": "127.0.0.1"}

    def resolve(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        if host not in known:
            raise socket.gaierror("unknown name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (known[host], 0))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://10.0.4.20:554/stream1",
        "rtsps://user:pass%20word@camera.example/a?channel=1",
        "http://127.0.0.1:8080/video.mjpg",
        "https://localhost/live",
        "rtsp://[::1]:554/x",
        "rtsp://[fd12::5]/x",
        "RTSP://192.168.1.4/x",
        "  rtsp://not-known-here.example/x  ",
    ],
)
def test_cameras_on_private_loopback_and_public_networks_are_allowed(address: str) -> None:
    assert check_address(address) == address.strip()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "empty"),
        ("/etc/passwd", "no scheme"),
        ("file:///etc/passwd", "file://"),
        ("ftp://10.0.0.1/x", "ftp://"),
        ("rtsp:///x", "names no host"),
        ("rtsp://10.0.0.1:99999/x", "cannot be read"),
        ("rtsp://[::1/x", "cannot be read"),
        ("rtsp://10.0.0.1/a b", "%20"),
        ("rtsp://10.0.0.1/a\nb", "%20"),
        ("http://169.254.169.254/latest/meta-data", "link-local"),
        ("http://metadata.example/", "link-local"),
        ("http://0xA9FEA9FE/", "link-local"),
        ("http://2852039166/", "link-local"),
        ("http://[::ffff:169.254.169.254]/", "link-local"),
        ("rtsp://[fe80::1%25eth0]/x", "link-local"),
        ("http://100.100.100.200/", "metadata"),
        ("http://0.0.0.0/", "unspecified"),
        ("http://0/", "unspecified"),
        ("rtsp://[::]/x", "unspecified"),
        ("rtsp://239.1.1.1/x", "multicast"),
        ("rtsp://[ff02::1]/x", "multicast"),
        ("rtsp://255.255.255.255/x", "reserved"),
    ],
)
def test_other_addresses_are_refused_and_told_why(address: str, said: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        check_address(address)
    assert said in refusal.value.message


def test_a_refusal_never_repeats_a_password() -> None:
    with pytest.raises(ValidationError) as refusal:
        check_address("ftp://user:hunter2@10.0.0.1/x?token=hunter2")
    assert "hunter2" not in refusal.value.message


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://user:p:w@h/x", "rtsp://user:***@h/x"),
        ("rtsp://user@h/x", "rtsp://user@h/x"),
        ("http://h/x?a=1&password=zzz&b=2", "http://h/x?a=1&password=***&b=2"),
        ("http://h/x?TOKEN=zzz#f", "http://h/x?TOKEN=***#f"),
    ],
)
def test_secrets_are_hidden(address: str, shown: str) -> None:
    assert hide_secrets(address) == shown


STORED = "rtsp://viewer:s3cret@10.0.4.20:554/stream1"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("rtsp://viewer:***@10.0.4.20:554/stream1", STORED),
        ("rtsp://viewer:***@10.0.4.20:554/stream2", "rtsp://viewer:s3cret@10.0.4.20:554/stream2"),
        ("rtsp://viewer:***@10.0.4.20:554/", "rtsp://viewer:s3cret@10.0.4.20:554/"),
        ("rtsp://viewer:new@10.0.4.21/x", "rtsp://viewer:new@10.0.4.21/x"),
    ],
)
def test_a_hidden_password_is_kept_for_the_same_host(given: str, kept: str) -> None:
    assert keep_secrets(given, STORED) == kept


def test_a_hidden_password_is_kept_where_no_port_is_named() -> None:
    assert keep_secrets("rtsp://v:***@10.0.4.20/b", "rtsp://v:s3cret@10.0.4.20/a") == "rtsp://v:s3cret@10.0.4.20/b"


def test_a_port_that_is_none_is_refused_before_a_password_is_put_back() -> None:
    with pytest.raises(ValidationError, match="cannot be read"):
        keep_secrets("rtsp://viewer:***@10.0.4.20:99999/x", STORED)


@pytest.mark.parametrize(
    "given",
    [
        "rtsp://viewer:***@10.0.4.99:554/stream1",
        "rtsp://viewer:***@10.0.4.20:8554/stream1",
        "http://viewer:***@10.0.4.20:554/stream1",
        "rtsp://other:***@10.0.4.20:554/stream1",
    ],
)
def test_a_stored_password_never_goes_to_another_place(given: str) -> None:
    with pytest.raises(ValidationError, match="Type the password"):
        keep_secrets(given, STORED)
