"""Changing a modality: what must go is gone, what is held stays, and a kill at any step leaves nothing forbidden."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from alerts.modality import changing
from alerts.modality.changing import change_ask, change_give_up, changes_finish
from alerts.models import Alert, ClipState
from cameras.boxes.models import Placement
from cameras.custody.models import DeletionRecord, SealedHour
from cameras.footage import footage_path
from cameras.live import lease_key, valkey
from cameras.modality.gate import reasons_against_running
from cameras.modality.models import COOL_OFF, ChangeState, ModalityChange
from cameras.models import Camera, Modality, Segment
from cameras.services.cameras import camera_save
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cameras.custody.sealed import is_there, make_key, make_sealed
from tests.cast import make_alert, make_box, make_camera, make_hold, make_policy, make_segment, make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of
from tests.proof import prove

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
REASON = "The square got a camera box"


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: Any) -> Path:
    settings.FOOTAGE_DIR = tmp_path / "footage"
    settings.VAULT_KEYS = tmp_path / "vault-keys"
    settings.CHECKPOINT_KEY = tmp_path / "audit" / "checkpoint.key"
    return tmp_path / "footage"


@pytest.fixture
def administrator() -> User:
    return make_user(Role.ADMINISTRATOR, make_site())


@pytest.fixture
def camera(administrator: User) -> Camera:
    """A central camera with a sealed hour, two recordings, a file without a row and an alert with a clip."""
    site = administrator.scopes.get().site
    camera = make_camera(site, retention=make_policy(masked_hours=100))
    valkey().delete(lease_key(camera.pk))
    now = timezone.now()
    make_sealed(camera, now - timedelta(minutes=20), make_key())
    for minutes in (30, 20):
        write(make_segment(camera, now - timedelta(minutes=minutes)).path)
    write(f"segments/{camera.pk}/left.mp4")
    write(f"clips/{camera.pk}/one.mp4")
    make_alert(camera, clip_state=ClipState.READY, clip_path=f"clips/{camera.pk}/one.mp4", started_at=now, ended_at=now)
    return camera


def write(relative: str) -> None:
    path = footage_path(relative)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"masked video")


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def asked(camera: Camera, administrator: User, after: Modality = Modality.EDGE) -> ModalityChange:
    return change_ask(camera=camera, after=after, actor=administrator, reason=REASON)


def later() -> Any:
    return timezone.now() + COOL_OFF


def modality_of(camera: Camera) -> str:
    return Camera.objects.get(pk=camera.pk).modality


def test_to_edge_everything_stored_goes_and_the_alert_stays(camera: Camera, administrator: User, folders: Path) -> None:
    change = asked(camera, administrator)
    assert "from central to edge" in reasons_against_running([camera])[camera.pk][0].lower()
    assert changes_finish() == 0, "for five minutes nothing happens"
    assert len(files(folders)) == 5
    assert changes_finish(later()) == 1
    assert files(folders) == set()
    assert not SealedHour.objects.exists()
    assert not Segment.objects.exists()
    alert = Alert.objects.get(camera=camera)
    assert (alert.clip_state, alert.clip_path) == (ClipState.PURGED, "")
    assert modality_of(camera) == Modality.EDGE
    assert reasons_against_running([camera]) == {}
    change.refresh_from_db()
    assert (change.state, change.waits_for) == (ChangeState.DONE, "")
    actions = list(AuditEntry.objects.order_by("number").values_list("action", flat=True))
    assert [action for action in actions if action.startswith("modality")] == ["modality.asked", "modality.changed"]
    reasons = [
        json.loads(entry.body)["details"]["reason"] for entry in AuditEntry.objects.filter(action="retention.purged")
    ]
    assert len(reasons) == 3
    assert all(REASON in reason for reason in reasons)
    assert [REASON in record.text for record in DeletionRecord.objects.all()] == [True] * 3


def test_to_hybrid_only_what_is_unmasked_goes(camera: Camera, administrator: User, folders: Path) -> None:
    hour = SealedHour.objects.get()
    asked(camera, administrator, Modality.HYBRID)
    assert changes_finish(later()) == 1
    assert is_there(hour) == (False, False)
    assert len(files(folders)) == 4
    assert modality_of(camera) == Modality.HYBRID


def test_to_central_nothing_goes_and_the_box_lets_go(administrator: User) -> None:
    camera = make_camera(administrator.scopes.get().site, modality=Modality.HYBRID)
    box = make_box(camera.site, administrator)
    Placement.objects.create(box=box, camera=camera)
    asked(camera, administrator, Modality.CENTRAL)
    assert changes_finish(later()) == 1
    assert modality_of(camera) == Modality.CENTRAL
    assert not Placement.objects.exists()


def test_given_up_in_time_nothing_was_destroyed_and_afterwards_it_is_too_late(
    camera: Camera, administrator: User, folders: Path
) -> None:
    change_give_up(change=asked(camera, administrator), actor=administrator)
    assert reasons_against_running([camera]) == {}
    assert changes_finish(later()) == 0
    assert len(files(folders)) == 5
    change = asked(camera, administrator)
    ModalityChange.objects.filter(pk=change.pk).update(state=ChangeState.BEGUN)
    with pytest.raises(ValidationError, match="It has begun"):
        change_give_up(change=change, actor=administrator)


def test_while_a_worker_holds_the_camera_nothing_is_destroyed(
    camera: Camera, administrator: User, folders: Path
) -> None:
    change = asked(camera, administrator)
    valkey().set(lease_key(camera.pk), "worker/1", ex=30)
    assert changes_finish(later()) == 0
    change.refresh_from_db()
    assert "A worker still runs the camera" in change.waits_for
    assert len(files(folders)) == 5
    valkey().delete(lease_key(camera.pk))
    assert changes_finish(later()) == 1


def test_a_hold_refuses_it_by_case_and_one_placed_in_the_middle_keeps_what_is_left(
    camera: Camera, administrator: User, folders: Path
) -> None:
    now = timezone.now()
    custodian = make_user(Role.CUSTODIAN, camera.site)
    span = {"starts_at": now - timedelta(minutes=25), "ends_at": now - timedelta(minutes=5)}
    hold = make_hold(camera, custodian, case="K-17", **span)
    with pytest.raises(ValidationError, match="K-17"):
        asked(camera, administrator)
    hold.ended_at = now
    hold.save()
    change = asked(camera, administrator)
    make_hold(camera, custodian, case="K-18", **span)
    assert changes_finish(later()) == 0
    change.refresh_from_db()
    assert "K-18" in change.waits_for
    assert len(files(folders)) == 5
    assert modality_of(camera) == Modality.CENTRAL


@pytest.mark.parametrize(
    "step", ["sealed_destroy_all", "clips_destroy_all", "segments_destroy_all", "_rest_remove", "_switch"]
)
@pytest.mark.parametrize("is_after", [False, True])
def test_killed_before_or_after_any_step_the_next_look_finishes_it(
    step: str, is_after: bool, camera: Camera, administrator: User, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(camera, administrator)
    real: Callable[..., Any] = getattr(changing, step)

    def dies(*args: Any, **kwargs: Any) -> None:
        if is_after:
            real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(changing, step, dies)
        with pytest.raises(Killed):
            changes_finish(later())
    assert (is_after and step == "_switch") or modality_of(camera) == Modality.CENTRAL
    if not (is_after and step == "_switch"):
        assert reasons_against_running([camera]), "it stays off"
    changes_finish(later())
    assert modality_of(camera) == Modality.EDGE
    assert files(folders) == set()
    assert not ModalityChange.objects.current().exists()


def test_a_clip_that_was_being_cut_at_the_switch_goes_too(
    camera: Camera, administrator: User, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(camera, administrator)
    real = changing._switch

    def switch_while_cutting(*args: Any) -> str:
        write(f"clips/{camera.pk}/late.mp4")
        return real(*args)

    monkeypatch.setattr(changing, "_switch", switch_while_cutting)
    assert changes_finish(later()) == 1
    assert files(folders) == set()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"after": Modality.CENTRAL}, "has this modality already"),
        ({"reason": "because"}, "at least 10 characters; 7 are given"),
        ({"actor": Role.SUPERVISOR}, "Only administrators"),
    ],
)
def test_what_cannot_be_asked_for_is_said(
    change: dict[str, Any], words: str, camera: Camera, administrator: User
) -> None:
    given = {"camera": camera, "after": Modality.EDGE, "actor": administrator, "reason": REASON, **change}
    if isinstance(given["actor"], Role):
        given["actor"] = make_user(given["actor"], camera.site)
    with pytest.raises(ValidationError, match=words):
        change_ask(**given)
    assert not ModalityChange.objects.exists()


def test_a_policy_with_unmasked_video_stands_against_it_and_two_changes_at_once_too(
    camera: Camera, administrator: User
) -> None:
    kept = camera.retention
    camera.retention = make_policy(name="Sealed", raw_hours=1)
    camera.save()
    with pytest.raises(ValidationError, match="“Sealed” keeps unmasked video"):
        asked(camera, administrator)
    camera.retention = kept
    camera.save()
    asked(camera, administrator)
    with pytest.raises(ValidationError, match="open already"):
        asked(camera, administrator)


def test_no_form_and_no_service_changes_a_modality_in_passing(camera: Camera, administrator: User) -> None:
    camera.modality = Modality.HYBRID
    with pytest.raises(ValidationError, match="on its own page"):
        camera_save(camera=camera, actor=administrator)


def test_the_page_counts_asks_for_proof_and_a_name_and_takes_back(camera: Camera, administrator: User) -> None:
    client: Client = client_of(administrator)
    address = f"/modality/{camera.pk}/"
    text = client.get(address).text
    assert "1 file of sealed unmasked video" in text
    assert "2 masked recordings" in text
    assert "clip and picture of 1 alert; alert and decision stay" in text
    given = {"after": "edge", "reason": REASON, "name": camera.name}
    assert "/account/reauthenticate/" in client.post(f"{address}ask", given)["Location"]
    prove(client)
    refused = client.post(f"{address}ask", {**given, "name": "another"})
    assert refused.status_code == 422
    assert "you gave “another”" in refused.text
    assert REASON in refused.text
    assert client.post(f"{address}ask", given)["Location"] == address
    assert "Nothing is destroyed before" in client.get(address).text
    assert client.post(f"{address}give-up")["Location"] == address
    assert "given up" in client.get(address).text
