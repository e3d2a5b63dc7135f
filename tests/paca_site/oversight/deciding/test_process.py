"""The generated month on the pages: the figures are its true values, of a process and of nobody by name."""

from dataclasses import dataclass
from datetime import timedelta
from statistics import linear_regression

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from alerts.reviewing.models import Review
from cameras.models import Camera
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from paca_site.oversight.deciding.process import own_process, site_process
from paca_site.oversight.deciding.records import alert_records
from tests.cast import make_alert, make_camera, make_site, make_user
from tests.paca_site.oversight.deciding.month import Month
from tests.paca_site.oversight.trail import entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@dataclass(frozen=True)
class Place:
    """A site with a camera, three operators, a supervisor and an auditor."""

    camera: Camera
    operators: list[User]
    supervisor: User
    auditor: User
    month: Month


@pytest.fixture
def place(db: None) -> Place:
    site = make_site()
    names = ("Kari", "Ola", "Per")
    people = [make_user(Role.OPERATOR, site, first_name=name, last_name="Testperson") for name in names]
    start = timezone.now() - timedelta(days=28)
    camera = make_camera(site)
    month = Month(camera, people, start, timedelta(hours=5))
    return Place(camera, people, make_user(Role.SUPERVISOR, site), make_user(Role.AUDITOR, site), month)


def fill(month: Month) -> None:
    """A month of 105 alerts, 100 of them decided, 60 reviewed by chance, 6 severe ones reviewed in any case."""
    month.add("confirm", "confirm", count=20, confidence=85)
    month.add("confirm", "dismiss", count=5, confidence=85, opened_s=3)
    month.add("dismiss", "confirm", count=4)
    month.add("dismiss", "dismiss", count=30, watched_s=0)
    month.add("dismiss", "escalate", count=1, confidence=20)
    month.add("confirm", "confirm", count=4, is_severe=True, confidence=95)
    month.add("confirm", "dismiss", count=2, is_severe=True, confidence=95)
    month.add("dismiss", count=34, opened_s=None)
    month.add("", count=5)


def test_the_figures_of_a_site_are_the_true_values_of_the_month(place: Place) -> None:
    fill(place.month)
    found = site_process(place.camera.site, 90)
    assert (found.decided, found.undecided, found.people) == (100, 5, 3)
    assert found.agreement.kappa == pytest.approx(0.66197, abs=1e-5)  # worked out in test_figures.py
    assert (found.agreement.same.right, found.agreement.same.of) == (50, 60)
    assert (found.severe_same.right, found.severe_same.of) == (4, 6)
    assert found.disagreed == 5 + 4 + 1 + 2
    signs = found.signs
    assert (signs.quick.right, signs.quick.of) == (5, 66)
    assert (signs.unwatched.right, signs.unwatched.of) == (30, 100)
    low, middle, high = signs.bands
    assert [(band.confirmed.right, band.confirmed.of) for band in (low, middle, high)] == [(0, 1), (0, 68), (31, 31)]
    assert [(band.blind.right, band.blind.of) for band in (low, middle, high)] == [(0, 1), (4, 34), (20, 25)]
    # first minus blind: -4 of 34 at 60 %, +5 of 25 at 85 %; one "cannot tell" is left out
    assert signs.leaning is not None
    assert signs.leaning.value == pytest.approx((100 * 5 / 25 + 100 * 4 / 34) / 2.5, abs=1e-6)


def test_what_was_taken_back_or_belongs_to_another_site_does_not_count(place: Place) -> None:
    place.month.add("confirm", count=1)
    alert = Alert.objects.get()
    decision = alert.decisions.get()
    elsewhere = Month(make_camera(make_site()), place.operators, place.month.at, timedelta(minutes=1))
    elsewhere.add("confirm", count=2)
    at = decision.at + timedelta(seconds=5)
    entry("alert.decision-undone", at, place.camera.site, f"alert:{alert.pk}", revokes=decision.pk, decision=0)
    found = site_process(place.camera.site, 90)
    assert (found.decided, found.undecided) == (0, 1)


def test_the_last_of_several_decisions_stands_and_an_escalation_is_none(place: Place) -> None:
    alert = make_alert(place.camera)
    subject, site, at = f"alert:{alert.pk}", place.camera.site, timezone.now() - timedelta(hours=1)
    entry("alert.raised", at, site, subject, camera=place.camera.pk, confidence=70.0)
    first, second = place.operators[0], place.supervisor
    entry("alert.viewed", at, site, subject, by=first)
    entry("alert.escalated", at + timedelta(seconds=9), site, subject, by=first, decision=1, after_s=9)
    entry("alert.viewed", at + timedelta(seconds=20), site, subject, by=second)
    entry("alert.viewed", at + timedelta(seconds=25), site, subject, by=second)
    later = at + timedelta(seconds=32)
    entry(
        "alert.dismissed", later, site, subject, by=second, decision=2, after_s=32, reason="resolved", confidence=75.0
    )
    (record,) = alert_records([site.pk], at - timedelta(days=1), timezone.now())
    assert (record.verdict, record.by, record.after_s, record.opened_s) == ("dismiss", second.pk, 32, 7)
    assert (record.reason, record.is_false, record.confidence) == ("resolved", False, 75.0)


def test_shifts_and_weeks_are_those_of_the_person_who_decided(place: Place) -> None:
    kari, start = place.operators[0], place.month.at
    month = Month(place.camera, [kari], start, timedelta(minutes=12))
    month.shift(kari, start, 9)
    for hour in range(8):  # five alerts an hour, of which 5, 5, 4, 4, 3, 3, 2, 2 are dismissed
        month.add("dismiss", count=5 - hour // 2)
        month.add("confirm", count=hour // 2)
    found = site_process(place.camera.site, 90).signs
    assert found.by_hour is not None
    assert found.by_hour.points == 40
    hours = [0.2 * number + 40 / 3600 for number in range(1, 41)]  # every 12 minutes, decided 40 s later
    dismissed = [100.0 if number % 5 < 5 - number // 5 // 2 else 0.0 for number in range(40)]
    assert found.by_hour.value == pytest.approx(linear_regression(hours, dismissed).slope, abs=1e-3)
    assert found.is_tiring


def test_the_page_tells_the_process_and_nobody_by_name(place: Place) -> None:
    fill(place.month)
    page = client_of(place.supervisor).get("/deciding/").content.decode()
    assert "κ 0.66" in page
    assert "100 alerts decided by 3 people" in page
    for person in place.operators:
        assert person.username not in page
        assert person.first_name not in page
    assert "Testperson" not in page


def test_no_figure_of_the_process_changes_with_who_decided_what(place: Place) -> None:
    """Nothing on the page compares people: hand all decisions round among them, and it stays as it is."""
    fill(place.month)
    before = site_process(place.camera.site, 90)
    rotated = dict(zip(place.operators, [*place.operators[1:], place.operators[0]], strict=True))
    mapping = {old.pk: new for old, new in rotated.items()}
    AuditEntryActors(mapping).hand_round()
    for review in Review.objects.all():
        Review.objects.filter(pk=review.pk).update(
            first_by=mapping[review.first_by_id], by=None if not review.by_id else mapping[review.by_id]
        )
    assert site_process(place.camera.site, 90) == before


class AuditEntryActors:
    """Hands the entries of some people to others, as only a test may: round the triggers."""

    def __init__(self, mapping: dict[int, User]) -> None:
        self.mapping = mapping

    def hand_round(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for entry_pk, actor in list(AuditEntry.objects.exclude(actor=None).values_list("pk", "actor_id")):
                cursor.execute(
                    "UPDATE audit_auditentry SET actor_id = %s WHERE id = %s", [self.mapping[actor].pk, entry_pk]
                )
            cursor.execute("RESET session_replication_role")


def test_of_two_people_nothing_is_told_but_to_each_of_themselves(place: Place) -> None:
    month = Month(place.camera, place.operators[:2], place.month.at, timedelta(hours=1))
    month.add("dismiss", "dismiss", count=8)
    page = client_of(place.supervisor).get("/deciding/").content.decode()
    assert "Not told: too few people" in page
    assert "κ" not in page
    own = client_of(place.operators[0]).get("/deciding/mine/").content.decode()
    assert "4 alerts decided by you" in own


def test_a_person_s_own_page_has_their_own_figures_only(place: Place) -> None:
    kari, ola, _ = place.operators
    Month(place.camera, [kari, ola], place.month.at, timedelta(hours=1)).add("dismiss", "dismiss", count=6)
    only = Month(place.camera, [kari], place.month.at + timedelta(days=3), timedelta(hours=1))
    only.add("confirm", count=3)
    found = own_process(kari, 90)
    assert (found.decided, found.people) == (3 + 3, 1)
    assert (found.agreement.same.right, found.agreement.same.of) == (3, 3)  # not the reviews that she gave
    page = client_of(kari).get("/deciding/mine/").content.decode()
    assert "Ola" not in page
    assert not AuditEntry.objects.filter(action="deciding.viewed").exists()


def test_looking_at_the_process_is_recorded_with_site_and_days(place: Place) -> None:
    answer = client_of(place.auditor).get("/deciding/", {"days": "30"})
    assert answer.status_code == 200
    assert "Nothing was decided in these days" in answer.content.decode()
    seen = AuditEntry.objects.get(action="deciding.viewed")
    assert (seen.actor, seen.site_id) == (place.auditor, place.camera.site_id)
    assert '"days":30' in seen.body


def test_another_site_or_another_span_is_refused_with_a_word(place: Place) -> None:
    client = client_of(place.supervisor)
    elsewhere = client.get("/deciding/", {"site": str(make_site().pk)})
    assert elsewhere.status_code == 422
    assert "None of your sites" in elsewhere.content.decode()
    assert "got “7”" in client.get("/deciding/", {"days": "7"}).content.decode()
    assert client_of(place.operators[0]).get("/deciding/mine/", {"days": "7"}).status_code == 422
