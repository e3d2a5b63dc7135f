"""The pages: the way through without JavaScript, and what each role is shown."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from cameras.commissioning.models import Run, RunState
from cameras.models import Camera
from inference.commissioning.services.deciding import run_sign
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from paca_site.celery import app
from paca_site.oversight.dossier.page import technical_file_html
from paca_site.schedule import BEAT_SCHEDULE
from tests.cast import make_camera, make_segment, make_site, make_user
from tests.inference.commissioning.walks import make_run, make_still
from tests.paca_site.audit.test_trail_pages import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
REASON = "Somebody's legs showed at the border"


@pytest.fixture
def camera(tmp_path: Path, settings: LazySettings) -> Camera:
    settings.FOOTAGE_DIR = tmp_path
    (tmp_path / "x.jpg").write_bytes(b"masked")
    return make_camera(make_site())


@pytest.fixture
def supervisor(camera: Camera) -> User:
    return make_user(Role.SUPERVISOR, camera.site)


@pytest.fixture
def run(camera: Camera, supervisor: User) -> Run:
    run = make_run(camera, supervisor)
    for _ in range(3):
        make_still(run, path="x.jpg")
    return run


def test_every_task_of_the_schedule_is_known_to_workers() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_a_walk_is_begun_on_its_page_and_not_without_agreement(camera: Camera, supervisor: User) -> None:
    client, address = client_of(supervisor), f"/commissioning/cameras/{camera.pk}/"
    given = {"walkers": "3", "route": "Along the shops and back"}
    answer = client.post(address, given)
    assert answer.status_code == 422
    assert "without agreeing" in answer.content.decode()
    assert client.post(address, {**given, "has_agreed": "on"}).status_code == 302
    run = Run.objects.get()
    assert (run.state, run.walkers) == (RunState.WALKING, 3)
    page = client.get(f"/commissioning/{run.pk}/").content.decode()
    assert "End the walk" in page
    assert client.post(f"/commissioning/{run.pk}/end").status_code == 422  # it has only begun


def test_stills_are_labelled_one_after_the_other_back_and_resumed(camera: Camera, run: Run) -> None:
    client = client_of(make_user(Role.OPERATOR, camera.site))
    first, second, third = run.stills.order_by("number")
    page = client.get(f"/commissioning/stills/{second.pk}/").content.decode()
    assert f"/commissioning/stills/{first.pk}/" in page
    assert "0 of 3 stills" in page
    answer = client.post(f"/commissioning/stills/{second.pk}/", {"visible": "4", "uncovered": "1"})
    assert answer["Location"] == f"/commissioning/stills/{third.pk}/"
    answer = client.post(f"/commissioning/stills/{third.pk}/", {"cannot_tell": "1"})
    assert answer["Location"] == f"/commissioning/stills/{first.pk}/"  # what was skipped comes again
    assert f"/commissioning/stills/{first.pk}/" in client.get(f"/commissioning/{run.pk}/").content.decode()
    answer = client.post(f"/commissioning/stills/{first.pk}/", {"visible": "2", "uncovered": "3"})
    assert answer.status_code == 422
    assert "Not fully covered must be 0 to 2" in answer.content.decode()
    answer = client.post(f"/commissioning/stills/{first.pk}/", {"visible": "2", "uncovered": "0"})
    assert answer["Location"] == f"/commissioning/{run.pk}/"
    counted = list(run.stills.order_by("number").values_list("visible", "uncovered", "cannot_tell"))
    assert counted == [(2, 0, False), (4, 1, False), (None, None, True)]
    assert 'value="4"' in client.get(f"/commissioning/stills/{second.pk}/").content.decode()


def test_a_picture_is_recorded_before_it_is_sent_and_gone_after_the_signature(
    camera: Camera, run: Run, supervisor: User
) -> None:
    still = run.stills.order_by("number")[0]
    client = client_of(make_user(Role.OPERATOR, camera.site))
    answer = client.get(f"/commissioning/stills/{still.pk}/picture")
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200,
        "image/jpeg",
        "private, no-store",
    )
    assert AuditEntry.objects.get(action="commissioning.still-viewed").subject == f"commissioning:{run.pk}"
    signed(run, supervisor)
    assert client.get(f"/commissioning/stills/{still.pk}/picture").status_code == 404


def signed(run: Run, supervisor: User, *, is_go: bool = False) -> None:
    labeller = make_user(Role.OPERATOR, run.camera.site)
    run.stills.update(visible=5, uncovered=0, labelled_by=labeller, labelled_at=timezone.now())
    run_sign(run=run, is_go=is_go, reason=REASON, actor=supervisor)


def test_a_no_go_stands_on_the_cameras_page_in_the_list_and_in_the_technical_file(
    camera: Camera, run: Run, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cameras.commissioning.gate import reasons_against_running

    signed(run, supervisor)
    monkeypatch.setattr("cameras.running.AGAINST_RUNNING", (reasons_against_running,))
    client = client_of(make_user(Role.ADMINISTRATOR, camera.site))
    page = client.get(f"/cameras/{camera.pk}/").content.decode()
    assert "No go at its commissioning" in page
    assert "No go of" in client.get("/cameras/").content.decode()
    assert REASON.replace("'", "&#x27;") in technical_file_html([camera.site_id])


def test_the_list_of_cameras_is_silent_about_a_go_and_tells_when_it_is_out_of_date(
    camera: Camera, run: Run, supervisor: User
) -> None:
    client = client_of(make_user(Role.ADMINISTRATOR, camera.site))
    assert "Not commissioned" not in client.get("/cameras/").content.decode()  # not required
    signed(run, supervisor, is_go=True)
    assert "Go of" not in client.get("/cameras/").content.decode()
    make_segment(camera, timezone.now(), masker="another")
    assert "Out of date" in client.get("/cameras/").content.decode()
    assert "Out of date" in client.get(f"/cameras/{camera.pk}/").content.decode()


def test_the_list_says_whether_a_go_is_required(camera: Camera, settings: LazySettings) -> None:
    client = client_of(make_user(Role.AUDITOR, camera.site))
    assert "a go is not required" in client.get("/commissioning/").content.decode()
    settings.COMMISSION_REQUIRED = True
    assert "no camera runs without a go" in client.get("/commissioning/").content.decode()


def test_administrators_read_the_figures_and_see_no_still(camera: Camera, run: Run) -> None:
    client = client_of(make_user(Role.ADMINISTRATOR, camera.site))
    page = client.get(f"/commissioning/{run.pk}/").content.decode()
    assert "People fully covered" in page
    assert "/commissioning/stills/" not in page
