"""The generated month by place and hour, per area and resident; whom masking was tested on; who may read and enter."""

import re
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from cameras.models import Camera, Site
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from paca_site.oversight.fairness.forms import month_after
from paca_site.oversight.fairness.models import SiteFacts
from paca_site.oversight.fairness.report import FairnessReport, fairness_report
from paca_site.oversight.fairness.services import site_facts_store
from paca_site.oversight.fairness.subgroups import (
    DIMENSIONS,
    GROUPS,
    NOT_MEASURED_CARD,
    dimensions_of,
    masking_by_subgroup,
    untested_of,
)
from paca_site.oversight.figures import Figure
from tests.cast import make_camera, make_site, make_user
from tests.paca_site.oversight.deciding.month import Month

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
START = datetime(2026, 3, 1, tzinfo=UTC)


def exact(count: int) -> Figure:
    return Figure(count, count)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def site(db: None) -> Site:
    return make_site(time_zone="Europe/Oslo")


@pytest.fixture
def people(site: Site) -> list[User]:
    return [make_user(Role.OPERATOR, site) for _ in range(3)]


@pytest.fixture
def report(site: Site, people: list[User]) -> FairnessReport:
    """A month: 9 of 15 false at the quay at five in the morning, 6 of 26 at the square at two; 2 in another month."""
    quay, square = make_camera(site, name="Quay"), make_camera(site, name="Square")
    make_camera(site, name="Tunnel")
    morning = Month(quay, people, START + timedelta(hours=4), timedelta(seconds=60))
    morning.add("dismiss", "dismiss", count=7, after_s=30)
    morning.add("dismiss", "confirm", count=2, after_s=30)
    morning.add("confirm", count=6, after_s=100)
    noon = Month(square, people, START + timedelta(hours=13), timedelta(seconds=60))
    noon.add("dismiss", count=6)
    noon.add("confirm", count=14)
    noon.add("dismiss", count=6, reason="resolved")
    later = Month(quay, people, START + timedelta(days=31), timedelta(seconds=60))
    later.add("dismiss", count=2)
    facts = SiteFacts(site=site, area_km2=0.5, residents=3000)
    return fairness_report(site, facts, START)


def test_the_tables_hold_the_true_values_of_the_month(report: FairnessReport) -> None:
    quay, square, tunnel = report.places
    assert [row.label for row in report.places] == ["Quay", "Square", "Tunnel"]
    assert (quay.alerts, quay.false, quay.confirmed) == (exact(15), exact(9), exact(6))
    assert (square.alerts, square.false, square.confirmed) == (exact(26), exact(6), exact(14))
    assert (square.resolved, tunnel.alerts) == (exact(6), exact(0))
    assert (report.false, report.cameras) == (exact(15), 3)


def test_hours_are_those_of_the_site(report: FairnessReport) -> None:
    alerts = {row.label: row.alerts.low for row in report.hours if row.alerts.low}
    assert alerts == {"05:00": 15, "14:00": 26}  # one hour before UTC in winter
    assert len(report.hours) == 24


def test_burden_is_told_for_each_camera_square_kilometre_and_thousand_residents(report: FairnessReport) -> None:
    assert report.per_camera is not None
    assert report.per_km2 is not None
    assert report.per_residents is not None
    assert (report.per_camera.low, report.per_camera.high) == (5.0, 5.0)
    assert (report.per_km2.low, report.per_residents.low) == (30.0, 5.0)


def test_how_decisions_went_is_told_with_its_rows(report: FairnessReport) -> None:
    quay, square, _ = report.places
    assert quay.confirmed_share is not None
    assert (quay.confirmed_share.right, quay.confirmed_share.of) == (6, 15)
    assert square.confirmed_share is not None
    assert (square.confirmed_share.right, square.confirmed_share.of) == (14, 20)
    assert (quay.decided_after, square.decided_after) == ("30 s", "40 s")
    assert quay.same is None  # 2 of 9 differ: a count that is not told
    assert square.same is None


def test_small_counts_are_ranges_and_so_is_everything_made_of_them(site: Site, people: list[User]) -> None:
    camera, other = make_camera(site), make_camera(site)
    Month(camera, people, START, timedelta(hours=1)).add("dismiss", count=3)
    Month(other, people, START, timedelta(hours=1)).add("dismiss", count=8)
    found = fairness_report(site, SiteFacts(site=site, area_km2=2.0), START)
    assert [row.false for row in found.places] == [Figure(1, 10), Figure(1, 10)]
    assert found.false == Figure(2, 20)
    assert found.per_km2 is not None
    assert (found.per_km2.low, found.per_km2.high) == (1.0, 10.0)
    assert found.per_residents is None
    assert all(row.confirmed_share is None for row in found.places)


def test_agreement_is_told_where_neither_part_of_it_is_small(site: Site, people: list[User]) -> None:
    month = Month(make_camera(site), people, START, timedelta(minutes=30))
    month.add("dismiss", "dismiss", count=12)
    month.add("dismiss", "confirm", count=6)
    (row,) = fairness_report(site, None, START).places
    assert row.same is not None
    assert (row.same.right, row.same.of) == (12, 18)


def test_rows_that_would_be_about_two_people_tell_no_decisions(site: Site, people: list[User]) -> None:
    Month(make_camera(site), people[:2], START, timedelta(minutes=30)).add("dismiss", "dismiss", count=20)
    (row,) = fairness_report(site, None, START).places
    assert row.false == exact(20)
    assert (row.confirmed_share, row.decided_after, row.same) == (None, "", None)


def test_alerts_of_a_camera_that_was_moved_away_still_count(site: Site, people: list[User]) -> None:
    camera = make_camera(site)
    Month(camera, people, START, timedelta(minutes=30)).add("dismiss", count=20)
    Camera.objects.filter(pk=camera.pk).update(site=make_site())
    (row,) = fairness_report(site, None, START).places
    assert (row.label, row.false) == (f"Camera {camera.pk}, no longer of this site", exact(20))


def test_masking_by_subgroup_is_the_card_s_and_says_what_was_not_tested() -> None:
    found = masking_by_subgroup()
    assert not found.fault
    heights = next(dimension for dimension in found.dimensions if dimension.name == "height")
    assert [group.name for group in heights.groups][:2] == ["under 16", "16-32"]
    assert {dimension.name for dimension in found.dimensions} == set(DIMENSIONS)
    worded = {
        group.name for dimension in found.dimensions for group in dimension.groups if re.search("[a-z]", group.name)
    }
    assert worded == set(GROUPS)
    assert found.untested == NOT_MEASURED_CARD
    assert heights.gap == pytest.approx(
        max(group.covered.value for group in heights.groups) - min(group.covered.value for group in heights.groups)
    )
    assert heights.gap_bound > heights.gap > 0.1
    for word in ("skin tone", "wheelchairs", "children", "clothing"):
        assert word in found.untested


def test_a_card_that_cannot_be_read_is_told_and_no_number_is_made_up(caplog: pytest.LogCaptureFixture) -> None:
    with patch("paca_site.oversight.fairness.subgroups.card_text", return_value="# Another card"):
        found = masking_by_subgroup()
    assert found.fault
    assert not found.dimensions
    assert "Who is missed" in caplog.text
    with pytest.raises(ValueError, match="5 cells"):
        dimensions_of("### Who is missed, size s\n| a | b |\n|---|---|\n| height: x | 3 |")
    with pytest.raises(ValueError, match="share is written"):
        dimensions_of("### Who is missed\n| a |\n|---|\n| height: x | 3 | 0.1 (0.0 to 0.2) | about half | 0.1 |")
    with pytest.raises(ValueError, match="limits"):
        untested_of("## Limits, in plain words\n- None.")


def test_the_page_has_both_parts_and_administrators_read_nothing_of_decisions(site: Site, people: list[User]) -> None:
    month = Month(make_camera(site, name="Quay"), people, timezone.now() - timedelta(hours=3), timedelta(minutes=1))
    month.add("dismiss", count=9)
    supervisor, administrator = make_user(Role.SUPERVISOR, site), make_user(Role.ADMINISTRATOR, site)
    chosen = {"month": f"{timezone.now() - timedelta(hours=2):%Y-%m}"}
    page = client_of(supervisor).get("/fairness/", chosen).content.decode()
    for words in ("Quay", "Second person agrees", "skin tone", "Nobody has entered the area"):
        assert words in page
    assert "Enter area and residents" not in page
    page = client_of(administrator).get("/fairness/", chosen).content.decode()
    assert "Quay" in page
    assert "Second person agrees" not in page
    assert "Enter area and residents" in page
    assert AuditEntry.objects.filter(action="fairness.viewed", site_id=site.pk).count() == 2


def test_a_strange_month_is_refused_with_what_is_allowed(site: Site) -> None:
    answer = client_of(make_user(Role.AUDITOR, site)).get("/fairness/", {"month": "2019-13"})
    assert answer.status_code == 422
    assert "got “2019-13”" in answer.content.decode()


def test_an_administrator_enters_area_and_residents_and_the_trail_has_what_was_before(site: Site) -> None:
    client = client_of(make_user(Role.ADMINISTRATOR, site))
    address = f"/fairness/sites/{site.pk}/facts"
    assert client.post(address, {"area_km2": "0.5", "residents": "", "source": "Register"}).status_code == 302
    assert client.post(address, {"area_km2": "0.7", "residents": "900", "source": "Register"}).status_code == 302
    facts = SiteFacts.objects.get()
    assert (facts.area_km2, facts.residents, facts.source) == (0.7, 900, "Register")
    last = AuditEntry.objects.filter(action="site-facts.stored").order_by("-number")[0]
    assert '"before":{"area_km2":0.5,"residents":null}' in last.body
    assert 'value="0.7"' in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"area_km2": "", "residents": "", "source": "Register"}, "Give the area, the residents, or both."),
        ({"area_km2": "0", "residents": "", "source": "Register"}, "greater than or equal to 0.001"),
        ({"area_km2": "1", "residents": "0", "source": "Register"}, "greater than or equal to 1"),
        ({"area_km2": "1", "residents": "", "source": ""}, "This field is required."),
    ],
)
def test_facts_that_say_nothing_are_refused_with_what_is_missing(site: Site, given: dict[str, str], said: str) -> None:
    answer = client_of(make_user(Role.ADMINISTRATOR, site)).post(f"/fairness/sites/{site.pk}/facts", given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not SiteFacts.objects.exists()


def test_nobody_else_says_how_large_a_place_is(site: Site) -> None:
    with pytest.raises(ValidationError, match="Only administrators"):
        site_facts_store(site=site, actor=make_user(Role.SUPERVISOR, site), area_km2=1.0, residents=None, source="x")
    elsewhere = client_of(make_user(Role.ADMINISTRATOR, make_site()))
    assert elsewhere.get(f"/fairness/sites/{site.pk}/facts").status_code == 404


def test_months_follow_each_other_over_the_turn_of_the_year() -> None:
    assert month_after(datetime(2026, 12, 1, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert month_after(START) == datetime(2026, 4, 1, tzinfo=UTC)
