"""The pages of assessments, without JavaScript: from the empty list to the signature."""

import pytest
from django.test import Client
from django.urls import reverse

from cameras.assessing.models import Assessment
from cameras.models import Camera
from paca_site.accounts.models import Role, User
from tests.cameras.assessing.made import RESPONSIBLE, RIGHTS, filled, sign_all, signed, submitted
from tests.cast import make_camera, make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of

pytestmark = pytest.mark.django_db
LIST = "assessing:standing-list"


def people_of(camera: Camera) -> tuple[User, User]:
    return make_user(Role.ADMINISTRATOR, camera.site), make_user(Role.SUPERVISOR, camera.site)


def text_of(client: Client, name: str, *arguments: object) -> str:
    return client.get(reverse(name, args=arguments)).content.decode()


def test_the_whole_way_from_nothing_to_a_signature() -> None:
    camera = make_camera()
    administrator, supervisor = people_of(camera)
    answering, signing = client_of(administrator), client_of(supervisor)
    assert "Never signed" in text_of(answering, LIST)
    assert "1 kept from running" in text_of(answering, LIST)
    answering.post(reverse("assessing:assessment-begin", args=[camera.site_id, RESPONSIBLE]))
    draft = Assessment.objects.get()
    sheet = reverse("assessing:assessment-answer", args=[draft.pk])
    assert "Which rule of law allows these cameras" in answering.get(sheet).content.decode()
    fields: dict[str, str] = {}
    for key, given in filled(draft.questionnaire).items():
        fields |= {f"{key}-text": given.text, f"{key}-choice": given.choice, f"{key}-revision": "0"}
    bad = answering.post(sheet, fields | {"aim-text": "short"})
    assert bad.status_code == 422
    assert "Nothing was saved: 1 answer" in bad.content.decode()
    assert ">short</textarea>" in bad.content.decode(), "what was entered is still there"
    answering.post(sheet, fields)
    detail = reverse("assessing:assessment-detail", args=[draft.pk])
    assert "All questions are answered" in answering.get(detail).content.decode()
    answering.post(reverse("assessing:assessment-submit", args=[draft.pk]))
    assert "waits for a signature" in text_of(signing, LIST)
    unread = signing.post(reverse("assessing:assessment-sign", args=[draft.pk]))
    assert (unread.status_code, "Tick the box" in unread.content.decode()) == (422, True)
    signing.post(reverse("assessing:assessment-return", args=[draft.pk]), {"reason": "The aim is too vague."})
    assert "The aim is too vague." in answering.get(sheet).content.decode()
    answering.post(reverse("assessing:assessment-submit", args=[draft.pk]))
    signing.post(reverse("assessing:assessment-sign", args=[draft.pk]), {"read": "1"})
    draft.refresh_from_db()
    assert (draft.state, draft.signed_by) == ("signed", supervisor)
    assert "In force" in text_of(signing, LIST)


def test_a_change_is_shown_with_what_was_and_what_is() -> None:
    camera = make_camera(threshold_percent=40)
    administrator, _ = people_of(camera)
    found = signed(camera.site)
    sign_all(make_site())
    Camera.objects.update(threshold_percent=None)
    page = text_of(client_of(administrator), "assessing:assessment-detail", found.pk)
    assert f'<th scope="row">{camera.name}</th><td>Alert threshold</td><td>40</td><td>the detector' in page
    assert page.count("<strong>▲ Stale:</strong>") == 4
    listed = text_of(client_of(administrator), LIST)
    assert "4 answers stale" in listed
    assert "Grace until" not in listed.split("Responsible use")[0]


def test_what_is_of_another_site_is_absent_for_everybody() -> None:
    found = submitted(make_site(), make_user(Role.ADMINISTRATOR))
    for role in Role:
        stranger = client_of(make_user(role, make_site()))
        for name in ("detail", "answer"):
            assert stranger.get(reverse(f"assessing:assessment-{name}", args=[found.pk])).status_code == 404
        for name in ("submit", "return", "sign"):
            assert stranger.post(reverse(f"assessing:assessment-{name}", args=[found.pk])).status_code == 404
        assert stranger.post(reverse("assessing:assessment-begin", args=[found.site_id, RIGHTS])).status_code == 404


def test_what_somebody_else_submitted_meanwhile_is_said_and_not_written_over() -> None:
    camera = make_camera()
    administrator, _ = people_of(camera)
    found = submitted(camera.site, administrator)
    client = client_of(administrator)
    answer = client.post(reverse("assessing:assessment-submit", args=[found.pk]))
    assert (answer.status_code, "submitted by now" in answer.content.decode()) == (422, True)
    assert client.get(reverse("assessing:assessment-answer", args=[found.pk])).status_code == 302


def test_somebody_without_a_site_reads_why_the_list_is_empty() -> None:
    assert "Nothing to assess" in text_of(client_of(make_user(Role.AUDITOR)), LIST)
