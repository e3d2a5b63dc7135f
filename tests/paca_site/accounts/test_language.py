import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import translation

from alerts.models import Alert
from alerts.queue_rows import queue_rows
from paca_site.accounts.language import in_each_language, language_of
from paca_site.accounts.models import Role, User
from paca_site.env import env_choice
from tests.cast import make_alert, make_camera, make_user


@pytest.fixture
def alert(settings: LazySettings, db: None) -> Alert:
    settings.REQUIRE_SECOND_FACTOR = False
    return make_alert(make_camera())


@pytest.fixture
def operator(alert: Alert) -> Client:
    user = make_user(Role.OPERATOR, alert.camera.site)
    client = Client()
    client.force_login(user)
    return client


def test_a_person_chooses_norwegian_once_and_keeps_it_on_every_machine(operator: Client, alert: Alert) -> None:
    assert '<html lang="en">' in operator.get("/alerts/").text
    answer = operator.post("/language/", {"language": "nb", "next": "/alerts/"})
    assert (answer.status_code, answer["Location"]) == (302, "/alerts/")
    elsewhere = Client()
    elsewhere.force_login(User.objects.get(pk=operator.session["_auth_user_id"]))
    page = elsewhere.get(f"/alerts/{alert.pk}/").text
    assert '<html lang="nb">' in page
    assert "Sted og tid" in page
    assert "Place and time" not in page


def test_numbers_and_drawings_are_written_alike_in_both(operator: Client, alert: Alert) -> None:
    english = operator.get(f"/alerts/{alert.pk}/").text
    operator.post("/language/", {"language": "nb", "next": "/"})
    norwegian = operator.get(f"/alerts/{alert.pk}/").text
    for page in (english, norwegian):
        assert f"{alert.confidence:.0f} %" in page

    def points(page: str) -> str:
        return page.split('points="', 1)[1].split('"', 1)[0]

    assert points(english) == points(norwegian)


def test_what_is_no_language_changes_nothing_and_leads_nowhere_else(operator: Client) -> None:
    answer = operator.post("/language/", {"language": "xx", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert '<html lang="en">' in operator.get("/alerts/").text


def test_who_is_not_signed_in_is_answered_as_the_browser_asks(alert: Alert) -> None:
    page = Client(headers={"Accept-Language": "nb-NO,nb;q=0.9"}).get("/account/login/").text
    assert "Logg inn" in page
    assert "Sign in" in Client().get("/account/login/").text


def test_the_public_page_is_in_the_language_asked_for_whatever_the_browser_says(alert: Alert) -> None:
    norwegian = Client(headers={"Accept-Language": "nb"})
    assert '<html lang="en"' in norwegian.get("/transparency/").text
    assert "Hva kameraene her gjør" in Client().get("/transparency/?language=nb").text


def test_scripts_get_their_words_and_an_unknown_language_is_not_there(alert: Alert) -> None:
    answer = Client().get("/words/nb.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "Maskering nede" in answer.text
    assert Client().get("/words/xx.js").status_code == 404


def test_the_queue_is_read_anew_when_the_language_changes(operator: Client) -> None:
    first = operator.get("/alerts/rows")
    operator.post("/language/", {"language": "nb", "next": "/"})
    again = operator.get("/alerts/rows", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200


def test_a_push_carries_each_language(alert: Alert) -> None:
    (row,) = queue_rows(Alert.objects.all(), 1)
    told = in_each_language(lambda: str(row.html))
    assert "alerts, one incident" not in told["nb"]
    assert set(told) == {"en", "nb"}
    with translation.override("nb"):
        assert told["nb"] == str(row.html)


def test_without_a_choice_the_installation_decides(settings: LazySettings, alert: Alert) -> None:
    user = make_user(Role.SUPERVISOR)
    settings.LANGUAGE_CODE = "nb"
    assert language_of(user) == "nb"
    user.language = "en"
    assert language_of(user) == "en"


def test_an_unknown_language_of_the_installation_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACA_LANGUAGE", "de")
    with pytest.raises(ImproperlyConfigured, match="PACA_LANGUAGE must be one of en, nb; got 'de'"):
        env_choice("PACA_LANGUAGE", "en", ["en", "nb"])
