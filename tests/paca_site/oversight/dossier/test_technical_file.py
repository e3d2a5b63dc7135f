from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from cameras.authorising.services.authorising import authorisation_sign
from cameras.models import Camera, Site
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from paca_site.oversight.dossier.content import TOLD_SETTINGS
from paca_site.oversight.dossier.page import technical_file_html
from tests.cameras.assessing.made import sign_all
from tests.cast import make_authorisation, make_camera, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def camera(settings: LazySettings) -> Camera:
    settings.REQUIRE_SECOND_FACTOR = False
    camera = make_camera(address="rtsp://viewer:hunter2secret@10.0.0.7/stream?token=s3cr3t")
    draft = make_authorisation(camera, make_user(Role.ADMINISTRATOR, camera.site))
    authorisation_sign(authorisation=draft, actor=make_user(Role.SUPERVISOR, camera.site), version=draft.version)
    sign_all(camera.site)
    return camera


def sites() -> list[int]:
    return list(Site.objects.values_list("pk", flat=True))


def test_it_tells_cameras_authorisations_answers_cards_and_the_trail(camera: Camera) -> None:
    page = technical_file_html(sites(), NOW)
    for told in (
        camera.purpose,
        "Agder Municipal Council",
        "What holds here about legal-basis, in words.",
        "Card of paca-seg",
        "Who may open what",
        "NECESSITY_DAYS",
        "State of 2026-11-23 12:00:00 UTC",
    ):
        assert told in page


def test_it_holds_no_address_no_password_and_no_key(camera: Camera, settings: LazySettings) -> None:
    page = technical_file_html(sites(), NOW)
    for secret in ("hunter2secret", "s3cr3t", "10.0.0.7", "rtsp://viewer", settings.SECRET_KEY, settings.REDIS_URL):
        assert secret not in page
    assert not {name for name in TOLD_SETTINGS if any(word in name for word in ("SECRET", "TOKEN", "URL", "PASSWORD"))}


def test_two_runs_are_the_same_bytes_and_need_nothing_else(camera: Camera) -> None:
    page = technical_file_html(sites(), NOW)
    assert technical_file_html(sites(), NOW) == page
    assert "<script" not in page
    assert 'href="/' not in page
    assert 'src="' not in page


def test_the_command_writes_it_and_replaces_nothing_unasked(camera: Camera, tmp_path: Path) -> None:
    out = tmp_path / "file.html"
    call_command("technical_file", str(out))
    assert "Technical file" in out.read_text()
    with pytest.raises(CommandError, match="exists; give another name, or --overwrite"):
        call_command("technical_file", str(out))
    call_command("technical_file", str(out), "--overwrite")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("technical_file", str(tmp_path / "absent" / "file.html"))


def test_an_auditor_gets_their_sites_only_and_that_is_recorded(camera: Camera) -> None:
    other = make_camera(purpose="Nobody of this site's business.")
    auditor = make_user(Role.AUDITOR, camera.site)
    client = Client()
    client.force_login(auditor, backend=BACKEND)
    assert "Technical file" in client.get("/technical-file/").text
    answer = client.post("/technical-file/download")
    assert 'filename="paca-technical-file-' in answer["Content-Disposition"]
    assert camera.purpose in answer.text
    assert other.purpose not in answer.text
    assert AuditEntry.objects.filter(action="technical-file.exported", actor=auditor).count() == 1


def test_an_empty_installation_has_one_too() -> None:
    assert "No checkpoint has been signed yet" in technical_file_html([], NOW)
