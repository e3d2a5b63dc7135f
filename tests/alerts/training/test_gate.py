"""Who has no certificate of training that counts decides nothing, and is told why and where the course is."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.incidents import Incident
from alerts.models import AlertState, Decision, Verdict
from alerts.reviewing.models import ReviewState
from alerts.reviewing.services.answering import review_give
from alerts.services.claiming import alert_claim
from alerts.services.deciding import Choice, alert_decide
from alerts.services.incident_dismissing import incident_dismiss
from alerts.training.services.granting import certificate_withdraw
from paca_site.accounts.models import Role, User
from paca_site.accounts.training.models import AskedSince, Certificate, today
from paca_site.accounts.training.standing import standing_of, standings
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_certificate, make_review, make_user

CONFIRM = Choice(verdict=Verdict.CONFIRM)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def novice(desk: Desk) -> User:
    return make_user(Role.OPERATOR, desk.site, is_trained=False)


def ask_since(moment: datetime) -> None:
    """Say since when certificates are asked for; tests with real transactions empty the table of the migration."""
    AskedSince.objects.all().delete()
    AskedSince.objects.create(at=moment)


@pytest.fixture
def as_novice(novice: User) -> Client:
    client = Client()
    client.force_login(novice, backend=BACKEND)
    return client


def test_without_a_certificate_nothing_is_decided_claimed_or_reviewed(desk: Desk, novice: User) -> None:
    review = make_review(desk.alert.camera, desk.operator)
    with pytest.raises(ValidationError, match="no certificate of training") as refused:
        alert_decide(alert=desk.alert, actor=novice, choice=CONFIRM)
    assert refused.value.code == "untrained"
    with pytest.raises(ValidationError, match="Take the course at “Training”"):
        alert_claim(alert=desk.alert, actor=novice)
    with pytest.raises(ValidationError, match="no certificate"):
        review_give(review=review, actor=novice, choice=CONFIRM)
    desk.alert.refresh_from_db()
    review.refresh_from_db()
    assert (desk.alert.state, desk.alert.claimed_by, review.state) == (AlertState.NEW, None, ReviewState.WAITING)

    make_certificate(novice)
    alert_claim(alert=desk.alert, actor=novice)
    assert alert_decide(alert=desk.alert, actor=novice, choice=CONFIRM).by == novice
    assert review_give(review=review, actor=novice, choice=CONFIRM).by == novice


def test_without_a_certificate_no_incident_is_dismissed(desk: Desk, novice: User) -> None:
    incident = Incident.objects.create(site=desk.site)
    alert = make_alert(desk.alert.camera, incident=incident)
    with pytest.raises(ValidationError, match="no certificate"):
        incident_dismiss(incident=incident, actor=novice, alert_ids=[alert.pk], reason="crowd")
    assert not Decision.objects.exists()
    assert incident_dismiss(incident=incident, actor=desk.operator, alert_ids=[alert.pk], reason="crowd").count == 1


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, True),
        ({"ends_on": today()}, True),
        ({"taken_on": today() - timedelta(days=9), "ends_on": today() - timedelta(days=1)}, False),
        ({"taken_on": today() + timedelta(days=1), "ends_on": today() + timedelta(days=9)}, False),
    ],
    ids=["today", "last day", "ended yesterday", "begins tomorrow"],
)
def test_a_certificate_counts_from_its_first_through_its_last_day(
    fields: dict[str, object], counts: bool, novice: User
) -> None:
    make_certificate(novice, **fields)
    assert standing_of(novice).may_decide is counts


def test_of_two_certificates_the_longer_one_counts_and_many_people_cost_one_query(desk: Desk, novice: User) -> None:
    make_certificate(novice, ends_on=today() + timedelta(days=3))
    assert standing_of(novice).state == "ending"
    make_certificate(novice, ends_on=today() + timedelta(days=31))
    assert standing_of(novice).state == "certified"
    with CaptureQueriesContext(connection) as captured:
        told = standings([novice, desk.operator, desk.supervisor])
    assert len(captured) == 1
    assert {standing.state for standing in told.values()} == {"certified"}


def test_who_was_here_before_may_go_on_for_the_grace_period_and_sees_until_when(
    desk: Desk, novice: User, as_novice: Client, settings: LazySettings
) -> None:
    asked = timezone.now() - timedelta(days=29)
    ask_since(asked)
    assert not standing_of(novice).may_decide, "who came later has no grace"
    User.objects.filter(pk=novice.pk).update(date_joined=asked - timedelta(days=1))
    standing = standing_of(novice)
    assert (standing.state, standing.grace_until) == ("grace", asked + timedelta(days=30))
    page = as_novice.get("/alerts/").content.decode()
    assert f"{standing.grace_until:%Y-%m-%d}" in page
    assert 'data-training="grace"' in as_novice.get(f"/alerts/{desk.alert.pk}/").content.decode()
    alert_decide(alert=desk.alert, actor=novice, choice=CONFIRM)

    settings.TRAINING_GRACE_DAYS = 28
    with pytest.raises(ValidationError, match="no certificate"):
        alert_decide(alert=make_alert(desk.alert.camera), actor=novice, choice=CONFIRM)


def test_the_grace_is_not_for_those_whose_certificate_ended_and_fails_closed(novice: User) -> None:
    ask_since(timezone.now())
    User.objects.filter(pk=novice.pk).update(date_joined=timezone.now() - timedelta(days=400))
    assert standing_of(novice).state == "grace"
    AskedSince.objects.all().delete()
    assert standing_of(novice).state == "none", "an installation that does not know since when it asks gives no grace"
    ask_since(timezone.now())
    assert standing_of(novice).state == "grace"
    make_certificate(novice, taken_on=today() - timedelta(days=30), ends_on=today() - timedelta(days=2))
    standing = standing_of(novice)
    assert standing.state == "none"
    assert f"ended on {today() - timedelta(days=2)}" in standing.words


def test_a_withdrawn_certificate_leaves_no_grace_behind(desk: Desk, novice: User) -> None:
    ask_since(timezone.now())
    User.objects.filter(pk=novice.pk).update(date_joined=timezone.now() - timedelta(days=400))
    certificate = make_certificate(novice)
    certificate_withdraw(certificate=certificate, actor=desk.supervisor, reason="The course was another one")
    assert standing_of(novice).state == "none"


def test_the_alert_says_why_one_cannot_decide_and_leads_to_the_course(
    desk: Desk, novice: User, as_novice: Client, as_operator: Client
) -> None:
    page = as_novice.get(f"/alerts/{desk.alert.pk}/").content.decode()
    assert "You have no certificate of training." in page
    assert 'href="/training/"' in page.split('id="decision"')[1].split("</section>")[0]
    assert "data-decide" not in page.replace("data-decided-elsewhere", "")
    assert "data-claim-now" not in page
    answer = as_novice.post(
        f"/alerts/{desk.alert.pk}/decide", {"verdict": "dismiss", "reason": "crowd", "note": "mine"}
    )
    assert answer.status_code == 422
    assert "mine" in answer.content.decode()
    assert "Take the course at" in answer.content.decode()
    desk.alert.refresh_from_db()
    assert desk.alert.state == AlertState.NEW

    trained = as_operator.get(f"/alerts/{desk.alert.pk}/").content.decode()
    assert 'name="verdict" value="confirm"' in trained
    assert "data-training=" not in trained


def test_the_incident_and_the_empty_desk_say_so_too(desk: Desk, novice: User, as_novice: Client) -> None:
    incident = Incident.objects.create(site=desk.site)
    make_alert(desk.alert.camera, incident=incident)
    page = as_novice.get(f"/alerts/incidents/{incident.pk}/").content.decode()
    assert 'data-training="none"' in page
    assert 'name="reason"' not in page
    assert 'data-training="none"' in as_novice.get("/alerts/").content.decode()


def test_the_queue_costs_one_query_for_the_certificate_however_long(desk: Desk, as_operator: Client) -> None:
    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            assert as_operator.get("/alerts/").status_code == 200
        return [query["sql"] for query in captured]

    few = queries()
    for _ in range(12):
        make_alert(make_camera(desk.site))
    many = queries()
    assert len(many) == len(few)
    assert sum("training_certificate" in sql for sql in many) == 1


def test_the_database_keeps_a_certificate_as_it_was_made(desk: Desk, novice: User) -> None:
    certificate = make_certificate(novice)
    longer = {"ends_on": today() + timedelta(days=999)}
    for change in (
        lambda: Certificate.objects.filter(pk=certificate.pk).update(**longer),
        lambda: Certificate.objects.filter(pk=certificate.pk).delete(),
        lambda: make_certificate(novice, source="granted", granted_by=novice),
        lambda: make_certificate(novice, source="granted"),
        lambda: make_certificate(novice, ends_on=today() - timedelta(days=1)),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    withdrawn = {"withdrawn_at": timezone.now(), "withdrawn_by": desk.supervisor, "withdraw_reason": "Course was void"}
    with pytest.raises(DatabaseError), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(**withdrawn, **longer)
    assert Certificate.objects.filter(pk=certificate.pk).update(**withdrawn) == 1
    assert not standing_of(novice).may_decide
    with pytest.raises(DatabaseError), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(withdrawn_at=None, withdrawn_by=None, withdraw_reason="")
