"""Blind until it is given, by somebody else, once; a disagreement goes to a supervisor; the alert stays as it is."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from alerts.models import Alert, ClipState, Decision, Verdict
from alerts.reviewing.access import disagreements, reviewable
from alerts.reviewing.models import Finding, Review, ReviewState
from alerts.reviewing.services.answering import AlreadyReviewed, disagreement_settle, review_give
from alerts.services.deciding import Choice
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.alerts.reviewing.conftest import Decide
from tests.cast import make_review, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
CONFIRM = Choice(verdict=Verdict.CONFIRM)


@pytest.fixture
def review(desk: Desk, decided: Decide) -> Review:
    """A dismissed alert of confidence 87 % that waits for its second review."""
    alert = decided(confidence=87.0, score=0.913, severity=3)
    decision = Decision.objects.get(alert=alert)
    return Review.objects.create(
        alert=alert, decision=decision, first_by=desk.operator, is_random=True, is_severe=False
    )


def test_the_page_tells_nothing_of_the_first_decision_until_the_second_is_given(
    review: Review, as_second: Client
) -> None:
    page = as_second.get(f"/reviews/{review.pk}/").content.decode()
    listed = as_second.get("/reviews/").content.decode()
    for secret in ("secret note", "87 %", "0.913", "Severity", "Severe", "Kari"):
        assert secret not in page
        assert secret not in listed
    assert "Dense but calm crowd</button>" in page  # a choice, not what was chosen
    assert f'href="/alerts/{review.alert_id}/"' not in page
    assert f"/alerts/{review.alert_id}/clip.mp4" in page
    answer = as_second.post(f"/reviews/{review.pk}/give", {"verdict": "confirm", "watched_s": "7.5"}, follow=True)
    after = answer.content.decode()
    assert "a supervisor settles it" in after
    assert "secret note of the first" in after
    assert "87 %" in after
    assert "Kari" not in after  # what was decided matters, not by whom


def test_a_review_is_stored_with_what_was_seen_and_changes_no_alert(
    review: Review, second: User, as_second: Client
) -> None:
    alert, before = review.alert, Decision.objects.count()
    as_second.post(
        f"/reviews/{review.pk}/give", {"reason": "running", "note": "They run to the bus.", "watched_s": "7.5"}
    )
    review.refresh_from_db()
    assert (review.state, review.by, review.verdict, review.reason) == ("agreed", second, "dismiss", "running")
    assert (review.note, review.watched_s) == ("They run to the bus.", 7.5)
    alert.refresh_from_db()
    assert (alert.state, Decision.objects.count()) == ("dismissed", before)
    entry = AuditEntry.objects.get(action="review.given")
    details = json.loads(entry.body)["details"]
    assert details | {"agrees": True, "verdict": "dismiss", "has_note": True, "watched_s": 7.5} == details
    assert "bus" not in entry.body


def test_who_decided_anything_on_the_alert_is_not_asked(review: Review, desk: Desk, as_operator: Client) -> None:
    assert not reviewable(desk.operator).exists()
    assert as_operator.get(f"/reviews/{review.pk}/").status_code == 404
    assert as_operator.post(f"/reviews/{review.pk}/give", {"verdict": "confirm"}).status_code == 404
    with pytest.raises(AlreadyReviewed):
        review_give(review=review, actor=desk.operator, choice=CONFIRM)
    with pytest.raises(IntegrityError), transaction.atomic():  # nor does the database let it through
        Review.objects.filter(pk=review.pk).update(
            state="agreed", by=desk.operator, at=review.drawn_at, verdict="confirm"
        )


def test_who_opens_the_alert_itself_can_no_longer_review_it(review: Review, second: User, as_second: Client) -> None:
    assert reviewable(second).get() == review
    as_second.get(f"/reviews/{review.pk}/")
    as_second.get(f"/alerts/{review.alert_id}/clip.mp4")
    assert reviewable(second).get() == review
    as_second.get(f"/alerts/{review.alert_id}/")
    assert not reviewable(second).exists()
    assert as_second.post(f"/reviews/{review.pk}/give", {"verdict": "confirm"}).status_code == 404
    review.refresh_from_db()
    assert review.state == ReviewState.WAITING


def test_only_what_can_be_watched_is_asked_and_only_of_people_of_the_site(review: Review, second: User) -> None:
    assert not reviewable(make_user(Role.OPERATOR, make_site())).exists()
    assert not reviewable(make_user(Role.AUDITOR, review.alert.camera.site)).exists()
    Alert.objects.filter(pk=review.alert_id).update(clip_state=ClipState.PENDING)
    assert not reviewable(second).exists()


def test_of_two_at_once_the_first_counts_and_the_other_is_told(
    review: Review, second: User, desk: Desk, as_second: Client
) -> None:
    review_give(review=review, actor=desk.supervisor, choice=CONFIRM)
    with pytest.raises(AlreadyReviewed):
        review_give(review=review, actor=second, choice=CONFIRM)
    assert Review.objects.get().by == desk.supervisor
    assert as_second.get(f"/reviews/{review.pk}/").status_code == 404


def test_a_refusal_says_what_is_missing_and_keeps_what_was_written(review: Review, as_second: Client) -> None:
    answer = as_second.post(f"/reviews/{review.pk}/give", {"reason": "other", "note": " ", "watched_s": "4.2"})
    assert answer.status_code == 422
    assert "Say in a few words why" in answer.content.decode()
    answer = as_second.post(f"/reviews/{review.pk}/give", {"note": "half a thought", "watched_s": "4.2"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "half a thought" in page
    assert 'value="4.2"' in page
    assert "secret note" not in page
    assert Review.objects.get().state == ReviewState.WAITING


@pytest.mark.parametrize("choice", [CONFIRM, Choice(verdict=Verdict.ESCALATE)])
def test_another_answer_and_no_answer_are_both_disagreements(review: Review, second: User, choice: Choice) -> None:
    review_give(review=review, actor=second, choice=choice)
    assert review.state == ReviewState.DISAGREED
    assert not review.agrees


def test_a_third_person_settles_a_disagreement_and_both_read_it(
    review: Review, second: User, desk: Desk, as_supervisor: Client, as_operator: Client, as_second: Client
) -> None:
    review_give(review=review, actor=second, choice=CONFIRM)
    assert disagreements(desk.supervisor).get() == review
    assert "Settle the disagreement" in as_supervisor.get(f"/reviews/{review.pk}/").content.decode()
    empty = as_supervisor.post(f"/reviews/{review.pk}/settle", {"finding": "", "note": ""})
    assert empty.status_code == 422
    assert "Choose what it comes to." in empty.content.decode()
    told = {"finding": "confirm", "note": "One of them falls at 0:07."}
    assert as_supervisor.post(f"/reviews/{review.pk}/settle", told).status_code == 302
    review.refresh_from_db()
    assert (review.state, review.settled_by, review.finding) == ("settled", desk.supervisor, "confirm")
    assert as_supervisor.post(f"/reviews/{review.pk}/settle", told).status_code == 404
    for client in (as_operator, as_second):
        assert "One of them falls" in client.get(f"/reviews/{review.pk}/").content.decode()
    review.alert.refresh_from_db()
    assert review.alert.state == "dismissed"
    assert AuditEntry.objects.filter(action="review.settled", actor=desk.supervisor).exists()


def test_nobody_settles_their_own_disagreement(review: Review, desk: Desk) -> None:
    review_give(review=review, actor=desk.supervisor, choice=CONFIRM)
    assert not disagreements(desk.supervisor).exists()
    with pytest.raises(ValidationError, match="neither of the two"):
        disagreement_settle(review=review, actor=desk.supervisor, finding=Finding.CONFIRM, note="I was right.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.update(
            state="settled", settled_by=desk.supervisor, settled_at=review.drawn_at, finding="confirm"
        )
    other = make_user(Role.SUPERVISOR, desk.site)
    disagreement_settle(review=review, actor=other, finding=Finding.UNCLEAR, note="Too dark to see.")
    with pytest.raises(AlreadyReviewed):
        disagreement_settle(
            review=review, actor=make_user(Role.SUPERVISOR, desk.site), finding=Finding.CONFIRM, note="No"
        )


def test_a_colleague_who_was_no_part_of_it_reads_no_review(desk: Desk, second: User) -> None:
    review = make_review(desk.alert.camera, desk.operator, second)
    stranger = Client()
    stranger.force_login(
        make_user(Role.OPERATOR, desk.site), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert stranger.get(f"/reviews/{review.pk}/").status_code == 404
    assert "None yet" in stranger.get("/reviews/").content.decode()


def test_opening_a_review_leaves_a_trace(review: Review, second: User, as_second: Client) -> None:
    as_second.get(f"/reviews/{review.pk}/")
    entry = AuditEntry.objects.get(action="review.viewed")
    assert (entry.actor, entry.subject, entry.site_id) == (
        second,
        f"alert:{review.alert_id}",
        review.alert.camera.site_id,
    )


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    review: Review, desk: Desk, as_supervisor: Client, django_assert_max_num_queries: object
) -> None:
    as_supervisor.get("/reviews/")
    with django_assert_max_num_queries(30) as few:  # type: ignore[operator]
        as_supervisor.get("/reviews/")
    second = make_user(Role.OPERATOR, desk.site)
    for _ in range(8):
        make_review(desk.alert.camera, desk.operator)
        make_review(desk.alert.camera, desk.operator, second)
    with django_assert_max_num_queries(len(few.captured_queries)):  # type: ignore[operator]
        as_supervisor.get("/reviews/")
