"""The gate of many cameras is worked out once, and anew as soon as anything it depends on was written."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from cameras.assessing import gate, remembering
from cameras.assessing.models import Questionnaire, RunningNetwork, TrialPeriod
from cameras.assessing.remembering import READ_FROM, obstacles_remembered
from cameras.assessing.services.noticing import changes_note
from cameras.assessing.standing import obstacles, standings
from cameras.models import Camera, RetentionPolicy
from cameras.row_state import Remembered, row_state
from tests.cameras.assessing.made import sign_all
from tests.cast import make_camera, make_policy, make_site

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> list[Camera]:
    monkeypatch.setattr(remembering, "WORTH_IT", 2)
    monkeypatch.setattr(remembering, "_found", Remembered())
    site, policy = make_site(), make_policy()
    cameras = [make_camera(site, retention=policy) for _ in range(3)]
    sign_all(site)
    return cameras


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_second_question_reads_no_row(cameras: list[Camera]) -> None:
    obstacles_remembered(cameras, timezone.now())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert obstacles_remembered(cameras, timezone.now()) == {}
    assert len(asked) == 1
    assert "xmin" in asked[0]["sql"]


def test_every_table_that_the_gate_reads_is_watched(cameras: list[Camera]) -> None:
    Camera.objects.update(threshold_percent=35)
    with CaptureQueriesContext(connection) as asked:
        standings([camera.site_id for camera in cameras])
        obstacles(cameras)
    read = {table for query in asked for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    names_only = {"cameras_site", "accounts_user"}  # joined for names on pages; no obstacle depends on them
    assert read - names_only <= {table._meta.db_table for table in READ_FROM}


@pytest.mark.parametrize(
    "write",
    [
        lambda camera: Camera.objects.filter(pk=camera.pk).update(threshold_percent=30),
        lambda camera: _execute("UPDATE cameras_camera SET purpose = 'Another'"),
        lambda camera: RetentionPolicy.objects.update(clip_days=1),
        lambda camera: make_camera(camera.site),
        lambda camera: RunningNetwork.objects.update(weights="0" * 64),
        lambda camera: TrialPeriod.objects.create(camera=camera, until=timezone.now()),
        lambda camera: Questionnaire.objects.update(version=99),
    ],
    ids=["update", "sql", "policy", "new camera", "network", "trial", "questionnaire"],
)
def test_whatever_is_written_by_whomever_is_noticed_at_once(
    cameras: list[Camera], write: Callable[[Camera], object]
) -> None:
    now = timezone.now()
    assert obstacles_remembered(cameras, now) == {}
    before = row_state(*READ_FROM)
    write(cameras[0])
    assert row_state(*READ_FROM) != before
    assert obstacles_remembered(cameras, now) == obstacles(cameras, now)


def test_a_grace_period_ends_also_in_what_is_remembered(cameras: list[Camera]) -> None:
    Camera.objects.filter(pk=cameras[0].pk).update(threshold_percent=30)
    changes_note()
    assert gate.reasons_against_running(cameras) == {}
    with pytest.MonkeyPatch.context() as patch:
        later = timezone.now() + timedelta(days=15)
        patch.setattr("django.utils.timezone.now", lambda: later)
        assert set(gate.reasons_against_running(cameras)) == {cameras[0].pk}


@pytest.mark.parametrize("languages", [("en", "nb"), ("nb", "en")])
def test_an_answer_in_one_language_is_not_given_in_another(cameras: list[Camera], languages: tuple[str, str]) -> None:
    Camera.objects.update(threshold_percent=30)
    now = timezone.now()
    for language in languages:
        with translation.override(language):
            assert obstacles_remembered(cameras, now) == obstacles(cameras, now)


def test_a_row_that_is_written_back_as_it_was_counts_as_written(cameras: list[Camera]) -> None:
    before = row_state(Camera)
    assert row_state(Camera) == before
    _execute("UPDATE cameras_camera SET name = name")
    assert row_state(Camera) != before
