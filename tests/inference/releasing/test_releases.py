"""Model releases: registered by hash, approved by one person, activated by another, and never run otherwise."""

import hashlib
import json
import shutil
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from pytest_django import Settings

from cameras.assessing.models import NetworkPrint, RunningNetwork
from cameras.assessing.standing import obstacles
from cameras.live import stop_key, valkey
from cameras.models import Camera
from inference.core.detection.registry import create_detector
from inference.core.errors import WeightsError
from inference.core.masking.network import NetworkConfig, SegmentationNetwork
from inference.core.weights import WEIGHTS_FOLDER
from inference.models import StreamState, StreamStatus
from inference.releasing.models import Activation, Approval, Kind, ModelRelease
from inference.releasing.running import active_release, active_weights, fingerprint_note, release_folder
from inference.releasing.services.activating import release_activate, release_approve
from inference.releasing.services.registering import evaluation_attach, release_register
from inference.services import streams
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from tests.cameras.assessing.made import sign_all
from tests.cast import make_alert, make_camera, make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("services")]
WHY = "Measured better in our own streets."


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Settings) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path


def weights(folder: Path, shipped: str = "paca-detect", **changes: Any) -> Path:
    """The weights that ship with one byte more in one file, as somebody who trained them anew would have them."""
    target = folder / f"new-{shipped}"
    shutil.copytree(WEIGHTS_FOLDER / shipped, target)
    manifest = json.loads((target / "manifest.json").read_text())
    key = {"paca-detect": "numbers", "paca-seg": "f32"}[shipped]
    file = target / manifest["files"][key]["path"]
    file.write_bytes(file.read_bytes() + b" ")
    manifest["files"][key]["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    (target / "manifest.json").write_text(json.dumps(manifest | changes))
    return target


def registered(folder: Path, name: str = "paca-detect") -> ModelRelease:
    release, _ = release_register(folder=weights(folder, name), name="Our streets")
    figures = folder / "figures.json"
    figures.write_text(json.dumps({"auc": 0.9, "n": 40, "note": "words are left out"}))
    command = "python -m inference evaluate detection --clips labels.csv --json F"
    evaluation_attach(release=release, path=figures, command=command, data="40 clips", measured_on=date(2026, 11, 1))
    return release


def test_weights_are_copied_under_their_identity_and_registered_once(data: Path) -> None:
    folder = weights(data)
    call_command("register_model", folder, "--name", "Our streets")
    call_command("register_model", folder, "--name", "Our streets")
    release = ModelRelease.objects.get()
    assert (release.kind, release.licence) == (Kind.DETECTOR, "Apache-2.0")
    assert {path.name for path in release_folder(release).iterdir()} == {"manifest.json", "weights.json", "flow.json"}
    assert AuditEntry.objects.filter(action="release.registered").count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"licence": "Proprietary"}, "`licence` must be one of Apache-2.0"),
        ({"name": "yolo"}, "`name` in the manifest must be one of paca-seg, paca-detect, got 'yolo'"),
        ({"files": {"numbers": {"path": "../x", "sha256": "0"}, "flow": {"path": "f", "sha256": "0"}}}, "got '../x'"),
        ({"files": {}}, "`files` of paca-detect must be flow, numbers"),
    ],
)
def test_what_breaks_the_rules_is_not_registered(data: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("register_model", weights(data, **changes), "--name", "Our streets")
    assert message in str(refused.value)
    assert not ModelRelease.objects.exists()


def test_a_changed_file_is_not_registered(data: Path) -> None:
    folder = weights(data)
    (folder / "flow.json").write_text("{}")
    with pytest.raises(WeightsError, match="must have the SHA-256"):
        release_register(folder=folder, name="Our streets")


def test_figures_need_their_command_and_are_attached_once(data: Path) -> None:
    release = registered(data)
    assert release.evaluations.get().figures == {"auc": 0.9, "n": 40}
    attach: tuple[Any, ...] = (release.weights, data / "figures.json", "--data", "40 clips", "--on", "2026-11-01")
    with pytest.raises(CommandError, match=r"attached to .* already"):
        call_command("attach_evaluation", *attach, "--made-by", "python -m inference evaluate detection")
    with pytest.raises(CommandError, match="Say the command"):
        call_command("attach_evaluation", *attach, "--made-by", "by hand")
    with pytest.raises(CommandError, match="WEIGHTS must be one of"):
        call_command("attach_evaluation", "nothing", *attach[1:], "--made-by", "python -m inference evaluate x")


def test_a_release_is_approved_on_figures_and_an_assessment_and_activated_by_somebody_else(data: Path) -> None:
    camera = make_camera()
    site, release = camera.site, registered(data)
    supervisor, administrator = make_user(Role.SUPERVISOR, site), make_user(Role.ADMINISTRATOR, site)
    choice: dict[str, Any] = {"site": site, "kind": Kind.DETECTOR, "release": release}
    with pytest.raises(ValidationError, match="No assessment of"):
        release_approve(release=release, site=site, actor=supervisor, reason=WHY)
    with pytest.raises(ValidationError, match="is not approved for"):
        release_activate(**choice, actor=administrator, reason=WHY)
    sign_all(site)
    approval = release_approve(release=release, site=site, actor=supervisor, reason=WHY)
    assert approval.assessment.site == site
    with pytest.raises(ValidationError, match="by another person"):
        release_activate(**choice, actor=supervisor, reason=WHY)
    release_activate(**choice, actor=administrator, reason=WHY)
    assert valkey().exists(stop_key(camera.pk)), "its cameras begin a new turn"
    assert active_weights(site.pk, Kind.DETECTOR) == release_folder(release)
    assert active_release(make_site().pk, Kind.DETECTOR) is None
    assert {obstacle.until is not None for obstacle in obstacles([camera])[camera.pk]} == {True}, "stale, with grace"
    with pytest.raises(ValidationError, match="runs there already"):
        release_activate(**choice, actor=administrator, reason=WHY)
    release_activate(**choice | {"release": None}, actor=administrator, reason="Too many false alerts.")
    assert active_weights(site.pk, Kind.DETECTOR) == WEIGHTS_FOLDER / "paca-detect"
    assert not RunningNetwork.objects.filter(site=site).exists()
    assert not obstacles([camera]), "what was signed runs again"
    assert AuditEntry.objects.filter(action="release.activated").count() == 2


def test_the_database_refuses_what_nobody_approved(data: Path) -> None:
    site, release = make_site(), registered(data)
    administrator = make_user(Role.ADMINISTRATOR)
    row = {"site": site, "kind": Kind.DETECTOR, "release": release, "activated_by": administrator, "reason": WHY}
    with pytest.raises(IntegrityError, match="was not approved"), transaction.atomic():
        Activation.objects.create(**row)
    sign_all(site)
    release_approve(release=release, site=site, actor=administrator, reason=WHY)
    with pytest.raises(IntegrityError, match="by another person"), transaction.atomic():
        Activation.objects.create(**row)
    activation = Activation.objects.create(**row | {"activated_by": make_user(Role.ADMINISTRATOR)})
    with pytest.raises(IntegrityError, match="kept as it was"), transaction.atomic():
        Activation.objects.filter(pk=activation.pk).delete()


def activated(data: Path, name: str) -> tuple[ModelRelease, int, int]:
    camera, release = make_camera(), registered(data, name)
    sign_all(camera.site)
    release_approve(release=release, site=camera.site, actor=make_user(Role.SUPERVISOR), reason=WHY)
    choice: dict[str, Any] = {"site": camera.site, "kind": Kind(release.kind), "release": release}
    release_activate(**choice, actor=make_user(Role.ADMINISTRATOR), reason=WHY)
    return release, camera.site_id, camera.pk


def test_the_active_release_is_what_is_loaded_and_its_fingerprint_is_another_one(data: Path) -> None:
    _, site_id, _ = activated(data, "paca-detect")
    folder = active_weights(site_id, Kind.DETECTOR)
    ours, shipped = create_detector("paca-detect", weights=folder), create_detector("paca-detect")
    assert ours.fingerprint != shipped.fingerprint
    same = create_detector("paca-detect", weights=WEIGHTS_FOLDER / "paca-detect")
    assert same.fingerprint == shipped.fingerprint


def test_an_alert_is_told_with_the_name_of_the_release_that_made_it(data: Path) -> None:
    release, site_id, camera_id = activated(data, "paca-detect")
    folder = active_weights(site_id, Kind.DETECTOR)
    fingerprint = create_detector("paca-detect", weights=folder).fingerprint
    fingerprint_note(fingerprint, folder)
    fingerprint_note(fingerprint, folder)
    fingerprint_note("0123456789abcdef", WEIGHTS_FOLDER / "paca-seg")
    camera = Camera.objects.get(pk=camera_id)
    alert = make_alert(camera, masker="0123456789abcdef", detector=fingerprint)
    client = client_of(make_user(Role.SUPERVISOR, camera.site))
    page = client.get(reverse("alerts:alert-detail", args=[alert.pk])).content.decode()
    assert f"</code> Our streets ({release.weights})</dd>" in page
    assert "</code> paca-seg (" in page


def test_the_worker_writes_down_what_its_fingerprints_stand_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "shutting_down", shutting_down := threading.Event())
    shutting_down.set()  # a turn that ends as soon as its line is built
    streams.stream_run(make_camera().pk)
    assert set(NetworkPrint.objects.values_list("name", flat=True)) == {"paca-seg", "paca-detect"}


@pytest.mark.parametrize("spoil", ["file", "manifest", "approval"])
def test_a_masker_that_is_not_the_approved_one_never_runs_and_the_camera_says_so(
    data: Path, spoil: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, site_id, camera_id = activated(data, "paca-seg")
    folder = release_folder(release)
    if spoil == "file":
        (folder / "paca-seg-int8.onnx").write_bytes(b"something else")
    elif spoil == "manifest":
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"]["int8"]["sha256"] = "0" * 64
        (folder / "manifest.json").write_text(json.dumps(manifest))
    else:
        Approval.objects.all().delete()
    with pytest.raises(WeightsError, match="not loaded"):
        SegmentationNetwork(NetworkConfig(folder=active_weights(site_id, Kind.MASKER)))
    monkeypatch.setattr(streams, "WITHOUT_MASKER_S", 0.2)
    streams.stream_run(camera_id)
    state = StreamState.objects.get(pk=camera_id)
    assert (state.status, "not loaded" in state.reason) == (StreamStatus.MASKING_DOWN, True)


def test_the_pages_lead_from_figures_to_approval_to_activation_and_back(data: Path) -> None:
    camera = make_camera()
    site, release = camera.site, registered(data)
    sign_all(site)
    approving, activating = (client_of(make_user(role, site)) for role in (Role.SUPERVISOR, Role.ADMINISTRATOR))
    detail, listed = reverse("releasing:release-detail", args=[release.pk]), reverse("releasing:release-list")
    page = approving.get(detail).content.decode()
    assert "<dt>auc</dt><dd>0.9</dd>" in page
    approve = reverse("releasing:release-approve", args=[release.pk])
    assert "Say why in 10 to 300" in approving.post(approve, {"site": site.pk, "reason": "yes"}).content.decode()
    approving.post(approve, {"site": site.pk, "reason": WHY})
    assert f"For {site.name} by" in approving.get(detail).content.decode()
    assert "Activate" not in approving.get(listed).content.decode()
    assert "Activate" in activating.get(listed).content.decode()
    fields = {"site": site.pk, "kind": "detector", "reason": WHY}
    activating.post(reverse("releasing:release-activate"), fields | {"release": release.pk})
    assert active_release(site.pk, Kind.DETECTOR) == release
    activating.post(reverse("releasing:release-activate"), fields | {"release": "shipped"})
    assert active_release(site.pk, Kind.DETECTOR) is None
    elsewhere = client_of(make_user(Role.ADMINISTRATOR, make_site()))
    answer = elsewhere.post(reverse("releasing:release-activate"), fields | {"release": release.pk})
    assert (answer.status_code, "Choose a site of yours" in answer.content.decode()) == (422, True)
