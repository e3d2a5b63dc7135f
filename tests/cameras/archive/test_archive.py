"""Recordings in an archive, against an S3-compatible server: nothing lost, nothing that outlives its retention."""

import itertools
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.db.models import ProtectedError
from django.utils import timezone
from moto.server import ThreadedMotoServer

from cameras.archive import bucket, services
from cameras.archive.bucket import ArchiveError
from cameras.archive.checks import check_archive
from cameras.archive.models import Archived
from cameras.archive.services import archive_evict, archive_move, archive_sweep, archive_words, segment_fetch
from cameras.archive.tasks import move_recordings
from cameras.footage import footage_path
from cameras.models import Camera, Segment
from cameras.services.retention import segments_purge
from paca_site.archive_storage import archive_storage
from tests.cast import make_camera, make_policy, make_segment
from tests.rtsp_server import free_port

pytestmark = pytest.mark.django_db
_names = itertools.count(1)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An S3-compatible server on loopback."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture(autouse=True)
def archive(server: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A new bucket, and the client that looks into it from outside."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    name = f"recordings-{next(_names)}"
    client = boto3.client("s3", endpoint_url=server, region_name="eu-north-1")
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    settings.FOOTAGE_DIR = tmp_path
    storage = archive_storage(bucket=name, endpoint=server, region="eu-north-1", prefix="paca")
    settings.STORAGES = {**settings.STORAGES, **storage}
    return lambda: {
        found["Key"].removeprefix("paca/"): client.get_object(Bucket=name, Key=found["Key"])["Body"].read()
        for found in client.list_objects_v2(Bucket=name).get("Contents", [])
    }


@pytest.fixture
def camera() -> Camera:
    return make_camera(retention=make_policy(masked_hours=24))


def away(settings: Any) -> None:
    """The archive does not answer from now on."""
    storage = archive_storage(bucket="gone", endpoint=f"http://127.0.0.1:{free_port()}", region="x", prefix="paca")
    settings.STORAGES = {**settings.STORAGES, **storage}


def recorded(camera: Camera, *ages_h: float) -> list[Segment]:
    """Recordings of these ages, with a file each, written at its time."""
    segments = []
    for age in ages_h:
        at = timezone.now() - timedelta(hours=age)
        segment = make_segment(camera, at)
        path = footage_path(segment.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"masked video {segment.pk}".encode())
        os.utime(path, (at.timestamp(), at.timestamp()))
        segments.append(segment)
    return segments


def on_disk(segments: list[Segment]) -> list[bool]:
    return [footage_path(segment.path).exists() for segment in segments]


def test_closed_recordings_are_moved_whole_and_one_that_is_still_written_is_not(camera: Camera, archive: Any) -> None:
    first, second = recorded(camera, 2, 1)
    (written,) = recorded(camera, 0.001)
    Segment.objects.filter(pk=written.pk).update(ended_at=None)
    assert archive_move() == 2
    assert archive() == {one.path: f"masked video {one.pk}".encode() for one in (first, second)}
    assert on_disk([first, second, written]) == [True] * 3
    assert archive_move() == 0, "what is there is not sent again"


def test_the_disk_keeps_the_newest_and_an_older_one_comes_back_to_be_watched(camera: Camera, settings: Any) -> None:
    settings.ARCHIVE_LOCAL_HOURS = 3
    segments = recorded(camera, 5, 4, 1)
    assert archive_evict() == 0, "nothing goes before the archive has it"
    archive_move()
    assert archive_evict() == 2
    assert on_disk(segments) == [False, False, True]
    segment_fetch(segments[0])
    assert footage_path(segments[0].path).read_text() == f"masked video {segments[0].pk}"
    assert archive_evict() == 0, "it was needed just now"
    assert not list(footage_path("segments").rglob("*.part"))


def test_an_archive_that_does_not_answer_loses_nothing_and_is_told_after_a_quarter_of_an_hour(
    camera: Camera, settings: Any, archive: Any, caplog: pytest.LogCaptureFixture
) -> None:
    there = settings.STORAGES
    segments = recorded(camera, 50 / 60, 40 / 60)
    away(settings)
    move_recordings()
    assert "the archive does not do it" in caplog.text
    settings.ARCHIVE_LOCAL_HOURS = 0
    assert archive_evict() == 0
    assert on_disk(segments) == [True, True]
    assert archive_words(timezone.now()) == ""
    assert "2 recordings wait for it since" in archive_words(timezone.now() + timedelta(minutes=16))
    settings.STORAGES = there
    assert archive_move() == 2
    assert len(archive()) == 2
    assert archive_words(timezone.now() + timedelta(minutes=16)) == ""


def test_a_purge_deletes_the_copy_the_file_and_the_row(camera: Camera, settings: Any, archive: Any) -> None:
    old, young = recorded(camera, 30, 1)
    archive_move()
    settings.ARCHIVE_LOCAL_HOURS = 3
    archive_evict()
    assert segments_purge(camera=camera) == 1
    assert list(archive()) == [young.path]
    assert not Segment.objects.filter(pk=old.pk).exists()
    assert list(Archived.objects.values_list("segment", flat=True)) == [young.pk]


def test_what_cannot_be_deleted_in_the_archive_stays_and_shows_as_overdue(camera: Camera, settings: Any) -> None:
    recorded(camera, 30, 31)
    archive_move()
    there = settings.STORAGES
    away(settings)
    assert segments_purge(camera=camera) == 0
    assert Segment.objects.count() == 2
    settings.STORAGES = there
    assert segments_purge(camera=camera) == 2


def test_the_database_refuses_to_forget_a_recording_whose_copy_may_exist(camera: Camera) -> None:
    (segment,) = recorded(camera, 2)
    archive_move()
    with pytest.raises(ProtectedError):
        segment.delete()


@pytest.mark.parametrize("where", ["before it is sent", "after it was sent"])
@pytest.mark.django_db(transaction=True)
def test_a_mover_that_is_killed_leaves_nothing_that_a_purge_does_not_find(
    where: str, camera: Camera, archive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (segment,) = recorded(camera, 30)

    def put(source: Path, name: str) -> None:
        if where == "after it was sent":
            bucket.bucket_put(source, name)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(services, "bucket_put", put)
        with pytest.raises(Killed):
            archive_move()
    assert list(archive()) == ([segment.path] if where == "after it was sent" else [])
    segments_purge(camera=camera)
    assert not archive()
    assert not Segment.objects.exists()
    assert archive_move() == 0


@pytest.mark.django_db(transaction=True)
def test_a_purge_that_is_killed_after_the_copy_is_gone_is_finished_by_the_next(
    camera: Camera, archive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(camera, 30)
    archive_move()

    def delete(name: str) -> None:
        bucket.bucket_delete(name)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(services, "bucket_delete", delete)
        with pytest.raises(Killed):
            segments_purge(camera=camera)
    assert not archive()
    assert Segment.objects.count() == Archived.objects.count() == 1
    assert segments_purge(camera=camera) == 1
    assert not Archived.objects.exists()


def test_what_the_archive_has_and_no_row_names_is_deleted_there(camera: Camera, archive: Any) -> None:
    first, second = recorded(camera, 2, 1)
    archive_move()
    Archived.objects.filter(segment=first).delete()  # as after an older database was restored
    assert archive_sweep(camera.pk) == 1
    assert list(archive()) == [second.path]


def test_a_file_of_another_size_in_the_archive_is_not_taken_for_the_recording(
    camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(camera, 2)
    monkeypatch.setattr("storages.backends.s3.S3Storage.size", lambda self, name: 3)
    with pytest.raises(ArchiveError, match="has 3 of"):
        archive_move()
    assert not Archived.objects.filter(done_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("name", "endpoint", "told"),
    [("", "", []), ("a", "", []), ("a", "https://s3.example.org", []), ("a", "http://127.0.0.1:9000", []),
     ("", "https://s3.example.org", ["paca.E005"]), ("a", "http://s3.example.org", ["paca.E006"])],
)  # fmt: skip
def test_an_archive_in_the_clear_or_without_a_bucket_is_refused_at_start(
    name: str, endpoint: str, told: list[str], settings: Any
) -> None:
    settings.ARCHIVE_BUCKET, settings.ARCHIVE_ENDPOINT = name, endpoint
    assert [message.id for message in check_archive(None)] == told
