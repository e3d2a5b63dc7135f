"""The public page: what it tells, what it never tells, and that it is the same for everybody."""

import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cameras.models import MaskingStyle, Modality, VehicleMasking
from paca_site.accounts.models import Role
from paca_site.oversight import cards
from paca_site.oversight.page import UNBUILT, transparency_html
from tests.cast import make_camera, make_policy, make_site, make_user
from tests.paca_site.oversight.page import JUNE, NOW, html, old_site
from tests.paca_site.oversight.trail import alerts
from tests.test_pages import check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
PAGE = "/transparency/"


def test_each_camera_is_told_in_words_and_its_address_is_not() -> None:
    site = make_site(name="Torget")
    policy = make_policy(masked_hours=48, clip_days=3, alert_days=20, legal_basis="Police Act, section 7")
    make_camera(
        site, name="Fountain", purpose="See people who fall.", retention=policy, address="rtsp://u:secret@10.0.0.9/a",
        masking_style=MaskingStyle.EDGE, vehicle_masking=VehicleMasking.WHOLE, modality=Modality.CENTRAL,
        masked_zones=[[[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]], is_enabled=False,
    )  # fmt: skip
    page = html()
    for words in (
        "Torget", "Fountain", "See people who fall.", "Stopped", "an outline of their shape", "Vehicles are covered as",
        "One part of the picture is always covered", "deleted after 2 days", "deleted after 3 days", "Police Act",
    ):  # fmt: skip
        assert words in page
    assert "Running" not in page
    assert "secret" not in page
    assert "10.0.0.9" not in page
    assert "58.14" not in page


def test_every_style_modality_and_masking_of_vehicles_has_its_words() -> None:
    site = make_site()
    for style in MaskingStyle:
        make_camera(site, masking_style=style)
    for modality in Modality:
        make_camera(site, modality=modality)
    for vehicles in VehicleMasking:
        make_camera(site, vehicle_masking=vehicles)
    make_camera(site, has_shades=True)
    page = html()
    for words in ("one colour", "an outline", "coarse squares", "strong blur", "Hybrid:", "Edge:", "differ in bright"):
        assert words in page


def test_demo_sites_are_marked_and_others_are_not() -> None:
    make_camera(make_site())
    assert "DEMO" not in html()
    make_camera(make_site(is_demo=True))
    assert "DEMO" in html()
    assert "nobody real is watched" in html()


def test_an_empty_installation_says_so() -> None:
    assert "nobody is watched" in html()
    make_site()
    assert "No camera has been set up at this site yet" in html()


def test_the_contact_is_told_and_its_absence_too(settings: LazySettings) -> None:
    settings.CONTACT = ""
    assert "has named nobody" in html()
    settings.CONTACT = "Privacy officer <Ada>\nada@example.org"
    page = html()
    assert "has named nobody" not in page
    assert 'href="mailto:ada@example.org"' in page
    assert "&lt;Ada&gt;" in page


def test_nobody_s_name_stands_on_the_page() -> None:
    site = old_site()
    people = [make_user(role, site, first_name="Zebedee", last_name="Quux") for role in Role]
    page = html()
    assert not [person for person in people if person.username in page]
    assert "Zebedee" not in page


def test_both_cards_tell_figures_limits_and_data() -> None:
    found = cards.short_cards()
    assert [card.source.name for card in found] == ["paca-seg", "paca-detect"]
    for card in found:
        assert not card.fault
        assert card.limits
        assert card.trained_on
        assert all(value.endswith(" %") for value, _ in card.figures)
        assert card.limits[0] in html().replace("&#x27;", "'").replace("&lt;", "<")


def test_a_card_that_cannot_be_read_is_told_and_logged(monkeypatch: Any, caplog: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(cards, "card_path", lambda name: tmp_path / f"{name}.md")
    assert html().count("cannot be read at the moment") == 2
    assert "the card of paca-seg cannot be shown" in caplog.text
    assert Client().get(f"{PAGE}paca-seg.md").status_code == 404
    assert "the full card of paca-seg cannot be read" in caplog.text


def test_what_is_missing_from_a_manifest_is_not_made_up(monkeypatch: Any) -> None:
    class Manifest:
        content = {"metrics": {"auc": float("nan")}, "command": "c", "data": [], "licence": "l"}

    monkeypatch.setattr(cards, "load_manifest", lambda name: Manifest)
    assert {value for card in cards.short_cards() for value, _ in card.figures} == {"not measured"}


def test_what_is_not_built_is_said() -> None:
    page = html()
    assert [sentence for sentence in UNBUILT if sentence.replace("'", "&#x27;") in page] == list(UNBUILT)


def test_everybody_gets_the_same_page_without_cookies_and_may_keep_it_for_five_minutes() -> None:
    site = make_site()
    make_camera(site)
    answer = Client().get(PAGE)
    check(answer)
    assert answer.status_code == 200
    assert set(answer["Cache-Control"].split(", ")) == {"public", "max-age=300"}
    assert not answer.cookies
    operator = Client()
    operator.force_login(make_user(Role.OPERATOR, site), backend="allauth.account.auth_backends.AuthenticationBackend")
    as_of = re.compile(r"As of [^.]*")
    assert as_of.sub("", operator.get(PAGE).text) == as_of.sub("", answer.text)


def test_the_page_is_open_where_a_second_factor_is_required(settings: LazySettings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    client = Client()
    client.force_login(make_user(Role.OPERATOR), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(PAGE).status_code == 200


def test_the_door_leads_to_the_page_and_the_page_to_the_full_cards() -> None:
    assert f'href="{PAGE}"' in Client().get("/account/login/").text
    for name in ("paca-seg", "paca-detect"):
        assert f'href="{name}.md"' in html()
        answer = Client().get(f"{PAGE}{name}.md")
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.text == cards.card_text(name)


def test_the_page_costs_as_many_queries_for_thirty_cameras_as_for_three() -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            site = old_site()
            alerts(site, JUNE, "alert.confirmed", 1)

    def queries() -> int:
        html()  # counts the months
        with CaptureQueriesContext(connection) as captured:
            transparency_html(address=str, now=NOW)
        return len(captured)

    fill(3)
    few = queries()
    fill(27)
    assert queries() == few <= 14


def test_the_export_is_the_same_page_and_brings_all_it_needs(tmp_path: Path) -> None:
    site = old_site(name="Torget")
    folder = tmp_path / "public" / "html"
    for _ in range(2):  # again and again, as a timer does
        call_command("export_transparency", str(folder), stdout=StringIO())
    page = (folder / "index.html").read_text()
    needed = re.findall(r'(?:href|src)="([^"#:]+)"', page)
    assert len(needed) >= 7
    assert [name for name in needed if not (folder / name).is_file()] == []
    assert "<script" not in page
    assert "Content-Security-Policy" in page
    assert site.name in page
    body = re.compile(r"<main.*</main>", re.DOTALL)
    strip = re.compile(r"As of [^.]*|<p data-complain>.*?</p>")  # a file has no form beside it to send people to
    assert strip.sub("", body.findall(page)[0]) == strip.sub("", body.findall(Client().get(PAGE).text)[0])
    assert not list(folder.rglob("*.part"))


def test_an_export_into_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CommandError, match="DIR must be a folder"):
        call_command("export_transparency", str(tmp_path / "file"), stdout=StringIO())
    assert (tmp_path / "file").read_text() == "mine"
