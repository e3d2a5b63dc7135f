"""Kappa, slopes and signs against numbers worked out by hand, and of cases where they must keep silent."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from paca_site.oversight.deciding.agreement import agreement_of
from paca_site.oversight.deciding.records import AlertRecord
from paca_site.oversight.deciding.signs import Blind, signs_of
from paca_site.oversight.deciding.slope import slope_of

START = datetime(2026, 3, 2, 6, tzinfo=UTC)


def pairs(**cells: int) -> list[tuple[str, str]]:
    words = {"c": "confirm", "d": "dismiss", "u": "escalate"}
    return [(words[cell[0]], words[cell[1]]) for cell, count in cells.items() for _ in range(count)]


def record(alert: int, verdict: str = "dismiss", **fields: object) -> AlertRecord:
    values = {
        "site": 1, "camera": 1, "confidence": 60.0, "raised_at": START, "by": 1, "decided_at": START,
        "opened_s": 20.0, "watched_s": 8.0, **fields,
    }  # fmt: skip
    return AlertRecord(alert=alert, verdict=verdict, **values)  # type: ignore[arg-type]


def test_kappa_of_cohens_own_kind_of_table() -> None:
    # 20 + 15 of 50 alike; margins 25/25 and 30/20: chance gives 0.5 * 0.6 + 0.5 * 0.4 = 0.5; (0.7 - 0.5) / 0.5
    found = agreement_of(pairs(cc=20, cd=5, dc=10, dd=15))
    assert found.kappa == pytest.approx(0.4)
    assert (found.same.right, found.same.of) == (35, 50)
    assert found.low is not None
    assert found.high is not None
    # the large-sample error here is 0.127: 0.4 -+ 1.645 * 0.127
    assert found.low == pytest.approx(0.19, abs=0.04)
    assert found.high == pytest.approx(0.61, abs=0.04)


def test_cannot_tell_is_never_the_same() -> None:
    # alike 50 of 60; chance: (25 * 24 + 35 * 35) / 3600 = 0.506944; (0.833333 - 0.506944) / 0.493056
    found = agreement_of(pairs(cc=20, cd=5, dc=4, dd=30, du=1))
    assert found.kappa == pytest.approx(0.66197, abs=1e-5)
    assert found.table == (("confirm", (20, 5, 0)), ("dismiss", (4, 30, 1)))


def test_few_pairs_that_all_agree_are_no_certainty() -> None:
    found = agreement_of(pairs(cc=3, dd=3))
    assert found.kappa == pytest.approx(1.0)
    assert found.high == 1.0
    assert found.low is not None
    assert found.low < 0.8


def test_kappa_is_silent_where_chance_explains_everything_or_there_is_nothing() -> None:
    for found in (agreement_of(pairs(dd=40)), agreement_of([])):
        assert (found.kappa, found.low, found.high) == (None, None, None)
    with pytest.raises(ValueError, match="got"):
        agreement_of([("escalate", "confirm")])


def test_the_interval_of_kappa_holds_the_truth_about_as_often_as_it_says() -> None:
    dice = random.Random(7)
    held = 0
    for _ in range(60):  # two people who each see the truth, half of it positive, nine times of ten: kappa 0.64
        truth = [dice.random() < 0.5 for _ in range(80)]
        said = [tuple("confirm" if dice.random() < (0.9 if one else 0.1) else "dismiss" for _ in "ab") for one in truth]
        found = agreement_of(said)  # type: ignore[arg-type]
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.64 <= found.high
    assert held >= 48  # of 54 to be expected


def test_a_slope_is_found_as_it_was_made() -> None:
    found = slope_of([(float(x), 3.0 * x + (1.0 if x % 2 else -1.0)) for x in range(40)])
    assert found is not None
    assert found.value == pytest.approx(3.0, abs=0.02)
    assert found.low < 3.0 < found.high
    assert found.rises
    assert not found.falls


def test_a_slope_is_silent_of_few_points_or_of_one_place() -> None:
    assert slope_of([(float(x), 1.0) for x in range(29)]) is None
    assert slope_of([(2.0, float(y)) for y in range(40)]) is None


def test_leaning_is_what_the_first_confirms_more_than_the_blind_with_more_confidence() -> None:
    records, blind = [], {}
    for number in range(60):
        confidence = 30.0 if number < 30 else 90.0
        # of the low ones both confirm a third; of the high ones the first confirms all, the blind a third
        second = "confirm" if number % 3 == 0 else "dismiss"
        first = second if number < 30 else "confirm"
        records.append(record(number, first, confidence=confidence))
        blind[number] = Blind(first, second, is_random=True)
    found = signs_of(records, blind, with_clip=(), shift_start={})
    assert found.leaning is not None
    # two thirds of 100 points over 6 tens of confidence
    assert found.leaning.value == pytest.approx(100 * (2 / 3) / 6, abs=1e-6)
    assert found.is_leaning
    low, _, high = found.bands
    assert (low.confirmed.right, low.confirmed.of, low.blind.right, low.first.right) == (10, 30, 10, 10)
    assert (high.confirmed.right, high.confirmed.of, high.blind.right, high.first.right) == (30, 30, 10, 30)
    assert (low.confidence, high.confidence) == (30.0, 90.0)


def test_a_confirm_rate_that_rises_as_the_blind_find_it_is_no_sign() -> None:
    records, blind = [], {}
    for number in range(80):
        confidence = 30.0 if number < 40 else 90.0
        truth = "confirm" if number % 10 < (2 if number < 40 else 8) else "dismiss"
        slip = number % 20 == 1
        second = ("dismiss" if truth == "confirm" else "confirm") if slip else truth
        records.append(record(number, truth, confidence=confidence))
        blind[number] = Blind(truth, second, is_random=True)
    assert not signs_of(records, blind, with_clip=(), shift_start={}).is_leaning


def test_reviews_not_drawn_by_chance_and_decisions_without_the_number_say_nothing_of_leaning() -> None:
    severe = {number: Blind("confirm", "dismiss", is_random=False) for number in range(40)}
    records = [record(number, "confirm", confidence=30.0 + number) for number in range(40)]
    assert signs_of(records, severe, with_clip=(), shift_start={}).leaning is None
    drawn = {number: Blind("confirm", "dismiss", is_random=True) for number in range(40)}
    unseen = [record(n, "confirm", confidence=30.0 + n, is_confidence_shown=False) for n in range(40)]
    assert signs_of(unseen, drawn, with_clip=(), shift_start={}).leaning is None


def test_quick_and_unwatched_decisions_are_counted_of_those_that_could_be_otherwise() -> None:
    records = [
        *(record(n, opened_s=4.9) for n in range(20)),
        *(record(n, opened_s=5.0) for n in range(20, 60)),
        *(record(n, opened_s=None, watched_s=0.9) for n in range(60, 80)),
        *(record(n, opened_s=1.0, watched_s=0.0, is_bulk=True) for n in range(80, 90)),
        record(99, verdict=""),
    ]
    found = signs_of(records, {}, with_clip=range(40, 70), shift_start={})
    assert (found.quick.right, found.quick.of) == (20, 60)
    assert (found.unwatched.right, found.unwatched.of) == (10, 30)
    assert found.is_quick
    assert found.is_unwatched
    assert found.bulk == 10


def test_a_few_quick_ones_are_no_sign() -> None:
    found = signs_of([record(n, opened_s=1.0 if n < 3 else 9.0) for n in range(60)], {}, with_clip=(), shift_start={})
    assert found.quick.percent == 5
    assert not found.is_quick


@pytest.mark.parametrize(("changes", "is_sign"), [(True, True), (False, False)])
def test_dismissals_that_become_rarer_in_the_course_of_a_shift_are_a_sign(changes: bool, is_sign: bool) -> None:
    records, starts = [], {}
    for number in range(80):
        hour = number // 10  # 10 decisions an hour, of which 9, 8, ... 2 are dismissed, or always 6
        verdict = "dismiss" if number % 10 < (9 - hour if changes else 6) else "confirm"
        records.append(record(number, verdict, decided_at=START + timedelta(hours=hour)))
        starts[number] = START
    found = signs_of(records, {}, with_clip=(), shift_start=starts)
    assert found.by_hour is not None
    assert found.by_hour.value == pytest.approx(-10.0 if changes else 0.0, abs=1e-6)
    assert found.is_tiring is is_sign


def test_dismissals_that_become_rarer_from_week_to_week_are_a_sign() -> None:
    records = []
    for number in range(80):
        week = number // 20  # of 20 a week 16, 12, 8, 4 are dismissed
        verdict = "dismiss" if number % 20 < 16 - 4 * week else "confirm"
        records.append(record(number, verdict, decided_at=START + timedelta(weeks=week)))
    found = signs_of(records, {}, with_clip=(), shift_start={})
    assert found.by_week is not None
    assert found.by_week.value == pytest.approx(-20.0, abs=1e-6)
    assert found.is_settling
    assert found.by_hour is None
    assert not found.is_tiring
