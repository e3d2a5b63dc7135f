"""The database refuses what a modality may not have, whoever asks."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cameras.custody.models import CustodianKey
from cameras.models import Camera, Modality
from tests.cameras.custody.sealed import make_key, make_sealed
from tests.cast import make_alert, make_camera, make_policy, make_segment

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("modality", [Modality.HYBRID, Modality.EDGE])
def test_only_a_central_camera_has_sealed_video_or_a_policy_that_keeps_any(modality: Modality) -> None:
    camera, key = make_camera(modality=modality), make_key()
    with pytest.raises(IntegrityError, match="only central cameras may have sealed"), transaction.atomic():
        make_sealed(camera, timezone.now(), key)
    with pytest.raises(IntegrityError, match="only central cameras may have a policy"), transaction.atomic():
        make_camera(modality=modality, retention=make_policy(raw_hours=1))
    with pytest.raises(IntegrityError, match="may keep no unmasked video"), transaction.atomic():
        type(camera.retention).objects.filter(pk=camera.retention_id).update(raw_hours=1)
    make_sealed(make_camera(), timezone.now(), key)


def test_an_edge_camera_has_neither_recordings_nor_clips() -> None:
    camera, now = make_camera(modality=Modality.EDGE), timezone.now()
    for make in (
        lambda: make_segment(camera, now),
        lambda: make_alert(camera, clip_path="clips/1.mp4"),
        lambda: make_alert(camera, poster_path="clips/1.jpg"),
    ):
        with pytest.raises(IntegrityError, match="may have no stored footage"), transaction.atomic():
            make()
    alert = make_alert(camera)
    with pytest.raises(IntegrityError, match="may have no stored footage"), transaction.atomic():
        type(alert).objects.filter(pk=alert.pk).update(clip_path="clips/1.mp4")
    hybrid = make_camera(modality=Modality.HYBRID)
    make_segment(hybrid, now)
    make_alert(hybrid, clip_path="clips/2.mp4")


def test_a_modality_is_not_changed_while_something_is_kept_that_it_may_not_have() -> None:
    key, now = make_key(), timezone.now()
    sealed, recorded, filmed = make_camera(), make_camera(), make_camera()
    make_sealed(sealed, now - timedelta(hours=1), key)
    make_segment(recorded, now)
    make_alert(filmed, clip_path="clips/3.mp4")
    for camera, modality, words in (
        (sealed, Modality.HYBRID, "has sealed unmasked video"),
        (sealed, Modality.EDGE, "has sealed unmasked video"),
        (recorded, Modality.EDGE, "has recordings or clips"),
        (filmed, Modality.EDGE, "has recordings or clips"),
    ):
        with pytest.raises(IntegrityError, match=words), transaction.atomic():
            Camera.objects.filter(pk=camera.pk).update(modality=modality)
    Camera.objects.filter(pk=recorded.pk).update(modality=Modality.HYBRID)


def test_there_is_one_current_key() -> None:
    first = make_key()
    second = make_key()
    assert list(CustodianKey.objects.current()) == [second]
    first.refresh_from_db()
    assert first.retire_reason == "Replaced by another key."
    with pytest.raises(IntegrityError), transaction.atomic():
        CustodianKey.objects.create(public_key="0" * 64, fingerprint="1" * 64, registered_by=first.registered_by)
