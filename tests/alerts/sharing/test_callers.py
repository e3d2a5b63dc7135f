"""Which cameras call most, and for how little: from alerts whose true figures the test knows."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import AlertState
from alerts.sharing.callers import chatters_in, most_within, site_callers
from cameras.models import Camera, Site
from paca_site.accounts.models import Role
from tests.cast import make_alert, make_camera, make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of
from tests.test_pages import check

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=timezone.now().tzinfo)


def calls(
    camera: Camera, count: int, confirmed: int = 0, every: timedelta = timedelta(hours=1), **fields: object
) -> None:
    for number in range(count):
        state = AlertState.CONFIRMED if number < confirmed else AlertState.DISMISSED
        make_alert(camera, raised_at=NOON - timedelta(hours=2) - number * every, **{"state": state, **fields})


@pytest.fixture
def site() -> Site:
    return make_site()


def test_the_week_of_each_camera_is_counted_and_the_one_that_calls_for_little_is_named(site: Site) -> None:
    noisy, useful, quiet = (make_camera(site, name=name) for name in ("Noisy", "Useful", "Quiet"))
    calls(noisy, 30, confirmed=3)
    calls(useful, 15, confirmed=12)
    calls(quiet, 2)
    calls(noisy, 5, is_seeded=True)
    calls(noisy, 4, every=timedelta(days=8))  # one of them within the week
    (week,) = site_callers([site], NOON)
    assert week.alerts == 48
    assert [(one.camera.name, one.alerts, one.confirmed, one.decided) for one in week.callers] == [
        ("Noisy", 31, 3, 31), ("Useful", 15, 12, 15), ("Quiet", 2, 0, 2),
    ]  # fmt: skip
    assert [one.calls_for_little for one in week.callers] == [True, False, False]
    assert week.callers[2].confirmed_percent is None
    assert week.callers[0].share == pytest.approx(31 / 48)


def test_three_in_a_minute_are_a_chatter_each_alert_counted_once() -> None:
    def at(*seconds: int) -> list[datetime]:
        return [NOON + timedelta(seconds=second) for second in seconds]

    assert chatters_in(at(0, 30, 60)) == 1
    assert chatters_in(at(0, 30, 61)) == 0
    assert chatters_in(at(0, 1, 2, 3, 4, 5)) == 2
    assert chatters_in(at(0, 50, 70, 100)) == 1
    assert chatters_in([]) == 0


def test_the_peak_is_the_most_within_ten_minutes_of_the_last_day(site: Site) -> None:
    camera = make_camera(site)
    calls(camera, 12, every=timedelta(seconds=45))
    for minutes in range(30):
        make_alert(camera, raised_at=NOON - timedelta(days=2, minutes=minutes * 0.1), state=AlertState.DISMISSED)
    (week,) = site_callers([site], NOON)
    assert (week.peak, week.is_flooded) == (12, True)
    assert most_within([], timedelta(minutes=10)) == 0
    assert most_within([NOON, NOON + timedelta(minutes=10)], timedelta(minutes=10)) == 1


def test_many_sites_and_cameras_cost_as_many_queries_as_one(site: Site) -> None:
    def queries(sites: list[Site]) -> int:
        with CaptureQueriesContext(connection) as captured:
            site_callers(sites, NOON)
        return len(captured)

    calls(make_camera(site), 3)
    one = queries([site])
    others = [make_site() for _ in range(3)]
    for other in others:
        calls(make_camera(other), 3)
        calls(make_camera(other), 3)
    assert queries([site, *others]) == one == 4


def test_supervisors_read_the_page_of_their_sites_only(site: Site, services: object) -> None:
    camera, elsewhere = make_camera(site, name="Fountain"), make_camera(name="Elsewhere")
    for each in (camera, elsewhere):
        for _ in range(12):
            make_alert(each, state=AlertState.DISMISSED)
    page = client_of(make_user(Role.SUPERVISOR, site)).get("/load/callers/")
    check(page)
    assert "Fountain" in page.text
    assert "Elsewhere" not in page.text
    assert "Calls for little" in page.text
    assert "No camera called here." in client_of(make_user(Role.SUPERVISOR, make_site())).get("/load/callers/").text
