"""The monthly tables: what counts in which row, and what nobody can work out from them."""

import statistics
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, strategies

from paca_site.audit.actions import ACTIONS
from paca_site.oversight.counting import (
    DECIDED,
    LOOKED,
    RAISED,
    UNDONE,
    WHOLE,
    Outcome,
    finished_months,
    medians,
    month_before,
    month_of,
)
from paca_site.oversight.monthly.models import CountedMonth, MonthFigures
from paca_site.oversight.monthly.services import months_count
from paca_site.oversight.page import transparency_html
from tests.paca_site.oversight.page import JUNE, NOW, html, old_site, rows
from tests.paca_site.oversight.trail import alerts, decided, entry, raised, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def test_counts_of_a_finished_month_stand_in_its_row() -> None:
    site = old_site()
    at = JUNE + timedelta(days=3)
    alerts(site, at, "alert.confirmed", 6, after_s=60)
    alerts(site, at, "alert.dismissed", 9, after_s=30)
    alerts(site, at, "alert.escalated", 2)
    for action, count in (("camera.watched", 8), ("alert.clip-viewed", 3), ("hold.placed", 0)):
        for _ in range(count):
            entry(action, at, site)
    entry("audit.exported", at, None)
    found = rows(html())
    assert ["June 2026", "16 to 19", "6", "9", "fewer than 5", "0", "30 s"] in found
    assert ["June 2026", "8", "fewer than 5", "0", "0", "0", "0", "0", "0", "0"] in found
    assert ["June 2026", "fewer than 5"] in found


def test_sites_are_counted_apart() -> None:
    here, there = old_site(), old_site()
    alerts(here, JUNE, "alert.confirmed", 7)
    page = rows(html())
    assert ["June 2026", "7", "7", "0", "0", "0", "40 s"] in page
    assert ["June 2026", "0", "0", "0", "0", "0", "not told"] in page
    assert there.pk != here.pk


def test_the_sum_of_months_is_made_of_what_is_told() -> None:
    site = old_site()
    alerts(site, JUNE, "alert.confirmed", 3)
    alerts(site, JUNE + timedelta(days=31), "alert.confirmed", 10)
    found = rows(html(NOW + timedelta(days=31)))
    assert ["Together", "11 to 14", "11 to 14", "0", "0", "0", "\u2013"] in found


@pytest.mark.parametrize("action", DECIDED)
def test_one_and_four_events_make_the_same_page(action: str) -> None:
    site, at = old_site(), JUNE + timedelta(days=3)
    alerts(site, at, "alert.dismissed" if action != "alert.dismissed" else "alert.confirmed", 30, after_s=20)
    alerts(site, at, action, 1, after_s=900)
    entry("hold.placed", at, site)
    before = html()
    alerts(site, at, action, 3, after_s=900)
    for _ in range(3):
        entry("hold.placed", at, site)
    assert html() == before
    alerts(site, at, action, 1, after_s=900)
    assert html() != before


def test_the_running_month_is_not_told() -> None:
    site = old_site()
    before = html()
    alerts(site, NOW, "alert.confirmed", 50)
    entry("camera.watched", NOW, site)
    assert html() == before
    assert "July 2026 follows when it is over" in before


def test_a_month_that_was_told_stays_as_it_was() -> None:
    site = old_site()
    for number in range(6):
        raised(site, JUNE + timedelta(days=29), f"alert:{number}")
    assert ["June 2026", "6", "0", "0", "0", "6", "not told"] in rows(html())
    for number in range(6):
        decided("alert.confirmed", NOW, site, f"alert:{number}")
    assert ["June 2026", "6", "0", "0", "0", "6", "not told"] in rows(html())


def test_what_was_undone_does_not_count() -> None:
    site = old_site()
    for number in range(5):
        at = JUNE + timedelta(hours=number)
        raised(site, at, f"alert:{number}")
        wrong = decided("alert.escalated", at + timedelta(seconds=20), site, f"alert:{number}", 20)
        undone(at + timedelta(seconds=25), site, f"alert:{number}", wrong)
        decided("alert.dismissed", at + timedelta(seconds=90), site, f"alert:{number}", 90)
    assert ["June 2026", "5", "0", "5", "0", "0", "90 s"] in rows(html())


def test_an_escalated_alert_counts_once_and_as_escalated() -> None:
    site = old_site()
    for number in range(5):
        raised(site, JUNE, f"alert:{number}")
        decided("alert.escalated", JUNE, site, f"alert:{number}", 30)
        decided("alert.confirmed", JUNE, site, f"alert:{number}", 600)
    assert ["June 2026", "5", "0", "0", "5", "0", "30 s"] in rows(html())


def test_the_last_twelve_finished_months_are_told_newest_first() -> None:
    months = finished_months(datetime(2020, 1, 5, tzinfo=UTC), NOW)
    assert (months[0], months[-1], len(months)) == (JUNE, datetime(2025, 7, 1, tzinfo=UTC), 12)
    assert finished_months(NOW, NOW) == []
    assert finished_months(JUNE + timedelta(days=9), NOW) == [JUNE]
    assert month_before(datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2025, 12, 1, tzinfo=UTC)


def test_the_page_reads_what_was_counted_and_never_the_trail() -> None:
    site = old_site()
    alerts(site, JUNE, "alert.confirmed", 7)
    assert months_count(NOW) == 12
    assert months_count(NOW) == 0
    alerts(site, JUNE, "alert.confirmed", 7)  # what nobody can do: the month is told as it was counted
    with CaptureQueriesContext(connection) as captured:
        page = transparency_html(address=str, now=NOW)
    assert ["June 2026", "7", "7", "0", "0", "0", "40 s"] in rows(page)
    assert not [query for query in captured if "audit_auditentry" in query["sql"]]


def test_a_month_that_is_not_counted_yet_is_told_as_such_and_never_as_empty() -> None:
    site = old_site()
    alerts(site, JUNE, "alert.confirmed", 7)
    page = transparency_html(address=str, now=NOW)
    assert "1 finished month is still being counted" in page
    assert not [row for row in rows(page) if row[0] == "June 2026"]
    assert (
        months_count(JUNE + timedelta(days=30, minutes=9)) == 12
    )  # June of last year in its place: nine minutes after its end it may still grow
    assert "still being counted" in transparency_html(address=str, now=NOW)
    assert months_count(NOW) == 1
    assert "still being counted" not in transparency_html(address=str, now=NOW)


def test_a_count_that_dies_leaves_nothing_of_its_month(monkeypatch: pytest.MonkeyPatch) -> None:
    old_site()

    def die(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(MonthFigures.objects, "bulk_create", die)
    with pytest.raises(MemoryError):
        months_count(NOW)
    assert not CountedMonth.objects.exists()


@given(
    times=strategies.dictionaries(
        strategies.sampled_from([Outcome.CONFIRMED, Outcome.DISMISSED, Outcome.ESCALATED]),
        strategies.lists(strategies.floats(0, 9000), min_size=1),
        min_size=1,
    )
)
def test_whatever_is_told_has_its_own_median(times: dict[Outcome, list[float]]) -> None:
    found = medians(times)
    assert len(found) == 2 ** len(times) - 1
    for told, after_s in found.items():
        assert after_s == statistics.median([one for outcome in told for one in times[outcome]])


def test_every_action_that_is_counted_is_one_of_the_trail() -> None:
    assert {RAISED, UNDONE, *DECIDED, *LOOKED, *WHOLE, *set(Outcome) - {Outcome.WAITING}} <= set(ACTIONS)


def test_this_month_begins_on_the_first() -> None:
    assert month_of(timezone.now()).day == 1
