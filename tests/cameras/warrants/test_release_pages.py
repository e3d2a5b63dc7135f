"""The pages of releases: the whole way, the fresh proof, the order, and who sees what."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from cameras.models import Modality
from cameras.warrants.models import FootageRelease, State
from cameras.warrants.orders import MOST_BYTES, order_folder
from paca_site.accounts.models import Role
from paca_site.accounts.proof import FRESH_S
from paca_site.audit.models import AuditEntry
from tests.cameras.warrants.made import REASON, Court, confirmed
from tests.cast import ORDER, make_camera, make_release, make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of
from tests.proof import prove
from tests.test_pages import check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
OSLO = ZoneInfo("Europe/Oslo")


def picture() -> bytes:
    file = BytesIO()
    Image.effect_noise((40, 40), 90).convert("RGB").save(file, "PNG")
    return file.getvalue()


def asked_for(court: Court, **changed: Any) -> dict[str, Any]:
    now = timezone.now().astimezone(OSLO)
    return {
        "authority": "Agder District Court",
        "reference": "26-100ENE-TAGD",
        "legal_basis": "Criminal Procedure Act, section 210",
        "justification": "A person was struck at the fountain.",
        "cameras": [str(court.camera.pk)],
        "starts_at": (now - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
        "order": SimpleUploadedFile("order.pdf", ORDER),
        **changed,
    }


def test_the_whole_way_by_hand_over(court: Court) -> None:
    answer = client_of(court.administrator).post("/warrants/add", asked_for(court))
    assert answer.status_code == 302, answer.content.decode()
    release = FootageRelease.objects.get()
    page = f"/warrants/{release.pk}/"
    part = release.parts.get()
    assert part.starts_at < timezone.now() - timedelta(minutes=119), "the times are those of the site"
    assert part.starts_at > timezone.now() - timedelta(minutes=122)
    asker = client_of(court.administrator).get(page).content.decode()
    assert "Withdraw the request" in asker
    assert "the order allows" not in asker.lower()

    supervisor = client_of(court.supervisor)
    assert "Waiting for you" in supervisor.get("/warrants/").content.decode()
    order = supervisor.get(f"{page}order")
    assert order.content == ORDER
    assert "attachment" in order["Content-Disposition"]
    read = {
        "reference": "26-100ene-tagd",
        "starts_at": (part.starts_at.astimezone(OSLO) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (part.ends_at.astimezone(OSLO) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
        "cameras": "2",
        "is_genuine": "on",
    }
    wrong = supervisor.post(f"{page}confirm", {**read, "reference": "26-101"})
    assert wrong.status_code == 422
    check(wrong)
    assert "26-101" in wrong.content.decode(), "what was typed is still there"
    assert supervisor.post(f"{page}confirm", read).status_code == 302

    custodian = client_of(court.custodian)
    assert "Approve or refuse" in custodian.get("/warrants/").content.decode()
    assert custodian.get(f"{page}decide")["Location"].startswith("/account/reauthenticate/?next=")
    prove(custodian)
    check(custodian.get(f"{page}decide"))
    line = f"{'AB' * 32} 1234 cam-07_14-00.mkv"
    given = {f"files-{part.pk}": line, "received_by": "Sergeant Moe", "reason": REASON}
    assert custodian.post(f"{page}decide", given).status_code == 302
    release.refresh_from_db()
    assert release.state == State.HANDED_OVER
    shown = custodian.get(page).content.decode()
    assert "The reference in the order is not the one of this request." in shown, "what was refused, and why"
    for words in ("ab" * 32, "cam-07_14-00.mkv", "Sergeant Moe", REASON, "warrant.handed-over", "hold ended"):
        assert words in shown


def test_a_proof_that_is_old_or_of_the_wrong_kind_approves_nothing(court: Court, monkeypatch: Any) -> None:
    release, custodian = confirmed(court), client_of(court.custodian)
    address = f"/warrants/{release.pk}/decide"
    given = {"verdict": "refuse", "reason": REASON}
    prove(custodian, age_s=FRESH_S + 1)
    assert custodian.post(address, given)["Location"].startswith("/account/reauthenticate/")
    prove(custodian, is_anew=False)
    assert custodian.post(address, given)["Location"].startswith("/account/reauthenticate/"), "signing in is not enough"
    monkeypatch.setattr("paca_site.accounts.proof.is_mfa_enabled", lambda user: True)
    prove(custodian)
    refused = custodian.post(address, given)
    assert refused["Location"].startswith("/account/2fa/reauthenticate/"), "a password is no second factor"
    release.refresh_from_db()
    assert release.state == State.CONFIRMED
    prove(custodian, method="mfa")
    assert custodian.post(address, given).status_code == 302
    release.refresh_from_db()
    assert (release.state, release.close_reason) == (State.REFUSED, REASON)


def test_a_supervisor_refuses_and_the_requester_withdraws(court: Court) -> None:
    first, second = (make_release(court.camera, court.administrator) for _ in range(2))
    refuse = client_of(court.supervisor).post(f"/warrants/{first.pk}/refuse", {"reason": REASON})
    withdraw = client_of(court.administrator).post(f"/warrants/{second.pk}/withdraw", {"reason": REASON})
    assert (refuse.status_code, withdraw.status_code) == (302, 302)
    states = dict(FootageRelease.objects.values_list("pk", "state"))
    assert states == {first.pk: State.REFUSED, second.pk: State.WITHDRAWN}
    again = client_of(court.supervisor).post(f"/warrants/{first.pk}/refuse", {"reason": REASON})
    assert again.status_code == 422
    check(again)
    assert "This release is over: Refused" in again.content.decode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"MZ this is a program", "must be a PDF, PNG or JPEG"),
        (b"%PDF-1.7 half of it", "has no end"),
        (picture()[:-300], "picture is damaged"),
        (b"", "empty"),
        (b"%PDF-" + bytes(MOST_BYTES) + b"%%EOF", "at most 10 MiB"),
    ],
    ids=["program", "half", "damaged", "empty", "large"],
)
def test_an_order_must_be_a_document(content: bytes, why: str, court: Court) -> None:
    upload = SimpleUploadedFile("order.pdf", content)
    answer = client_of(court.supervisor).post("/warrants/add", asked_for(court, order=upload))
    assert answer.status_code == 422
    check(answer)
    assert why in answer.content.decode()
    assert not order_folder().exists()


def test_a_photographed_order_is_known_by_its_content(court: Court) -> None:
    upload = SimpleUploadedFile("order.exe", picture())
    assert client_of(court.supervisor).post("/warrants/add", asked_for(court, order=upload)).status_code == 302
    release = FootageRelease.objects.get()
    assert (release.order_type, Path(release.order_file).suffix) == ("image/png", ".png")


def test_a_changed_order_is_not_given_out(court: Court) -> None:
    release = make_release(court.camera, court.administrator)
    (order_folder() / release.order_file).write_bytes(b"%PDF- another %%EOF")
    answer = client_of(court.supervisor).get(f"/warrants/{release.pk}/order")
    assert answer.status_code == 500
    check(answer)
    assert "was changed" in answer.content.decode()
    assert not AuditEntry.objects.filter(action="warrant.order-read").exists()


def test_reading_the_order_is_recorded(court: Court) -> None:
    release = make_release(court.camera, court.administrator)
    client_of(make_user(Role.AUDITOR, court.camera.site)).get(f"/warrants/{release.pk}/order")
    assert AuditEntry.objects.filter(action="warrant.order-read", subject=f"warrant:{release.pk}").count() == 1


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("abc 12 a.mkv", "64 digits"),
        (f"{'a' * 64} none a.mkv", "size in bytes"),
        (f"{'a' * 64} 0 a.mkv", "size in bytes"),
        (f"{'a' * 64} 12", "name, at most 120"),
    ],
)
def test_a_file_is_named_by_hash_size_and_name(line: str, why: str, court: Court) -> None:
    release, custodian = confirmed(court), client_of(court.custodian)
    prove(custodian)
    given = {f"files-{release.parts.get().pk}": line, "received_by": "Moe", "reason": REASON}
    answer = custodian.post(f"/warrants/{release.pk}/decide", given)
    assert answer.status_code == 422
    check(answer)
    assert why in answer.content.decode()
    release.refresh_from_db()
    assert release.state == State.CONFIRMED


def test_an_empty_house_says_so_and_offers_no_camera_that_keeps_nothing_raw() -> None:
    site = make_site()
    make_camera(site, modality=Modality.HYBRID)
    supervisor = client_of(make_user(Role.SUPERVISOR, site))
    empty = supervisor.get("/warrants/")
    check(empty)
    assert "Nobody has asked for unmasked footage" in empty.content.decode()
    assert "No camera to ask for" in supervisor.get("/warrants/add").content.decode()


def test_people_of_another_site_see_nothing_of_it(court: Court) -> None:
    release = make_release(court.camera, court.administrator)
    for role in (Role.SUPERVISOR, Role.CUSTODIAN, Role.AUDITOR, Role.ADMINISTRATOR):
        stranger = client_of(make_user(role, make_site()))
        assert release.reference not in stranger.get("/warrants/").content.decode()
        assert stranger.get(f"/warrants/{release.pk}/").status_code == 404


def test_the_list_asks_as_often_for_many_as_for_one(court: Court) -> None:
    client = client_of(court.supervisor)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            check(client.get("/warrants/"))
        return len(captured)

    make_release(court.camera, court.administrator)
    queries()
    one = queries()
    for _ in range(4):
        make_release(court.camera, court.administrator)
    assert queries() == one
