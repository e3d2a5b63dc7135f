"""A commissioning from the walk to the signature: who may, what is refused, what a killed worker leaves."""

from datetime import datetime, timedelta
from typing import Any

import av
import numpy as np
import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from cameras.commissioning.models import Run, RunState, Still
from cameras.footage import footage_path
from cameras.models import Camera, Modality
from inference.commissioning.services import sampling
from inference.commissioning.services.deciding import run_sign, still_label
from inference.commissioning.services.keeping import still_orphans_purge, stills_purge
from inference.commissioning.services.sampling import walks_sample
from inference.commissioning.services.walking import LONGEST_WALK, run_begin, runs_end, walk_end
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_camera, make_segment, make_user
from tests.inference.commissioning.walks import labelled, make_run, make_still

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services", "folders")]
ROUTE = "From the fountain to the bus stop"
REASON = "All covered, also at the borders"


def record(camera: Camera, started_at: datetime, seconds: int, **fields: Any) -> None:
    """Write a masked recording, 5 fps, whose brightness is its second."""
    segment = make_segment(camera, started_at, ended_at=started_at + timedelta(seconds=seconds), **fields)
    path = footage_path(segment.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(seconds * 5):
            image = np.full((48, 64, 3), index // 5, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))


def walked(camera: Camera, supervisor: User, seconds: int = 60) -> Run:
    """Give a walk that ended a minute ago."""
    run = run_begin(camera=camera, walkers=2, route=ROUTE, has_agreed=True, actor=supervisor)
    Run.objects.filter(pk=run.pk).update(began_at=timezone.now() - timedelta(seconds=seconds + 60))
    run.refresh_from_db()
    walk_end(run=run, actor=supervisor, now=run.began_at + timedelta(seconds=seconds))
    run.refresh_from_db()
    return run


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("number").values_list("action", flat=True))


def test_stills_are_taken_evenly_and_labelling_begins(camera: Camera, supervisor: User, settings: LazySettings) -> None:
    settings.COMMISSION_STILLS = 30
    run = walked(camera, supervisor)
    record(camera, run.began_at - timedelta(seconds=3), 40)
    record(camera, run.began_at + timedelta(seconds=37), 30)
    assert walks_sample() == 1
    run.refresh_from_db()
    times = [(still.captured_at - run.began_at).total_seconds() for still in run.stills.all()]
    assert (run.state, run.masker, run.interval_s, len(times)) == (RunState.LABELLING, "test", 2.0, 30)
    assert times == pytest.approx([2.0 * number for number in range(30)], abs=0.25)
    assert all(footage_path(still.path).read_bytes()[:2] == b"\xff\xd8" for still in run.stills.all())
    assert actions() == ["commissioning.begun", "commissioning.walk-ended", "commissioning.stills-taken"]
    assert walks_sample() == 0


@pytest.mark.parametrize(
    ("maskers", "why", "norwegian"),
    [
        ((), "Nothing was recorded", "Ingenting ble tatt opp"),
        (("a", "b"), "masker changed during the walk (a, b)", "under prøvegangen (a, b)"),
        (("a",), "at least 10 are needed", "minst 10 trengs"),
    ],
)
def test_a_walk_that_cannot_be_labelled_fails_and_says_why(
    camera: Camera, supervisor: User, maskers: tuple[str, ...], why: str, norwegian: str
) -> None:
    run = walked(camera, supervisor)
    for number, masker in enumerate(maskers):
        record(camera, run.began_at + timedelta(seconds=number * 5), 5, masker=masker)
    walks_sample()
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert why in run.why
    with translation.override("nb"):
        assert norwegian in run.why
    assert actions()[-1] == "commissioning.failed"
    assert not list(footage_path("commissioning").rglob("*.jpg"))


def test_a_worker_killed_before_the_rows_leaves_files_that_go_and_the_next_one_begins_anew(
    camera: Camera, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = walked(camera, supervisor)
    record(camera, run.began_at, 60)

    class Killed(BaseException):
        pass

    def kill(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sampling, "_store", kill)
        with pytest.raises(Killed):
            walks_sample()
    left = set(footage_path("commissioning").rglob("*.jpg"))
    assert left
    assert walks_sample() == 0  # claimed
    assert walks_sample(timezone.now() + timedelta(minutes=11)) == 1
    assert still_orphans_purge(now_s=timezone.now().timestamp() + 7200) == len(left)
    assert not any(path.exists() for path in left)
    assert all(footage_path(still.path).exists() for still in run.stills.all())


def test_a_camera_has_one_open_commissioning_and_edge_none(camera: Camera, supervisor: User) -> None:
    run_begin(camera=camera, walkers=2, route=ROUTE, has_agreed=True, actor=supervisor)
    with pytest.raises(ValidationError, match="open already"):
        run_begin(camera=camera, walkers=2, route=ROUTE, has_agreed=True, actor=supervisor)
    edge = make_camera(camera.site, modality=Modality.EDGE)
    with pytest.raises(ValidationError, match="stores no footage"):
        run_begin(camera=edge, walkers=2, route=ROUTE, has_agreed=True, actor=supervisor)


def test_nobody_is_recorded_without_agreeing_and_operators_begin_none(
    camera: Camera, supervisor: User, operator: User
) -> None:
    with pytest.raises(ValidationError, match="has agreed"):
        run_begin(camera=camera, walkers=2, route=ROUTE, has_agreed=False, actor=supervisor)
    with pytest.raises(ValidationError, match="Only supervisors"):
        run_begin(camera=camera, walkers=2, route=ROUTE, has_agreed=True, actor=operator)
    assert not Run.objects.exists()


def test_a_walk_nobody_ended_ends_by_itself_and_an_old_commissioning_too(camera: Camera, supervisor: User) -> None:
    run = run_begin(camera=camera, walkers=2, route=ROUTE, has_agreed=True, actor=supervisor)
    assert runs_end() == 0
    assert runs_end(run.began_at + LONGEST_WALK + timedelta(minutes=5)) == 1
    run.refresh_from_db()
    assert (run.state, run.ended_at) == (RunState.SAMPLING, run.began_at + LONGEST_WALK)
    assert runs_end(run.began_at + timedelta(days=8)) == 1
    run.refresh_from_db()
    assert (run.state, run.why) == (RunState.ABANDONED, "It was open for 7 days.")


@pytest.mark.parametrize(("visible", "uncovered"), [(2, 3), (-1, 0), (100, 0), (2, None), (None, 0), (2, -1)])
def test_numbers_that_cannot_be_are_refused(
    camera: Camera, supervisor: User, operator: User, visible: int | None, uncovered: int | None
) -> None:
    still = make_still(make_run(camera, supervisor), path="x.jpg")
    with pytest.raises(ValidationError):
        still_label(still=still, visible=visible, uncovered=uncovered, actor=operator)
    assert not Still.objects.get().is_labelled


def test_who_labelled_cannot_sign_and_the_database_refuses_it_too(
    camera: Camera, supervisor: User, operator: User
) -> None:
    run = labelled(camera, supervisor, operator)
    still_label(still=run.stills.all()[0], visible=1, uncovered=0, actor=supervisor)
    with pytest.raises(ValidationError, match="You labelled"):
        run_sign(run=run, is_go=True, reason=REASON, actor=supervisor)
    forged = {"state": "signed", "is_go": True, "signed_by": supervisor, "signed_at": timezone.now()}
    with pytest.raises(IntegrityError, match="who labelled cannot sign"), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(**forged)


def test_nothing_is_signed_before_all_is_labelled_or_by_an_operator(
    camera: Camera, supervisor: User, operator: User
) -> None:
    run = labelled(camera, supervisor, operator)
    extra = make_still(run, path="x.jpg")
    with pytest.raises(ValidationError, match="1 stills are not labelled"):
        run_sign(run=run, is_go=True, reason=REASON, actor=supervisor)
    still_label(still=extra, visible=None, uncovered=None, actor=operator)
    with pytest.raises(ValidationError, match="A supervisor signs"):
        run_sign(run=run, is_go=True, reason=REASON, actor=make_user(Role.OPERATOR, camera.site))


def test_what_was_signed_stays_whoever_writes(camera: Camera, supervisor: User, operator: User) -> None:
    run = labelled(camera, supervisor, operator)
    run_sign(run=run, is_go=True, reason=REASON, actor=supervisor)
    run.refresh_from_db()
    assert run.figures[0]["value"] == 100.0
    assert AuditEntry.objects.get(action="commissioning.signed").actor == supervisor
    with pytest.raises(IntegrityError, match="it is signed"), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(is_go=False)
    with pytest.raises(IntegrityError, match="the label stays"), transaction.atomic():
        run.stills.update(uncovered=5)
    with pytest.raises(ValidationError, match="takes no labels"):
        still_label(still=run.stills.all()[0], visible=1, uncovered=1, actor=operator)
    assert stills_purge(camera=camera) == 40  # the files go, the numbers stay
    assert run.stills.filter(path="", visible=10).count() == 40


def test_a_go_is_refused_where_too_few_are_covered(camera: Camera, supervisor: User, operator: User) -> None:
    run = labelled(camera, supervisor, operator, uncovered=1)
    with pytest.raises(ValidationError, match="No go is possible"):
        run_sign(run=run, is_go=True, reason=REASON, actor=supervisor)
    run_sign(run=run, is_go=False, reason=REASON, actor=supervisor)
