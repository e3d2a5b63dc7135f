"""What the public page tells of assessments: which hold since when, nobody's name, and what stands still for them."""

import pytest

from cameras.assessing import gate
from cameras.models import Camera
from paca_site.accounts.models import User
from tests.cameras.assessing.made import RESPONSIBLE, sign_all, signed
from tests.cast import make_camera, make_site
from tests.paca_site.oversight.page import html

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def test_assessments_are_told_with_their_day_and_without_names() -> None:
    camera = make_camera(make_site(name="Torget"))
    assert html().count("not signed yet.") == 2
    assessment = signed(camera.site, RESPONSIBLE)
    page = html()
    assert assessment.signed_at is not None
    assert f"Responsible use: in force, signed {assessment.signed_at:%-d %B %Y}." in page
    assert page.count("not signed yet.") == 1
    assert not [user for user in User.objects.all() if user.username in page]
    Camera.objects.update(threshold_percent=30)
    assert "changed since, and it is being renewed." in html()


def test_a_camera_that_may_not_run_is_not_told_as_running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cameras.running.AGAINST_RUNNING", (gate.reasons_against_running,))
    camera = make_camera()
    assert "Stopped" in html()
    sign_all(camera.site)
    assert "Stopped" not in html()
