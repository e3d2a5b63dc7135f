"""Whether assessments hold: what a change makes stale, whom it stops, and for how long it does not."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cameras.assessing.answers import sheet
from cameras.assessing.aspects import Aspect, live_configurations
from cameras.assessing.gate import graces, reasons_against_running
from cameras.assessing.models import Assessment, Questionnaire, RunningNetwork, StaleSince
from cameras.assessing.services.loading import network_declare
from cameras.assessing.services.noticing import changes_note
from cameras.assessing.standing import grace, obstacles
from cameras.assessing.tasks import note_changes
from cameras.models import Camera, RetentionPolicy
from cameras.running import reasons_against_start
from paca_site.audit.models import AuditEntry
from tests.cameras.assessing.made import RIGHTS, sign_all, signed
from tests.cast import make_camera, make_site

pytestmark = pytest.mark.django_db


def stale_keys(assessment: Assessment) -> set[str]:
    live = live_configurations([assessment.site_id])[assessment.site_id]
    return {item.key for item in sheet(assessment, live) if item.stale}


def depending_on(assessment: Assessment, *aspects: str) -> set[str]:
    questions = assessment.questionnaire.questions.items()
    return {key for key, question in questions if set(aspects) & set(question["depends_on"])}


def set_retention(camera: Camera) -> None:
    RetentionPolicy.objects.filter(pk=camera.retention_id).update(masked_hours=48)


def set_network(kind: RunningNetwork.Kind) -> Callable[[Camera], None]:
    kinds = list(RunningNetwork.objects.get(kind=kind).event_kinds) if kind == "detector" else []
    return lambda camera: network_declare(kind=kind, name="other", weights="0" * 12, event_kinds=kinds)


def set_kinds(camera: Camera) -> None:
    RunningNetwork.objects.filter(kind="detector").update(event_kinds=["dispersal"])


def set_field(**fields: object) -> Callable[[Camera], None]:
    def change(camera: Camera) -> None:
        Camera.objects.filter(pk=camera.pk).update(**fields)

    return change


def change_of(aspect: Aspect) -> Callable[[Camera], None]:
    if aspect in (Aspect.MASKER, Aspect.DETECTOR):
        return set_network(RunningNetwork.Kind(aspect.value))
    return {
        Aspect.CAMERAS: set_field(address="rtsp://127.0.0.1:1/other"),
        Aspect.PLACE: set_field(heading_deg=90),
        Aspect.PURPOSE: set_field(purpose="Another one."),
        Aspect.MODALITY: set_field(modality="hybrid"),
        Aspect.RETENTION: set_retention,
        Aspect.THRESHOLD: set_field(threshold_percent=30),
        Aspect.MASKING: set_field(masking_style="edge"),
        Aspect.EVENT_KINDS: set_kinds,
    }[aspect]


@pytest.mark.parametrize("aspect", Aspect.values)
def test_a_change_makes_exactly_the_answers_stale_that_depend_on_it(aspect: str) -> None:
    camera = make_camera()
    assessments = [signed(camera.site), signed(camera.site, RIGHTS)]
    assert not any(stale_keys(assessment) for assessment in assessments)
    assert not obstacles([camera])
    change_of(Aspect(aspect))(camera)
    expected = [depending_on(assessment, aspect) for assessment in assessments]
    assert [stale_keys(assessment) for assessment in assessments] == expected
    assert any(expected), "some question depends on each aspect"
    assert reasons_against_start(camera)
    has_grace = aspect != Aspect.MODALITY
    assert bool(reasons_against_running([camera])) == (not has_grace)
    assert bool(graces([camera])) == has_grace


def test_hours_of_unmasked_video_make_answers_stale_and_none_leaves_a_signed_one_as_it_was() -> None:
    camera = make_camera()
    assessment = signed(camera.site)
    assert "unmasked" not in json.dumps(assessment.configuration)
    assert not stale_keys(assessment)
    RetentionPolicy.objects.filter(pk=camera.retention_id).update(raw_hours=24)
    assert stale_keys(assessment) == depending_on(assessment, Aspect.RETENTION)
    assert obstacles([camera])[camera.pk]


def test_a_change_that_is_taken_back_leaves_nothing_stale() -> None:
    camera = make_camera(threshold_percent=40)
    sign_all(camera.site)
    Camera.objects.update(threshold_percent=30)
    assert reasons_against_start(camera)
    Camera.objects.update(threshold_percent=40)
    assert not obstacles([camera])


def test_a_password_in_an_address_is_neither_stored_nor_a_change() -> None:
    camera = make_camera(address="rtsp://user:first-secret@127.0.0.1:1/stream")
    sign_all(camera.site)
    Camera.objects.update(address="rtsp://user:second-secret@127.0.0.1:1/stream")
    assert not obstacles([camera])
    assert "secret" not in json.dumps(list(Assessment.objects.values_list("configuration", flat=True)))


def test_a_new_camera_does_not_run_and_the_others_go_on() -> None:
    old = make_camera()
    sign_all(old.site)
    new = make_camera(old.site)
    assert set(reasons_against_running([old, new])) == {new.pk}
    assert not reasons_against_start(old)
    sign_all(old.site)
    assert not reasons_against_running([old, new])


def test_a_site_that_was_never_assessed_runs_nothing_but_what_is_older_than_the_questionnaire() -> None:
    new, old = make_camera(), make_camera()
    before = Questionnaire.objects.earliest("loaded_at").loaded_at - timedelta(days=1)
    Camera.objects.filter(pk=old.pk).update(created_at=before)
    cameras = list(Camera.objects.all())
    assert set(reasons_against_running(cameras)) == {new.pk}
    assert reasons_against_start(Camera.objects.get(pk=old.pk)), "what is stopped is not started without"
    Questionnaire.objects.update(loaded_at=timezone.now() - grace() - timedelta(seconds=1))
    Camera.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=99))
    assert set(reasons_against_running(Camera.objects.all())) == {new.pk, old.pk}


def test_the_grace_period_counts_from_when_a_change_was_first_seen_whatever_came_between() -> None:
    camera = make_camera(threshold_percent=40)
    sign_all(camera.site)
    Camera.objects.update(threshold_percent=30)
    assert changes_note() == 2, "both assessments ask about thresholds"
    assert changes_note() == 0
    StaleSince.objects.update(seen_at=timezone.now() - grace() - timedelta(seconds=1))
    Camera.objects.update(threshold_percent=40)
    assert not reasons_against_running([camera])
    Camera.objects.update(threshold_percent=25)
    assert reasons_against_running([camera]), "to and fro wins no time"
    sign_all(camera.site)
    assert not obstacles([camera])


def test_what_becomes_stale_stands_in_the_trail_once() -> None:
    camera = make_camera()
    assessment = signed(camera.site)
    Camera.objects.update(threshold_percent=30)
    note_changes()
    note_changes()
    (entry,) = AuditEntry.objects.filter(action="assessment.stale")
    body = json.loads(entry.body)
    assert (body["subject"], body["site"]) == (f"assessment:{assessment.pk}", camera.site_id)
    assert body["details"]["changes"] == [{"aspect": "threshold", "of": str(camera.pk), "change": "changed"}]


def test_a_new_version_of_a_questionnaire_is_signed_within_the_grace_period() -> None:
    camera = make_camera()
    sign_all(camera.site)
    first = Questionnaire.objects.get(slug=RIGHTS)
    newer = Questionnaire.objects.create(
        slug=RIGHTS, version=2, title=first.title, is_required=True, content=first.content, sha256="0" * 64
    )
    assert not reasons_against_running([camera])
    assert "new version" in reasons_against_start(camera)[0]
    Questionnaire.objects.filter(pk=newer.pk).update(loaded_at=timezone.now() - grace() - timedelta(seconds=1))
    assert reasons_against_running([camera])
    signed(camera.site, RIGHTS)
    assert not obstacles([camera])


def test_a_network_of_a_site_of_its_own_concerns_that_site_only() -> None:
    here, elsewhere = make_camera(), make_camera()
    for camera in (here, elsewhere):
        sign_all(camera.site)
    network_declare(kind=RunningNetwork.Kind.MASKER, name="trial", weights="1" * 12, site=here.site)
    assert set(obstacles([here, elsewhere])) == {here.pk}
    assert AuditEntry.objects.filter(action="network.changed").count() == 0, "its first one replaces none"
    network_declare(kind=RunningNetwork.Kind.MASKER, name="trial", weights="2" * 12, site=here.site)
    network_declare(kind=RunningNetwork.Kind.MASKER, name="trial", weights="2" * 12, site=here.site)
    assert AuditEntry.objects.filter(action="network.changed").count() == 1


def test_asking_for_many_cameras_takes_no_more_queries_than_for_one() -> None:
    site = make_site()
    cameras = [make_camera(site) for _ in range(3)] + [make_camera()]
    sign_all(site)
    Camera.objects.update(threshold_percent=30)
    counts = []
    for asked in (cameras[:1], cameras):
        with CaptureQueriesContext(connection) as captured:
            reasons_against_running(asked)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 7
