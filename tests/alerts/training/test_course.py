"""The built-in course: what it says stands on the cards; the quiz is marked once; passing it makes a certificate."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from alerts.models import Decision
from alerts.seeding.models import KnownClip
from alerts.services.deciding import Choice, alert_decide
from alerts.training import questions
from alerts.training.cases import cases
from alerts.training.course import CHAPTERS
from alerts.training.services.attempting import attempt_mark
from alerts.training.sheet import Sheet, draw_sheet, new_sheet, sheet_of_token
from paca_site.accounts.models import Role, User
from paca_site.accounts.training.models import Attempt, Certificate, today
from paca_site.accounts.training.standing import standing_of
from paca_site.audit.models import AuditEntry
from tests.alerts.conftest import Desk
from tests.cast import make_alert, make_camera, make_user

CARDS = Path(__file__).resolve().parents[3] / "docs" / "cards"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def novice(desk: Desk) -> User:
    return make_user(Role.OPERATOR, desk.site, is_trained=False)


@pytest.fixture
def as_novice(novice: User) -> Client:
    client = Client()
    client.force_login(novice, backend=BACKEND)
    return client


def answers(sheet: Sheet, wrong: int = 0) -> dict[str, int]:
    """Return answers to a sheet, the first `wrong` of them wrong."""
    return {
        asked.question.name: (asked.right + 1) % 3 if place < wrong else asked.right
        for place, asked in enumerate(sheet.asked)
    }


def test_what_the_course_says_of_the_networks_stands_on_their_cards() -> None:
    points = [point for chapter in CHAPTERS for point in chapter.points if point.card]
    assert len(points) >= 12
    for point in points:
        card = " ".join((CARDS / f"{point.card}.md").read_text().split())
        assert point.proof
        assert point.proof in card, f"{point.card} says no more “{point.proof}”: rewrite {point.words}"


def test_the_bank_is_sound_and_guessing_passes_as_rarely_as_it_says() -> None:
    assert len(questions.NAMED) == len(questions.QUESTIONS) >= questions.ASKED
    assert {question.chapter for question in questions.QUESTIONS} == set(range(1, len(CHAPTERS) + 1))
    for question in questions.QUESTIONS:
        assert len({str(question.right), *map(str, question.wrong)}) == 3
    ways = sum(2**wrong * (1, 8)[wrong] for wrong in range(questions.ASKED - questions.PASS_MARK + 1))
    assert round(3**questions.ASKED / ways) == int(re.search(r"once in (\d+)", questions.__doc__ or "")[1])  # type: ignore[index]


def test_sheets_differ_in_questions_order_and_the_place_of_the_right_answer() -> None:
    sheets = [draw_sheet(uuid4()) for _ in range(60)]
    assert len({tuple(asked.question.name for asked in sheet.asked) for sheet in sheets}) > 50
    assert {asked.question.name for sheet in sheets for asked in sheet.asked} == set(questions.NAMED)
    assert {asked.right for sheet in sheets for asked in sheet.asked} == {0, 1, 2}
    assert all(len(sheet.asked) == questions.ASKED for sheet in sheets)
    assert draw_sheet(sheets[0].nonce) == sheets[0]


def test_a_sheet_is_its_persons_own_and_for_a_shift(desk: Desk, novice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet, token = new_sheet(novice)
    assert sheet_of_token(token, novice) == sheet
    assert sheet_of_token(token, desk.operator) is None
    assert sheet_of_token(token + "x", novice) is None
    monkeypatch.setattr("alerts.training.sheet.VERSION", 99)
    assert sheet_of_token(token, novice) is None
    monkeypatch.undo()
    monkeypatch.setattr("alerts.training.sheet.GOOD_FOR", timedelta(seconds=-1))
    assert sheet_of_token(token, novice) is None


def test_seven_of_eight_pass_make_a_certificate_and_open_the_desk(desk: Desk, novice: User) -> None:
    sheet, _ = new_sheet(novice)
    attempt = attempt_mark(sheet=sheet, actor=novice, given=answers(sheet, wrong=1))
    assert (attempt.right, attempt.count, attempt.is_passed) == (7, 8, True)
    certificate = Certificate.objects.get(person=novice)
    assert (certificate.attempt, certificate.source) == (attempt, "course")
    assert certificate.ends_on == today() + timedelta(days=365)
    assert attempt_mark(sheet=sheet, actor=novice, given=answers(sheet)) == attempt, "of two clicks one counts"
    assert Certificate.objects.filter(person=novice).count() == 1
    entries = AuditEntry.objects.filter(subject=f"user:{novice.pk}").order_by("number")
    assert [entry.action for entry in entries] == ["training.attempted", "training.earned"]
    assert f'"wrong":["{sheet.asked[0].question.name}"]' in entries[0].body
    alert_decide(alert=desk.alert, actor=novice, choice=Choice(verdict="confirm"))  # type: ignore[arg-type]


def test_six_of_eight_do_not_pass_and_the_next_attempt_waits(novice: User) -> None:
    sheet, _ = new_sheet(novice)
    assert not attempt_mark(sheet=sheet, actor=novice, given=answers(sheet, wrong=2)).is_passed
    assert not standing_of(novice).may_decide
    again, _ = new_sheet(novice)
    with pytest.raises(ValidationError, match="The next attempt can be made from"):
        attempt_mark(sheet=again, actor=novice, given=answers(again))
    with pytest.raises(DatabaseError), transaction.atomic():
        Attempt.objects.update(is_passed=True)
    # an attempt of six minutes ago: as rows stay as they were made, the clock goes on
    later = timezone.now() + timedelta(minutes=6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("alerts.training.services.attempting.timezone.now", lambda: later)
        assert attempt_mark(sheet=again, actor=novice, given=answers(again)).is_passed
    assert AuditEntry.objects.filter(action="training.attempted").count() == 2


def test_an_open_question_is_no_attempt_and_only_the_desk_makes_any(desk: Desk, novice: User) -> None:
    sheet, _ = new_sheet(novice)
    given = answers(sheet)
    given.pop(sheet.asked[3].question.name)
    with pytest.raises(ValidationError, match="1 of 8 have no answer"):
        attempt_mark(sheet=sheet, actor=novice, given=given)
    with pytest.raises(ValidationError, match="Only operators and supervisors"):
        attempt_mark(sheet=sheet, actor=desk.auditor, given=answers(sheet))
    assert not Attempt.objects.exists()


def filled(page: str, chosen: Mapping[str, int]) -> dict[str, str]:
    token = re.search(r'name="sheet" value="([^"]+)"', page)
    assert token
    return {"sheet": token[1], **{f"answer-{name}": str(place) for name, place in chosen.items()}}


def test_the_quiz_in_the_browser_keeps_answers_and_tells_what_to_read_again(novice: User, as_novice: Client) -> None:
    page = as_novice.get("/training/quiz/").content.decode()
    sheet = sheet_of_token(filled(page, {})["sheet"], novice)
    assert sheet
    assert (page.count("<fieldset"), page.count('type="radio"')) == (8, 24)
    part = dict(list(answers(sheet).items())[:5])
    answer = as_novice.post("/training/quiz/", filled(page, part))
    assert answer.status_code == 422
    again = answer.content.decode()
    assert (again.count(" checked"), again.count("No answer yet.")) == (5, 3)
    assert "3 of 8 have no answer" in again
    assert filled(again, {})["sheet"] == filled(page, {})["sheet"]

    answer = as_novice.post("/training/quiz/", filled(page, answers(sheet, wrong=4)), follow=True)
    told = answer.content.decode()
    assert "Not passed: 4 of 8 are right." in told
    missed = {asked.question.chapter for asked in sheet.asked[:4]}
    assert told.count("(read again)") == len(missed)
    assert as_novice.post("/training/quiz/", {"sheet": "made up"}).status_code == 422


def test_the_pages_of_the_course_lead_from_the_first_to_the_quiz(as_novice: Client) -> None:
    address, seen = "/training/pages/1/", []
    while address.startswith("/training/pages/"):
        page = as_novice.get(address)
        assert page.status_code == 200
        seen.append(address)
        following = re.search(r'href="([^"]+)" rel="next"', page.content.decode())
        assert following
        address = following[1]
    assert len(seen) == len(CHAPTERS)
    assert address == "/training/cases/"
    assert 'href="/training/quiz/"' in as_novice.get(address).content.decode()
    assert as_novice.get(f"/training/pages/{len(CHAPTERS) + 1}/").status_code == 404


def test_cases_are_dismissed_ones_of_ones_own_sites_and_no_future_test(
    desk: Desk, as_operator: Client, settings: LazySettings
) -> None:
    assert "No case with a clip yet" in as_operator.get("/training/cases/").content.decode()

    def dismissed(camera: object, reason: str = "crowd", **fields: object) -> int:
        alert = make_alert(camera, state="dismissed", clip_state="ready", clip_path="a.mp4", **fields)  # type: ignore[arg-type]
        Decision.objects.create(
            alert=alert, verdict="dismiss", reason=reason, by=desk.supervisor, role="supervisor", after_s=9.0
        )
        return int(alert.pk)

    camera = desk.alert.camera
    oldest, middle, newest = (dismissed(camera) for _ in range(3))
    played = dismissed(camera, "play")
    known = dismissed(camera, "running")
    KnownClip.objects.create(alert_id=known, is_positive=False, by=desk.supervisor)
    dismissed(camera, "resolved")
    dismissed(make_camera(), "picture")
    assert [case.alert.pk for case in cases(desk.operator)] == [played, newest, middle]
    page = as_operator.get("/training/cases/").content.decode()
    assert f"/alerts/{newest}/" in page
    assert f"/alerts/{oldest}/" not in page
    assert f"/alerts/{known}/" not in page
    assert cases(desk.auditor) == []
