"""What is sealed is said, counted and never overdue; a policy that may not keep it says so on the form."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cameras.custody.models import SealedHour
from cameras.custody.services.shredding import sealed_purge
from cameras.forms import PolicyForm
from cameras.holdings import camera_holdings, hold_content, policy_shortening
from cameras.keeping import keeping_sentences
from cameras.models import Modality, RetentionPolicy
from paca_site.accounts.models import Role
from tests.cameras.custody.sealed import make_key, make_sealed
from tests.cast import make_camera, make_hold, make_policy, make_user
from tests.paca_site.audit.test_trail_pages import client_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_sealed_video_is_counted_overdue_or_held_and_nothing_is_overdue_after_a_purge() -> None:
    camera, key, now = make_camera(retention=make_policy(raw_hours=24)), make_key(), timezone.now()
    held = make_sealed(camera, now - 40 * HOUR, key)
    hold = make_hold(camera, key.registered_by, starts_at=held.started_at, ends_at=held.started_at + HOUR)
    for age in (30, 2):
        make_sealed(camera, now - age * HOUR, key)
    (before,) = camera_holdings([camera])
    assert (before.sealed.count, before.sealed.size_bytes, before.sealed.held, before.overdue) == (3, 30, 1, 1)
    assert hold_content(hold).sealed == 1
    sealed_purge(camera=camera)
    (after,) = camera_holdings([camera])
    assert (after.sealed.count, after.overdue, after.held) == (2, 0, 1)
    page = client_of(make_user(Role.CUSTODIAN, camera.site)).get("/cameras/kept/").text
    assert "24 h sealed" in page
    assert "Everything here is masked" not in page


def test_a_shorter_policy_says_how_many_sealed_files_go() -> None:
    camera = make_camera(retention=make_policy(raw_hours=24))
    make_sealed(camera, timezone.now() - 5 * HOUR, make_key())
    policy = camera.retention
    assert policy_shortening(policy).is_empty
    policy.raw_hours = 4
    assert policy_shortening(policy).sealed == 1
    form = PolicyForm(data(policy), instance=RetentionPolicy.objects.get(pk=policy.pk))
    assert "understood" in form.errors
    assert PolicyForm(
        {**data(policy), "understood": "on"}, instance=RetentionPolicy.objects.get(pk=policy.pk)
    ).is_valid()


def data(policy: RetentionPolicy) -> dict[str, object]:
    names = ("name", "masked_hours", "clip_days", "alert_days", "raw_hours", "legal_basis")
    return {name: getattr(policy, name) for name in names}


def test_only_policies_of_central_cameras_keep_unmasked_video_and_never_longer_than_the_ceiling() -> None:
    policy = make_camera(modality=Modality.HYBRID).retention
    policy.raw_hours = 5
    with pytest.raises(ValidationError, match="may keep no unmasked video"):
        policy.full_clean()
    camera = make_camera(retention=make_policy(raw_hours=5))
    camera.modality = Modality.EDGE
    with pytest.raises(ValidationError, match="only a central camera may have"):
        camera.full_clean()
    camera.retention.raw_hours = 73
    with pytest.raises(ValidationError, match="72"):
        camera.retention.full_clean()


def test_the_sentences_promise_no_unmasked_video_only_where_there_is_none() -> None:
    policy = make_policy(raw_hours=24)
    sealed = keeping_sentences(policy)
    assert "Its keys are destroyed after 1 day" in sealed[0]
    assert not any("No unmasked video is stored" in sentence for sentence in sealed)
    assert "No unmasked video is stored" in keeping_sentences(policy, Modality.HYBRID)[0]
    assert "No unmasked video is stored" in keeping_sentences(make_policy())[0]
    assert not SealedHour.objects.exists()
