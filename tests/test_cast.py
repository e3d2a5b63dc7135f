"""The cast walks every address: who may, who may not, and that a refusal writes nothing. The table: permissions.py."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from alerts.incidents import Incident
from alerts.models import ClipState
from alerts.routing import websocket_urlpatterns as alert_sockets
from alerts.seeding.models import KnownClip
from alerts.services.shelving import alert_shelve
from alerts.services.shift_changing import shift_end, shift_start
from alerts.sharing.models import Share
from cameras.assessing.services.answering import assessment_start
from cameras.routing import websocket_urlpatterns as camera_sockets
from inference.releasing.models import ModelRelease
from paca_site.accounts.models import Role
from paca_site.accounts.training.models import Certificate
from paca_site.asgi import application
from paca_site.audit.services import audit_record_now
from tests.cast import (
    make_alert,
    make_authorisation,
    make_box,
    make_camera,
    make_ceiling,
    make_complaint,
    make_halt,
    make_hold,
    make_invitation,
    make_plan,
    make_proposal,
    make_release,
    make_report_of_harm,
    make_review,
    make_segment,
    make_site,
    make_system_alert,
    make_user,
)
from tests.inference.commissioning.walks import make_run, make_still
from tests.inference.leaking.suspensions import make_suspension
from tests.permission_row import ANONYMOUS, CAST, ELSEWHERE, OPERATOR, Row
from tests.permissions import DOCUMENT, ROWS, SOCKETS, document

WRITE = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"(\w+)"|^SELECT .* FROM audit_append\(')
OWN_SESSION = {"django_session"}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ALLOWED = {(row.pattern, row.method) for row in ROWS}


def patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield before + str(entry.pattern)


class House:
    """One site with everybody at work there, one camera with an alert and its clip, and somebody of another site."""

    def __init__(self) -> None:
        site = make_site()
        self.camera = make_camera(site)
        self.alert = make_alert(
            self.camera,
            incident=Incident.objects.create(site=site),
            clip_state=ClipState.READY,
            clip_path="clip.mp4",
            poster_path="poster.jpg",
            clip_duration_s=14,
        )
        shelved = make_alert(self.camera)
        self.people = {role.value: make_user(role, site) for role in Role}
        self.certificate = Certificate.objects.get(person=self.people[OPERATOR])
        self.people[ELSEWHERE] = make_user(Role.OPERATOR, make_site())
        self.system_alert = make_system_alert(self.camera)
        self.segment = make_segment(self.camera, timezone.now() - timedelta(minutes=5))
        self.hold = make_hold(self.camera, self.people[Role.CUSTODIAN.value])
        self.complaint = make_complaint(site)
        self.serious = make_report_of_harm(site, self.people[Role.SUPERVISOR.value])
        self.warrant = make_release(self.camera, self.people[Role.ADMINISTRATOR.value])
        self.proposal = make_proposal(self.camera)
        self.authorisation = make_authorisation(self.camera, self.people[Role.ADMINISTRATOR.value])
        self.ceiling = make_ceiling(self.people[Role.ADMINISTRATOR.value])
        self.run = make_run(self.camera, self.people[Role.SUPERVISOR.value])
        self.still = make_still(self.run, path="poster.jpg")
        self.halt = make_halt(self.camera, self.people[OPERATOR])
        self.suspension = make_suspension(self.camera)
        self.box = make_box(site, self.people[Role.ADMINISTRATOR.value])
        self.invitation, _ = make_invitation(site, self.people[Role.ADMINISTRATOR.value])
        make_plan(site, self.people[Role.ADMINISTRATOR.value])
        administrator = self.people[Role.ADMINISTRATOR.value]
        self.assessment = assessment_start(site=site, slug="responsible-innovation", actor=administrator)
        self.release = ModelRelease.objects.create(
            kind="masker", name="Another one", weights="0" * 12, licence="MIT", manifest={}
        )
        keeper = self.people[OPERATOR]
        self.shelf = alert_shelve(alert=shelved, actor=keeper, minutes=30, reason="Building work")
        shift_start(actor=keeper)
        self.shift = shift_end(actor=keeper)
        self.share = Share.objects.create(
            incident_id=self.alert.incident_id or 0, to=keeper, by=self.people[Role.SUPERVISOR.value]
        )
        self.clip = KnownClip.objects.create(
            alert=make_alert(self.camera, state="dismissed"), is_positive=False, by=self.people[Role.SUPERVISOR.value]
        )
        first, second = make_user(Role.OPERATOR, site), make_user(Role.OPERATOR, site)
        self.review = make_review(self.camera, first)
        self.disagreement = make_review(self.camera, first, second)
        self.entry = audit_record_now(action="camera.viewed", actor=self.people[OPERATOR], site_id=site.pk)

    def client_of(self, member: str) -> Client:
        client = Client()
        if member != ANONYMOUS:
            client.force_login(self.people[member], backend=BACKEND)
        return client

    def address(self, pattern: str) -> str:
        """Fill a pattern in with what stands at the site."""
        pk = self.alert.pk if pattern.startswith("alerts/") else self.camera.pk
        pk = self.shift.pk if pattern.startswith("alerts/shift/") else pk
        pk = self.disagreement.decision_id if pattern.startswith("alerts/decisions/") else pk
        pk = self.shelf.pk if pattern.startswith("alerts/shelved/") else pk
        pk = self.alert.incident_id or 0 if pattern.startswith("alerts/incidents/") else pk
        pk = self.camera.retention_id if pattern.startswith("cameras/retention/") else pk
        pk = self.hold.pk if pattern.startswith("cameras/holds/") else pk
        pk = self.warrant.pk if pattern.startswith("warrants/") else pk
        pk = self.proposal.pk if pattern.startswith("necessity/") else pk
        pk = self.authorisation.pk if pattern.startswith("authorisations/") else pk
        pk = self.ceiling.pk if pattern.startswith("ceilings/") else pk
        in_runs = pattern.startswith("commissioning/") and not pattern.startswith("commissioning/cameras/")
        pk = self.run.pk if in_runs else pk
        pk = self.still.pk if pattern.startswith("commissioning/stills/") else pk
        pk = self.halt.pk if pattern.startswith("stop/") else pk
        pk = self.invitation.pk if pattern.startswith("invitations/") else pk
        pk = self.suspension.pk if pattern.startswith("leaks/suspensions/") else pk
        pk = self.box.pk if pattern.startswith("boxes/") else pk
        pk = self.complaint.pk if pattern.startswith("redress/") else pk
        pk = self.serious.pk if pattern.startswith("serious/") else pk
        pk = self.camera.site_id if pattern.startswith("map/") else pk
        pk = self.share.pk if pattern.startswith("load/") else pk
        pk = self.alert.incident_id or 0 if pattern.startswith("load/incidents/") else pk
        pk = self.camera.site_id if pattern.startswith("seeding/sites/") else pk
        pk = self.alert.pk if pattern.startswith("seeding/alerts/") else pk
        pk = self.clip.pk if pattern.startswith("seeding/clips/") else pk
        pk = self.camera.site_id if pattern.startswith("fairness/") else pk
        pk = self.people[OPERATOR].pk if pattern.startswith("training/people/") else pk
        pk = self.certificate.pk if pattern.startswith("training/certificates/") else pk
        pk = self.review.pk if pattern.startswith("reviews/") else pk
        pk = self.disagreement.pk if pattern == "reviews/<int:pk>/settle" else pk
        pk = self.system_alert.pk if pattern.startswith("system/alerts/") else pk
        pk = self.release.pk if pattern.startswith("models/") else pk
        pk = self.assessment.pk if pattern.startswith("assessments/") else pk
        pk = self.camera.site_id if pattern.startswith("assessments/sites/") else pk
        filled = (
            pattern.replace("<slug:slug>", "responsible-innovation")
            .replace("<int:pk>", str(pk))
            .replace("<str:language>", "nb")
            .replace("<str:token>", "a-token")
            .replace("<str:provider_id>", "oidc")
        )
        filled = filled.replace("<int:chapter>", "1").replace("<int:camera>", str(self.camera.pk))
        filled = filled.replace("<int:segment>", str(self.segment.pk)).replace("<int:viewing>", "1")
        return "/" + filled.replace("<int:number>", str(self.entry.number))


@pytest.fixture
def house(services: Any, db: None, settings: LazySettings, tmp_path: Path) -> House:
    settings.FOOTAGE_DIR = settings.DATA_DIR = tmp_path
    for name in ("clip.mp4", "poster.jpg"):
        (tmp_path / name).write_bytes(b"masked")
    return House()


def written(captured: CaptureQueriesContext) -> set[str]:
    found = (WRITE.match(query["sql"]) for query in captured.captured_queries)
    return {match[1] or "audit_auditentry" for match in found if match} - OWN_SESSION


def ask(house: House, client: Client, row: Row) -> tuple[Any, set[str]]:
    address = house.address(row.pattern)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address) if row.method == "GET" else client.post(address, row.data)
    return answer, written(captured)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert {row.pattern for row in ROWS} == set(patterns())
    assert {str(entry.pattern) for entry in (*alert_sockets, *camera_sockets)} == set(SOCKETS)
    assert len(ALLOWED) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} /{row.pattern}")
def test_the_cast_opens_what_it_may_and_a_refusal_writes_nothing(row: Row, house: House) -> None:
    # those who may not first: what they must not have changed is then still there for those who may
    for member in sorted(CAST, key=lambda member: member in row.may):
        answer, tables = ask(house, house.client_of(member), row)
        assert (member, answer.status_code) == (member, row.status_for(member))
        if member not in row.may:
            assert (member, tables) == (member, set())
            assert member != ANONYMOUS or answer["Location"].startswith("/account/login/")
        elif row.method == "GET":
            assert tables <= {"audit_auditentry"}
        if row.data and answer.status_code == 302 and member in row.may:
            break  # done: the next one would find it done already


def test_no_address_takes_a_method_that_it_does_not_need(house: House) -> None:
    clients = {member: house.client_of(member) for member in CAST}
    needless = [
        Row(method, pattern, (), refused=405)
        for pattern in sorted(set(patterns()))
        for method in ("GET", "POST")
        if (pattern, method) not in ALLOWED
    ]
    assert needless
    for row in needless:
        for member, client in clients.items():
            answer, tables = ask(house, client, row)
            assert (row.pattern, member, tables) == (row.pattern, member, set())
            assert answer.status_code in ({302, 405} if member == ANONYMOUS else {403, 404, 405}), (row, member)


def test_nobody_signs_up_or_resets_a_password_from_outside(house: House) -> None:
    for client in (house.client_of(ANONYMOUS), house.client_of(Role.ADMINISTRATOR)):
        for page in (
            "signup/",
            "email/",
            "password/reset/",
            "password/set/",
            "login/code/confirm/",
            "confirm-email/a/",
        ):
            assert client.get(f"/account/{page}").status_code == 404


def socket_of(path: str, house: House, member: str, origin: str) -> WebsocketCommunicator:
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in house.client_of(member).cookies.items())
    headers = [(b"host", b"localhost"), (b"origin", origin.encode()), (b"cookie", cookies.encode())]
    return WebsocketCommunicator(application, f"/{path}", headers=headers)


async def opens(socket: WebsocketCommunicator) -> bool:
    """Return whether the socket stays open; one that wants to say why not accepts first and closes at once."""
    is_accepted, _ = await socket.connect(timeout=30)
    if is_accepted:
        await socket.send_to(text_data='{"type": "ping", "ping": 1}')
        told = await socket.receive_output(timeout=30)
        is_accepted = told["type"] == "websocket.send"
    await socket.disconnect(timeout=30)
    return bool(is_accepted)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", SOCKETS)
async def test_the_cast_opens_the_sockets_it_may_from_its_own_pages_only(path: str, house: House) -> None:
    for member in CAST:
        socket = await sync_to_async(socket_of)(path, house, member, "http://localhost")
        assert (member, await opens(socket)) == (member, member in SOCKETS[path])
        foreign = await sync_to_async(socket_of)(path, house, member, "http://elsewhere.example")
        assert not (await foreign.connect(timeout=30))[0]


def test_the_document_of_permissions_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(), "run `python -m tests.permissions`"
