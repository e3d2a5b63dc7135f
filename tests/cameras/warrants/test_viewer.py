"""A release that is open: who sees it, marked how, until when, and that nothing of it lies anywhere afterwards."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import av
import numpy as np
import pytest
import redis
from django.conf import settings as live_settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from cameras.custody.models import SealedHour
from cameras.custody.places import secret_path
from cameras.footage import footage_path
from cameras.models import LegalHold
from cameras.warrants.models import FootageRelease, ReleasedKey, State, Viewing
from cameras.warrants.services.opening import release_end, releases_expire, watched_s
from cameras.warrants.services.viewing import release_watch, viewing_video
from cameras.warrants.tasks import lapse_releases
from cameras.warrants.vault_door import VaultRefused
from inference.core.vault.custodian import key_file_open
from inference.core.vault.reading import hour_key, read_hour
from paca_site.audit.models import AuditEntry
from tests.cameras.warrants.made import REASON
from tests.cameras.warrants.vaulted import (
    FPS,
    HEIGHT,
    PASSPHRASE,
    WIDTH,
    Vaulted,
    confirmed_for,
    opened,
    picture,
)
from tests.paca_site.audit.test_trail_pages import client_of
from tests.proof import prove
from tests.test_pages import check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def frames_of(video: bytes) -> list[np.ndarray]:
    with av.open(BytesIO(video), "r") as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def told(release: FootageRelease) -> list[tuple[str, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(subject=f"warrant:{release.pk}").order_by("number")
    return [(entry.action, json.loads(entry.body)["details"]) for entry in entries]


def test_the_viewer_sees_exactly_what_was_asked_for_marked_over_the_whole_picture(vaulted: Vaulted) -> None:
    release, code = opened(vaulted)
    viewing = release_watch(
        release=release,
        actor=vaulted.viewer,
        part_pk=release.parts.get().pk,
        from_at=vaulted.start + timedelta(seconds=5),
    )
    shown = frames_of(viewing_video(release=release, viewing=viewing, actor=vaulted.viewer, code=code))
    assert len(shown) == 30 * FPS
    raw = picture(5 * FPS).astype(int)
    difference = np.abs(shown[0].astype(int) - raw).max(axis=2)
    for row in range(3):
        for column in range(3):
            cell = difference[
                row * HEIGHT // 3 : (row + 1) * HEIGHT // 3, column * WIDTH // 3 : (column + 1) * WIDTH // 3
            ]
            assert (cell > 40).mean() > 0.03, f"no mark in part {row}, {column}"
    upper = shown[0][: HEIGHT // 2].astype(int)
    assert np.median(upper[:, 20 : WIDTH // 2 - 20]) > 150, "the footage is still to be seen"
    assert np.median(upper[:, WIDTH // 2 + 20 :]) < 90
    assert [action for action, _ in told(release)][-2:] == ["warrant.opened", "warrant.watched"]
    assert code not in json.dumps(told(release))


def test_it_ends_by_itself_and_its_keys_with_it(vaulted: Vaulted) -> None:
    release, code = opened(vaulted)
    viewing = release_watch(
        release=release, actor=vaulted.viewer, part_pk=release.parts.get().pk, from_at=vaulted.start
    )
    assert releases_expire() == 0
    later = timezone.now() - timedelta(seconds=1)
    move_expiry(release, later)
    release.refresh_from_db()
    with pytest.raises(ValidationError, match="not open"):
        viewing_video(release=release, viewing=viewing, actor=vaulted.viewer, code=code)
    with pytest.raises(ValidationError, match="not open"):
        release_watch(release=release, actor=vaulted.viewer, part_pk=viewing.part_id, from_at=vaulted.start)
    with pytest.raises(IntegrityError), transaction.atomic():
        Viewing.objects.create(
            part=viewing.part,
            from_at=viewing.from_at,
            until_at=viewing.until_at,
            viewed_by=vaulted.viewer,
            viewed_at=later,
        )
    lapse_releases()
    release.refresh_from_db()
    assert (release.state, release.half, release.closed_by) == (State.ENDED, None, None)
    assert not ReleasedKey.objects.exists()
    assert not LegalHold.objects.current().exists()
    action, details = told(release)[-1]
    assert (action, details["viewings"], details["watched_s"]) == ("warrant.ended", 1, 30)


def move_expiry(release: FootageRelease, at: Any) -> None:
    """Let time pass: only somebody who switches the triggers off can move the end."""
    with pytest.raises(IntegrityError), transaction.atomic():
        FootageRelease.objects.filter(pk=release.pk).update(expires_at=at)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE warrants_footagerelease SET approved_at = %s, expires_at = %s WHERE id = %s",
            [at - timedelta(hours=2), at, release.pk],
        )
        cursor.execute("RESET session_replication_role")


def test_seconds_watched_twice_are_counted_once(vaulted: Vaulted) -> None:
    release, _ = opened(vaulted)
    part = release.parts.get()
    for seconds in (0, 10, 10, 100):
        release_watch(
            release=release,
            actor=vaulted.viewer,
            part_pk=part.pk,
            from_at=part.starts_at + timedelta(seconds=seconds),
        )
    assert watched_s(Viewing.objects.all()) == 70
    release_end(release=release, actor=vaulted.court.custodian, reason="The court has seen enough.")
    assert told(release)[-1][1]["watched_s"] == 70


def test_the_whole_way_on_pages(vaulted: Vaulted) -> None:
    release = confirmed_for(vaulted)
    page, custodian = f"/warrants/{release.pk}/", client_of(vaulted.court.custodian)
    prove(custodian)
    deciding = custodian.get(f"{page}decide")
    check(deciding)
    assert "1 sealed file holds some" in deciding.content.decode()
    assert f"Requested by {release.requested_by}, compared with the order by" in deciding.content.decode()
    given = {
        "hours": "2",
        "key_file": SimpleUploadedFile("key.json", vaulted.key_file),
        "passphrase": PASSPHRASE,
        "reason": REASON,
    }
    answer = custodian.post(f"{page}decide", given)
    check(answer)
    assert "no-store" in answer["Cache-Control"]
    assert f"http://testserver{page}view" in answer.content.decode()
    code = answer.content.decode().split('<output class="warrant__digest">')[1].split("<")[0]
    assert "open until" in custodian.get("/warrants/").content.decode()

    viewer = client_of(vaulted.viewer)
    locked = viewer.get(f"{page}view")
    check(locked)
    assert "custodian gave you" in locked.content.decode()
    wrong = viewer.post(f"{page}unlock", {"code": "AAAA"})
    assert wrong.status_code == 422
    assert viewer.post(f"{page}unlock", {"code": code.lower()}).status_code == 302
    cookie = viewer.cookies["paca_release_code"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", page)
    asked = viewer.post(f"{page}watch", moment(release, vaulted))
    assert asked.status_code == 302, asked.content.decode()
    check(viewer.get(asked["Location"]))
    viewing = Viewing.objects.get()
    video = viewer.get(f"{page}viewings/{viewing.pk}.mp4")
    assert video["Content-Type"] == "video/mp4"
    assert "no-store" in video["Cache-Control"]
    assert len(frames_of(video.content)) == 30 * FPS
    without = client_of(vaulted.viewer).get(f"{page}viewings/{viewing.pk}.mp4")
    assert without.status_code == 409, "the session alone opens nothing"
    for person in (vaulted.court.custodian, vaulted.court.supervisor, vaulted.court.administrator):
        stranger: Client = client_of(person)
        assert stranger.get(f"{page}view").status_code == 404
        assert stranger.get(f"{page}viewings/{viewing.pk}.mp4").status_code == 404
    assert "Together 30 s" in custodian.get(page).content.decode()

    assert custodian.post(f"{page}end", {"reason": "The court has seen enough."}).status_code == 302
    assert "This release is over" in viewer.get(f"{page}view").content.decode()
    assert viewer.get(f"{page}viewings/{viewing.pk}.mp4").status_code == 409


def moment(release: FootageRelease, vaulted: Vaulted) -> dict[str, str]:
    local = vaulted.start.astimezone(ZoneInfo(release.site.time_zone))
    return {"part": str(release.parts.get().pk), "from_at": local.strftime("%Y-%m-%dT%H:%M:%S")}


def test_after_a_viewing_no_key_and_no_picture_lies_anywhere(vaulted: Vaulted, tmp_path: Path) -> None:
    release, code = opened(vaulted)
    viewing = release_watch(
        release=release, actor=vaulted.viewer, part_pk=release.parts.get().pk, from_at=vaulted.start
    )
    video = viewing_video(release=release, viewing=viewing, actor=vaulted.viewer, code=code)
    hour = SealedHour.objects.get()
    private_key = key_file_open(vaulted.key_file, PASSPHRASE)
    data_key = hour_key(footage_path(hour.path), secret_path(hour.path), private_key)
    raw = b"".join(chunk.data for chunk in read_hour(footage_path(hour.path), data_key))
    plain = [data_key, private_key.private_bytes_raw(), code.encode(), PASSPHRASE.encode()]
    plain += [raw[at : at + 24] for at in range(1000, len(raw) - 24, 4000)]
    plain += [video[at : at + 24] for at in range(1000, len(video) - 24, 4000)]
    assert len(plain) > 20
    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(needle in content for needle in plain), file
    dump = database_dump()
    assert release.reference.encode() in dump, "the dump holds the rows"
    assert not any(needle in dump or needle.hex().encode() in dump for needle in plain)
    valkey = redis.Redis.from_url(live_settings.REDIS_URL)
    kept = b"".join(valkey.dump(name) or b"" for name in valkey.keys("*"))
    assert not any(needle in kept for needle in plain)


def database_dump() -> bytes:
    content = bytearray()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                for part in copy:
                    content += part
    return bytes(content)


def test_half_of_the_key_opens_nothing(vaulted: Vaulted) -> None:
    first, first_code = opened(vaulted)
    viewing = release_watch(release=first, actor=vaulted.viewer, part_pk=first.parts.get().pk, from_at=vaulted.start)
    second, second_code = opened(vaulted)
    assert first_code != second_code
    with pytest.raises(VaultRefused, match="does not open this release"):
        viewing_video(release=first, viewing=viewing, actor=vaulted.viewer, code=second_code)
    first.half = second.half
    with pytest.raises(VaultRefused, match="does not open this release"):
        viewing_video(release=first, viewing=viewing, actor=vaulted.viewer, code=first_code)
