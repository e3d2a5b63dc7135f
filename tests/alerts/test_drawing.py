from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.curve import HEIGHT, WIDTH, score_curve
from alerts.models import Alert, ClipState
from alerts.plan import situation_plan
from alerts.templatetags.alert_format import clock, compass, coordinates, lasting, points
from alerts.wording import facts_in_words, kind_words
from cameras.models import Camera
from tests.cast import make_camera, make_site


def an_alert(**fields: object) -> Alert:
    now = timezone.now()
    values = {"started_at": now, "ended_at": now + timedelta(seconds=4), "threshold": 0.5, **fields}
    return Alert(**values)


def test_the_curve_lies_on_the_clips_own_time() -> None:
    alert = an_alert(scores=[[-2, 0.1], [0, 0.6], [4, 1.0], [30, 0.2]])
    alert.clip_state, alert.clip_started_at = ClipState.READY, alert.started_at - timedelta(seconds=6)
    alert.clip_duration_s = 20.0
    curve = score_curve(alert)
    assert curve is not None
    assert (curve.first_s, curve.last_s) == (-6.0, 14.0)
    assert curve.start_x == pytest.approx(WIDTH * 6 / 20)
    assert curve.end_x == pytest.approx(WIDTH * 10 / 20)
    assert curve.threshold_y == HEIGHT / 2
    assert len(curve.line.split()) == 3  # what lies outside the clip is not drawn


def test_a_curve_of_fewer_than_two_scores_is_not_drawn() -> None:
    assert score_curve(an_alert(scores=[[0, 0.5]])) is None


def test_the_plan_puts_a_camera_to_the_east_on_the_right_and_to_scale(db: None) -> None:
    site = make_site()
    here = make_camera(site, latitude=60.0, longitude=8.0, heading_deg=0, view_deg=90, range_m=40)
    make_camera(site, latitude=60.0, longitude=8.0 + 30 / (111_320 * 0.5), heading_deg=0, range_m=20)  # cos 60° = 0.5
    make_camera(site, latitude=61.0, longitude=8.0)  # 111 km away
    plan = situation_plan(here)
    assert [mark.is_here for mark in plan.marks] == [False, True]
    assert plan.marks[0].x == pytest.approx(30.0, abs=0.1)
    assert plan.marks[0].y == pytest.approx(0.0, abs=0.1)
    first, *arc = [tuple(map(float, corner.split(","))) for corner in plan.marks[1].cone.split()]
    assert first == (0.0, 0.0)
    assert all(x * x + y * y == pytest.approx(1600, rel=0.01) for x, y in arc)
    assert all(y < 0 for _, y in arc)  # it looks north, and north is up


def test_words_for_facts_and_kinds() -> None:
    facts = facts_in_words({"people": 4.0, "speed": 2.31, "lying": 0.0, "direction_spread": 0.81, "new_thing_s": 3.456})
    lines = [(fact.label, fact.text) for fact in facts]
    assert lines == [
        ("People followed", "4"),
        ("Fastest, body heights/s", "2.3"),
        ("Different directions", "81 %"),
        ("New thing", "3.46"),
    ]
    assert kind_words("person-on-ground") == "Person on the ground"
    assert kind_words("something-else") == "Something else"


def test_times_places_and_lengths_read_well() -> None:
    at = timezone.datetime(2026, 11, 22, 21, 7, 31, tzinfo=timezone.get_fixed_timezone(0))  # type: ignore[attr-defined]
    assert clock(at, "Europe/Oslo") == "22:07:31 +01:00"
    assert clock(at, "America/St_Johns") == "17:37:31 -03:30"
    assert lasting(timedelta(seconds=12)) == "12 s"
    assert lasting(timedelta(seconds=83)) == "1 min 23 s"
    assert compass(350) == "north"
    assert coordinates(Camera(latitude=-33.9, longitude=-70.6)) == "33.9000 S 70.6000 W"
    assert points([[0.25, 1]]) == "0.2500,1.0000"
