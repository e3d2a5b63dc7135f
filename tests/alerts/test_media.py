import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from django.conf import LazySettings
from django.http import Http404
from django.test import AsyncClient, Client, RequestFactory

from alerts.byte_range import ByteRange, RangeNotSatisfiableError, parse_range
from alerts.models import Alert, ClipState
from alerts.views import media
from cameras.footage import footage_path
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera

BODY = bytes(range(256)) * 20  # 5120 bytes


@pytest.fixture
def clip(desk: Desk, settings: LazySettings, tmp_path: Path) -> Alert:
    settings.FOOTAGE_DIR = tmp_path
    (tmp_path / "clip.mp4").write_bytes(BODY)
    (tmp_path / "poster.jpg").write_bytes(b"jpeg")
    Alert.objects.filter(pk=desk.alert.pk).update(
        clip_state=ClipState.READY, clip_path="clip.mp4", poster_path="poster.jpg", clip_duration_s=14.0
    )
    desk.alert.refresh_from_db()
    return desk.alert


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=0-", ByteRange(0, 99)),
        ("bytes=0-9", ByteRange(0, 9)),
        ("bytes=90-", ByteRange(90, 189)),
        ("bytes=990-2000", ByteRange(990, 999)),
        ("bytes=-10", ByteRange(990, 999)),
        ("bytes=-5000", ByteRange(0, 99)),
        ("items=0-9", None),
        ("bytes=-", None),
        ("bytes=9-2", None),
        ("bytes=a-b", None),
    ],
)
def test_a_range_is_read_as_the_standard_says(header: str, expected: ByteRange | None) -> None:
    assert parse_range(header, size=1000, most=100) == expected


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0", "bytes=0-1,5-9"])
def test_a_range_outside_the_file_or_in_several_parts_is_refused(header: str) -> None:
    with pytest.raises(RangeNotSatisfiableError):
        parse_range(header, size=1000, most=100)


def test_a_clip_comes_in_parts_of_limited_size(
    clip: Alert, as_operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "MOST_BYTES", 1000)
    answer = as_operator.get(f"/alerts/{clip.pk}/clip.mp4", headers={"Range": "bytes=100-"})
    assert answer.status_code == 206
    assert answer["Content-Range"] == "bytes 100-1099/5120"
    assert answer.content == BODY[100:1100]
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Type"] == "video/mp4"


@pytest.mark.parametrize("header", ["bytes=5120-", "bytes=0-1,4-5"])
def test_a_part_that_cannot_be_given_is_416_with_the_size(clip: Alert, as_operator: Client, header: str) -> None:
    answer = as_operator.get(f"/alerts/{clip.pk}/clip.mp4", headers={"Range": header})
    assert answer.status_code == 416
    assert answer["Content-Range"] == "bytes */5120"


def test_if_range_of_another_file_gives_the_whole_file(clip: Alert, as_operator: Client) -> None:
    path = f"/alerts/{clip.pk}/clip.mp4"
    etag = as_operator.head(path)["ETag"]
    fitting = as_operator.get(path, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = as_operator.head(path, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (fitting.status_code, other.status_code) == (206, 200)
    assert other["Content-Length"] == "5120"


def test_the_whole_file_is_streamed_in_pieces(clip: Alert, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "PIECE_BYTES", 1000)

    async def read(path: Path) -> list[bytes]:
        return [piece async for piece in media._pieces(path, len(BODY))]

    pieces = asyncio.run(read(footage_path(clip.clip_path)))
    assert [len(piece) for piece in pieces] == [1000] * 5 + [120]
    assert b"".join(pieces) == BODY


@pytest.mark.django_db(transaction=True)
async def test_a_clip_is_served_under_asgi(clip: Alert, desk: Desk) -> None:
    client = AsyncClient()
    await client.aforce_login(desk.operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = await client.get(f"/alerts/{clip.pk}/clip.mp4")
    assert answer.status_code == 200
    pieces = cast("AsyncIterator[bytes]", cast("Any", answer).streaming_content)
    assert b"".join([piece async for piece in pieces]) == BODY


def test_footage_is_refused_outside_scope_and_role(clip: Alert, as_auditor: Client, as_operator: Client) -> None:
    elsewhere = make_alert(make_camera(), clip_state=ClipState.READY, clip_path="clip.mp4", poster_path="poster.jpg")
    for name in ("clip.mp4", "poster.jpg"):
        assert as_auditor.get(f"/alerts/{clip.pk}/{name}").status_code == 404
        assert as_operator.get(f"/alerts/{elsewhere.pk}/{name}").status_code == 404
        assert as_operator.get(f"/alerts/{clip.pk}/{name}").status_code == 200
        assert Client().get(f"/alerts/{clip.pk}/{name}").status_code == 302


def test_a_clip_that_is_gone_from_disk_is_absent(clip: Alert, as_operator: Client, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").unlink()
    assert as_operator.get(f"/alerts/{clip.pk}/clip.mp4").status_code == 404


def test_watching_is_recorded_once_per_opening_and_always_without_one(clip: Alert, as_operator: Client) -> None:
    page = as_operator.get(f"/alerts/{clip.pk}/")
    path, token = f"/alerts/{clip.pk}/clip.mp4", page.context["view_token"]
    recorded = AuditEntry.objects.filter(action="alert.clip-viewed")
    for header in ("bytes=0-", "bytes=100-", "bytes=0-"):
        as_operator.get(path, {"view": token}, headers={"Range": header})
    assert recorded.count() == 1
    assert recorded.get().request_id == AuditEntry.objects.get(action="alert.viewed").request_id
    as_operator.get(path, {"view": token + "x"}, headers={"Range": "bytes=100-"})
    as_operator.get(path, headers={"Range": "bytes=100-"})
    assert recorded.count() == 3


def test_a_poster_seen_without_its_page_is_recorded_once(clip: Alert, as_operator: Client) -> None:
    recorded = AuditEntry.objects.filter(action="alert.poster-viewed")
    for _ in range(3):
        as_operator.get(f"/alerts/{clip.pk}/poster.jpg")
    entry = recorded.get()
    assert (entry.subject, entry.site_id) == (f"alert:{clip.pk}", clip.camera.site_id)


def test_a_poster_on_an_opened_page_is_covered_by_the_opening(clip: Alert, as_operator: Client) -> None:
    as_operator.get(f"/alerts/{clip.pk}/")
    as_operator.get(f"/alerts/{clip.pk}/poster.jpg")
    assert not AuditEntry.objects.filter(action="alert.poster-viewed").exists()


def test_behind_nginx_the_file_is_named_and_not_sent_and_who_asks_is_still_checked(
    clip: Alert, as_operator: Client, as_auditor: Client, settings: LazySettings
) -> None:
    settings.ACCEL_LOCATION = "/masked-files/"
    address = f"/alerts/{clip.pk}/clip.mp4"
    for headers in ({}, {"Range": "bytes=100-"}):
        answer = as_operator.get(address, headers=headers)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer["X-Accel-Redirect"] == f"/masked-files/{clip.clip_path}"
        assert answer["Content-Type"] == "video/mp4"
        assert answer["Cache-Control"] == "private, no-store"
    refused = as_auditor.get(address)
    assert refused.status_code == 404
    assert "X-Accel-Redirect" not in refused


def test_behind_nginx_a_file_that_is_gone_is_absent_and_one_elsewhere_is_never_named(
    clip: Alert, settings: LazySettings, tmp_path: Path, rf: RequestFactory
) -> None:
    settings.ACCEL_LOCATION = "/masked-files/"
    with pytest.raises(Http404):
        media.serve_file(rf.get("/"), Path(settings.FOOTAGE_DIR) / "nothing.mp4", "video/mp4")
    elsewhere = tmp_path / "credentials.txt"
    elsewhere.write_text("secret")
    settings.FOOTAGE_DIR = tmp_path / "footage"
    with pytest.raises(ValueError, match="not in the subpath"):
        media.serve_file(rf.get("/"), elsewhere, "text/plain")


def test_the_name_of_a_file_cannot_change_what_nginx_is_told(
    settings: LazySettings, tmp_path: Path, rf: RequestFactory
) -> None:
    settings.ACCEL_LOCATION, settings.FOOTAGE_DIR = "/masked-files/", tmp_path
    (tmp_path / "a b?c%2f.mp4").write_bytes(b"x")
    answer = media.serve_file(rf.get("/"), tmp_path / "a b?c%2f.mp4", "video/mp4")
    assert answer["X-Accel-Redirect"] == "/masked-files/a%20b%3Fc%252f.mp4"
