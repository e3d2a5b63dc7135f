"""Figures of a commissioning from labels and alerts whose truth is known."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cameras.commissioning.models import Run, Still
from inference.commissioning.figures import false_figure, leak_figure, recall_figure
from inference.commissioning.intervals import poisson_rate, wilson
from inference.models import DetectorRelease, ScoreHour
from paca_site.accounts.models import Role
from tests.cast import make_alert, make_camera, make_site, make_user
from tests.inference.commissioning.walks import make_run


def stills(*labels: tuple[int, int] | None) -> list[Still]:
    """Give stills with (visible, uncovered); None: cannot tell."""
    return [
        Still(number=number, cannot_tell=label is None, visible=label and label[0], uncovered=label and label[1])
        for number, label in enumerate(labels, start=1)
    ]


def test_wilson_gives_the_published_interval() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 gives .2553 to .3662
    share = wilson(81, 263)
    assert (round(share.low, 4), round(share.high, 4)) == (0.2553, 0.3662)
    assert (wilson(0, 10).low, wilson(10, 10).high) == (0.0, 1.0)
    assert round(wilson(0, 10).high, 4) == 0.2775


def test_byar_is_close_to_the_exact_interval_of_a_count() -> None:
    # exact (Garwood) limits of 10 events: 4.795 to 18.390; of none: 0 to 3.689
    rate = poisson_rate(10, 1.0)
    assert rate.low == pytest.approx(4.795, rel=0.01)
    assert rate.high == pytest.approx(18.390, rel=0.01)
    none = poisson_rate(0, 2.0)
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(3.689 / 2, rel=0.03)


@pytest.mark.parametrize(("hits", "count"), [(1, 0), (-1, 5), (6, 5)])
def test_a_share_that_cannot_be_is_refused(hits: int, count: int) -> None:
    with pytest.raises(ValueError, match=r"`hits` must be 0 to `count`"):
        wilson(hits, count)


def test_recall_counts_people_and_leaves_out_what_cannot_be_told(settings: Any) -> None:
    settings.COMMISSION_RECALL_PERCENT = 97
    figure = recall_figure(stills((4, 1), None, (0, 0), (6, 0)))
    assert (figure.counted, figure.of, figure.value) == (9, 10, 90.0)
    assert figure.is_few
    assert figure.judgement == "open"  # 90 %, and from ten people nobody can tell it from 97 %


def test_recall_is_met_or_missed_only_where_the_whole_interval_says_so(settings: Any) -> None:
    settings.COMMISSION_RECALL_PERCENT = 97
    assert recall_figure(stills(*[(10, 0)] * 40)).judgement == "met"
    assert recall_figure(stills(*[(10, 1)] * 40)).judgement == "missed"
    assert recall_figure(stills((10, 1), *[(10, 0)] * 39)).judgement == "met"
    assert not recall_figure(stills(*[(10, 0)] * 40)).is_few


def test_recall_of_a_walk_on_which_nobody_was_seen_is_unknown() -> None:
    figure = recall_figure(stills((0, 0), None))
    assert (figure.value, figure.judgement, figure.is_few) == (None, "open", True)


def test_leaks_on_stills_that_follow_each_other_are_one_and_unclear_ones_end_none() -> None:
    # leaks: stills 2-3, 5 (the unclear one between 5 and 7 joins them), 9
    told = stills((2, 0), (2, 1), (2, 2), (2, 0), (2, 1), None, (2, 1), (2, 0), (2, 1), (2, 0))
    figure = leak_figure(told, 20.0)
    assert figure.counted == 3
    assert figure.of == pytest.approx(9 * 20 / 3600)  # the unclear one is no time observed
    assert figure.value == pytest.approx(60.0)
    assert figure.judgement == "missed"


@pytest.fixture
def run(db: None) -> Run:
    site = make_site()
    ended_at = datetime.now(tz=timezone.get_default_timezone()).replace(minute=30, second=0, microsecond=0)
    ended_at -= timedelta(hours=60)
    supervisor = make_user(Role.SUPERVISOR, site)
    return make_run(make_camera(site), supervisor, began_at=ended_at - timedelta(minutes=10), ended_at=ended_at)


def scored(run: Run, first: int, count: int, seconds: float = 3600.0) -> None:
    release, _ = DetectorRelease.objects.get_or_create(
        weights="0" * 12, defaults={"name": "test", "default_percent": 50, "thresholds": [50]}
    )
    assert run.ended_at is not None
    start = run.ended_at.replace(minute=0) + timedelta(hours=first)
    for hour in range(count):
        at = start + timedelta(hours=hour)
        ScoreHour.objects.create(camera=run.camera, release=release, hour=at, observed_s=seconds, events=[0])


@pytest.mark.usefixtures("services")
def test_false_alerts_are_those_dismissed_in_whole_hours_after_the_walk(run: Run, settings: Any) -> None:
    settings.COMMISSION_FALSE_PER_DAY = 10
    assert run.ended_at is not None
    scored(run, 0, 49)  # the hour of the walk, and 48 after it
    for hours, state in ((0.2, "dismissed"), (1, "dismissed"), (20, "dismissed"), (30, "confirmed"), (40, "dismissed")):
        make_alert(run.camera, state=state, raised_at=run.ended_at + timedelta(hours=hours))
    make_alert(state="dismissed", raised_at=run.ended_at + timedelta(hours=5))  # another camera's
    figure = false_figure(run, timezone.now())
    assert (figure.counted, figure.of, figure.value) == (3, 48.0, 1.5)
    assert (figure.judgement, figure.is_few, figure.undecided) == ("met", False, 0)


@pytest.mark.usefixtures("services")
def test_alerts_that_wait_keep_the_bound_from_being_met(run: Run, settings: Any) -> None:
    settings.COMMISSION_FALSE_PER_DAY = 10
    assert run.ended_at is not None
    scored(run, 1, 24)
    assert false_figure(run, timezone.now()).judgement == "met"
    for hour in range(2, 12):
        make_alert(run.camera, raised_at=run.ended_at + timedelta(hours=hour))
    figure = false_figure(run, timezone.now())
    assert (figure.counted, figure.undecided, figure.judgement) == (0, 10, "open")


@pytest.mark.usefixtures("services")
def test_hours_the_detector_did_not_see_are_not_observed(run: Run) -> None:
    figure = false_figure(run, timezone.now())
    assert (figure.value, figure.of, figure.is_few, figure.judgement) == (None, 0.0, True, "open")
    scored(run, 1, 10, 900.0)
    assert false_figure(run, timezone.now()).of == 2.5
