"""What reaches its ceiling within a day, and what a hold keeps out of that number."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cameras.holdings import expiring_within
from paca_site.accounts.models import Role
from tests.cast import make_alert, make_camera, make_hold, make_policy, make_segment, make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of
from tests.test_pages import check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
DAY = timedelta(hours=24)


def test_recordings_and_alerts_are_counted_that_go_within_a_day_and_no_others() -> None:
    site = make_site()
    policy = make_policy(masked_hours=72, clip_days=7, alert_days=30)
    camera, young = make_camera(site, retention=policy), make_camera(site, retention=policy)
    now = timezone.now()
    for hours in (1, 47, 49, 71, 73):
        make_segment(camera, now - timedelta(hours=hours))
    make_segment(young, now - timedelta(hours=5))
    make_alert(camera, raised_at=now - timedelta(days=29.5))
    make_alert(camera, raised_at=now - timedelta(days=6.5), clip_state="ready", clip_path="clip.mp4", clip_duration_s=9)
    make_alert(camera, raised_at=now - timedelta(days=6.5))
    (found,) = expiring_within([camera, young], DAY)
    assert (found.camera, found.recordings, found.alerts) == (camera, 3, 2)


def test_what_a_hold_keeps_is_not_in_it_and_stands_beside() -> None:
    site = make_site()
    camera = make_camera(site, retention=make_policy(masked_hours=24))
    now = timezone.now()
    for hours in (20, 10):
        make_segment(camera, now - timedelta(hours=hours))
    make_hold(
        camera, make_user(Role.CUSTODIAN, site), starts_at=now - timedelta(hours=21), ends_at=now - timedelta(hours=19)
    )
    (found,) = expiring_within([camera], DAY)
    assert (found.recordings, found.held) == (1, 1)


def test_the_page_says_so_and_leads_to_a_hold_where_one_may_be_placed() -> None:
    site = make_site()
    custodian, administrator = make_user(Role.CUSTODIAN, site), make_user(Role.ADMINISTRATOR, site)
    assert "Nothing expires within a day" in client_of(custodian).get("/cameras/kept/expiring").text
    camera = make_camera(site, name="Fountain")
    make_segment(camera, timezone.now() - timedelta(hours=20))
    page = client_of(custodian).get("/cameras/kept/expiring")
    check(page)
    assert "Fountain" in page.text
    assert "/cameras/holds/add" in page.text
    assert "/cameras/holds/add" not in client_of(administrator).get("/cameras/kept/expiring").text
