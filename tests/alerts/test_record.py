import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import AlertState
from alerts.record import LocalRecord, confidence_band, local_record
from alerts.shrinkage import LEAST_STRENGTH, MOST_STRENGTH, STRENGTH, Tally, camera_strength, confirmed_share
from cameras.models import Camera
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_site

NOBODY = Tally(0, 0)


def drawn(chance: random.Random, share: float, decided: int) -> Tally:
    return Tally(decided, sum(chance.random() < share for _ in range(decided)))


def test_the_estimate_is_nearer_the_truth_than_the_count_and_than_the_average_and_says_how_near() -> None:
    chance = random.Random(7)
    errors = {"shrunk": 0.0, "counted": 0.0, "average": 0.0}
    inside = cameras = 0
    for _ in range(60):
        shares = [chance.betavariate(4, 6) for _ in range(20)]
        tallies = [drawn(chance, share, chance.choice([2, 5, 12, 40])) for share in shares]
        average = sum(tally.confirmed for tally in tallies) / sum(tally.decided for tally in tallies)
        for number, (share, tally) in enumerate(zip(shares, tallies, strict=True)):
            others = tallies[:number] + tallies[number + 1 :]
            estimate = confirmed_share(tally, others[:5], others[5:])
            errors["shrunk"] += (estimate.mean - share) ** 2
            errors["counted"] += (tally.confirmed / tally.decided - share) ** 2
            errors["average"] += (average - share) ** 2
            inside += estimate.low <= share <= estimate.high
            cameras += 1
    assert errors["shrunk"] < 0.8 * min(errors["counted"], errors["average"])
    assert 0.85 <= inside / cameras <= 0.97  # the interval is said to be one of 90 %


def test_how_alike_cameras_are_is_measured() -> None:
    chance = random.Random(3)
    alike = [drawn(chance, 0.4, 60) for _ in range(40)]
    worlds_apart = [Tally(60, 60 if number % 2 else 2) for number in range(40)]
    between = [drawn(chance, chance.betavariate(4, 6), 60) for _ in range(400)]  # worth 4 + 6 alerts
    assert camera_strength(alike) > 30
    assert camera_strength(worlds_apart) == LEAST_STRENGTH
    assert camera_strength(between) == pytest.approx(10, rel=0.25)
    assert camera_strength(between[:1]) == STRENGTH
    assert camera_strength([Tally(1, 1)] * 9) == STRENGTH  # one alert each says nothing about likeness
    assert camera_strength([Tally(9, 9)] * 900) == MOST_STRENGTH


def test_a_long_record_speaks_for_itself_and_an_empty_one_says_what_the_others_say() -> None:
    others = [Tally(50, 45)] * 10
    own = confirmed_share(Tally(1000, 100), [], others)
    none = confirmed_share(NOBODY, [], others)
    assert own.mean == pytest.approx(0.1, abs=0.04)
    assert none.mean == pytest.approx(0.9, abs=0.02)
    assert none.deviation > own.deviation


def test_the_site_counts_more_than_other_sites() -> None:
    low, high = [Tally(30, 3)] * 5, [Tally(30, 27)] * 5
    assert confirmed_share(NOBODY, low, high).mean < 0.3
    assert confirmed_share(NOBODY, high, low).mean > 0.7


@pytest.mark.parametrize(("decided", "is_enough"), [(0, False), (9, False), (10, True)])
def test_nothing_is_said_from_fewer_than_ten(decided: int, is_enough: bool) -> None:
    assert confirmed_share(Tally(decided, 0), [], []).is_enough is is_enough


def test_a_tally_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0 to `decided` \(2\), got 3"):
        Tally(2, 3)


@pytest.mark.parametrize(
    ("confidence", "words"), [(0.0, "below 50 %"), (50.0, "50 to 80 %"), (80.0, "from 80 %"), (100.0, "from 80 %")]
)
def test_every_confidence_lies_in_one_band(confidence: float, words: str) -> None:
    record = LocalRecord(confirmed_share(NOBODY, [], []), NOBODY, NOBODY, confidence_band(confidence))
    assert record.band_words == words


def decided(camera: Camera, confirmed: int, dismissed: int, **fields: object) -> None:
    for number in range(confirmed + dismissed):
        state = AlertState.CONFIRMED if number < confirmed else AlertState.DISMISSED
        make_alert(camera, state=state, **fields)


def test_only_decided_alerts_of_the_same_kind_band_and_time_are_like_one(desk: Desk) -> None:
    camera = desk.alert.camera
    decided(camera, 3, 1)
    decided(camera, 1, 0, kind="dispersal")
    decided(camera, 1, 0, confidence=81.0)
    decided(camera, 1, 0, confidence=49.9)
    decided(camera, 1, 0, raised_at=timezone.now() - timedelta(days=91))
    make_alert(camera, state=AlertState.ESCALATED)
    decided(make_camera(desk.site), 0, 2)
    decided(make_camera(make_site()), 1, 0)
    record = local_record(desk.alert)
    assert record.here == Tally(4, 3)
    assert record.elsewhere == Tally(3, 1)


def test_the_page_says_how_often_or_that_there_are_too_few(desk: Desk, as_operator: Client) -> None:
    path = f"/alerts/{desk.alert.pk}/"
    assert "Too few alerts like this are decided yet" in as_operator.get(path).text
    decided(desk.alert.camera, 8, 2)
    record = local_record(desk.alert)
    text = as_operator.get(path).text
    assert f"about {record.of_hundred} (±{record.plus_minus}) were confirmed" in text
    assert 70 <= record.of_hundred <= 80
    assert "10 decided at this camera and 0 at others" in text


def test_the_record_costs_two_queries_for_one_camera_and_for_many(desk: Desk) -> None:
    with CaptureQueriesContext(connection) as few:
        local_record(desk.alert)
    for _ in range(12):
        decided(make_camera(desk.site), 1, 1)
    with CaptureQueriesContext(connection) as many:
        local_record(desk.alert)
    assert len(few) == len(many) == 2
