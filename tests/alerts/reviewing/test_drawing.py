"""The draw: how many, why, once only, and the same when it is made again."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from alerts.models import Alert, ClipState, Decision, Severity, Verdict
from alerts.reviewing.drawing import draw, drawn_number
from alerts.reviewing.models import DrawPeriod, Review, ReviewState
from alerts.reviewing.services.drawing import redraw, reviews_draw, reviews_lapse
from alerts.services.retention import alerts_purge
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.alerts.reviewing.conftest import Decide

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


@pytest.fixture(autouse=True)
def since_an_hour(decided: Decide) -> None:
    """The draw has run before: what was decided within the last hour is its business."""
    reviews_draw(now=timezone.now() - timedelta(hours=1))


def test_numbers_are_spread_evenly_and_depend_on_the_key(settings: LazySettings) -> None:
    numbers = [drawn_number(pk) for pk in range(20_000)]
    assert 0 <= min(numbers) < max(numbers) < 100
    assert sum(number < 5 for number in numbers) == pytest.approx(1000, abs=100)  # three deviations are 92
    assert sum(numbers) / len(numbers) == pytest.approx(50, abs=0.7)
    assert numbers == [drawn_number(pk) for pk in range(20_000)]
    settings.SECRET_KEY = "another key"
    assert drawn_number(7) != numbers[7]


@pytest.mark.parametrize("verdict", [Verdict.CONFIRM, Verdict.DISMISS])
@pytest.mark.parametrize("severity", list(Severity))
def test_only_confirmed_severe_alerts_are_due_without_the_draw(verdict: Verdict, severity: Severity) -> None:
    found = draw(alert_pk=1, severity=severity, verdict=verdict, percent=0)
    assert found.is_due == (verdict == Verdict.CONFIRM and severity == Severity.HIGH)


def test_what_is_due_is_drawn_once_and_told_to_the_trail(decided: Decide, settings: LazySettings) -> None:
    severe = decided(Verdict.CONFIRM, severity=Severity.HIGH)
    decided(Verdict.DISMISS, severity=Severity.HIGH)
    assert reviews_draw() == 1
    assert reviews_draw() == 0
    review = Review.objects.get()
    assert (review.alert, review.is_severe, review.is_random) == (severe, True, False)
    assert review.first_by == review.decision.by
    entries = AuditEntry.objects.filter(action="review.drawn", actor=None)
    assert [entry.subject for entry in entries] == [f"alert:{severe.pk}"]
    settings.REVIEW_PERCENT = 100  # of what was decided before, nothing: the rate in force then counts
    assert reviews_draw() == 0


def test_every_alert_is_drawn_at_a_hundred_percent_but_one_without_a_clip(
    decided: Decide, settings: LazySettings
) -> None:
    settings.REVIEW_PERCENT = 100
    reviews_draw(now=timezone.now() - timedelta(minutes=30))
    with_clip, still_made = decided(), decided(clip_state=ClipState.PENDING, clip_path="")
    decided(clip_state=ClipState.NONE, clip_path="")
    assert reviews_draw() == 2
    assert set(Review.objects.values_list("alert", flat=True)) == {with_clip.pk, still_made.pk}


def test_a_decision_that_can_still_be_undone_is_not_drawn_yet(decided: Decide) -> None:
    decided(Verdict.CONFIRM, severity=Severity.HIGH, ago_s=8)
    assert reviews_draw() == 0
    assert reviews_draw(now=timezone.now() + timedelta(minutes=1)) == 1


def test_a_decision_taken_back_is_none(decided: Decide) -> None:
    alert = decided(Verdict.CONFIRM, severity=Severity.HIGH)
    first = Decision.objects.get()
    Decision.objects.create(
        alert=alert, verdict=Verdict.UNDO, by=first.by, role=first.role, after_s=25, revokes=first, state_before="new"
    )
    assert reviews_draw() == 0


def test_a_run_that_died_before_its_mark_moved_is_made_up_for(decided: Decide) -> None:
    decided(Verdict.CONFIRM, severity=Severity.HIGH, ago_s=400)
    decided(Verdict.CONFIRM, severity=Severity.HIGH, ago_s=300)
    before = DrawPeriod.objects.get().drawn_until
    reviews_draw()
    Review.objects.order_by("pk").last().delete()  # type: ignore[union-attr]
    DrawPeriod.objects.update(drawn_until=before)
    assert reviews_draw() == 1
    assert Review.objects.count() == 2


def test_the_draw_made_again_finds_a_review_that_was_taken_away_or_slipped_in(decided: Decide, desk: Desk) -> None:
    severe, plain = decided(Verdict.CONFIRM, severity=Severity.HIGH), decided()
    reviews_draw()
    out = StringIO()
    call_command("verify_reviews", stdout=out)
    assert "2 decided alerts drawn again, 1 had to be reviewed" in out.getvalue()
    Review.objects.all().delete()
    assert redraw().missing == (severe.pk,)
    decision = Decision.objects.get(alert=plain)
    Review.objects.create(alert=plain, decision=decision, first_by=desk.operator, is_random=True, is_severe=False)
    assert redraw().needless == (plain.pk,)
    with pytest.raises(CommandError, match=f"without a review alert {severe.pk}"):
        call_command("verify_reviews", stdout=out)


def test_a_draw_of_another_key_is_told_as_such(decided: Decide, settings: LazySettings) -> None:
    decided(Verdict.CONFIRM, severity=Severity.HIGH)
    reviews_draw()
    settings.SECRET_KEY = "another key"
    found = redraw()
    assert (found.decided, found.unclear) == (0, 1)


def test_a_waiting_review_ends_with_its_clip_and_a_given_one_stays(decided: Decide, desk: Desk) -> None:
    alert = decided(Verdict.CONFIRM, severity=Severity.HIGH)
    reviews_draw()
    assert reviews_lapse() == 0
    Alert.objects.filter(pk=alert.pk).update(clip_state=ClipState.PURGED)
    assert reviews_lapse() == 1
    assert reviews_lapse() == 0
    assert Review.objects.get().state == ReviewState.LAPSED
    assert AuditEntry.objects.filter(action="review.lapsed").count() == 1


def test_a_review_goes_with_its_alert(decided: Decide, desk: Desk) -> None:
    decided(Verdict.CONFIRM, severity=Severity.HIGH)
    reviews_draw()
    Alert.objects.update(raised_at=timezone.now() - timedelta(days=31))
    alerts_purge(camera=desk.alert.camera)
    assert not Review.objects.exists()
