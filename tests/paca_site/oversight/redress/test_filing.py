import itertools
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from cameras.models import Site
from paca_site.accounts.models import Role
from paca_site.audit.models import AuditEntry
from paca_site.oversight.redress.models import Complaint, Outcome
from paca_site.oversight.redress.sealing import SealBrokenError, seal, unseal
from paca_site.oversight.redress.services.answering import complaint_answer, complaints_purge
from tests.cast import make_complaint, make_site, make_user

pytestmark = pytest.mark.django_db
_addresses = itertools.count(1)
CONTACT = "kari@example.org"


@pytest.fixture
def visitor() -> Client:
    """Somebody at an address of their own, as addresses are counted across tests."""
    return Client(REMOTE_ADDR=f"198.51.100.{next(_addresses)}")


def filled_in(place: Site, **fields: str) -> dict[str, str]:
    return {
        "site": str(place.pk),
        "kind": "filmed",
        "happened": "Monday at eight, at the fountain",
        "message": "Was I filmed?",
        "contact": CONTACT,
        "form_token": str(uuid4()),
        **fields,
    }


def secret_in(text: str) -> tuple[str, str]:
    found = re.search(r"data-reference>([^<]+)<.*data-secret>([^<]+)<", text, re.S)
    assert found, "the receipt shows reference and secret"
    return found[1], found[2]


def test_whoever_files_a_complaint_reads_what_became_of_it_with_reference_and_secret(visitor: Client) -> None:
    site = make_site()
    answer = visitor.post("/redress/", filled_in(site))
    assert answer.status_code == 201
    reference, secret = secret_in(answer.text)
    waiting = visitor.post("/redress/answer/", {"reference": reference.lower(), "secret": f" {secret.lower()} "})
    assert "Nobody has answered it yet" in waiting.text
    complaint = Complaint.objects.get(reference=reference)
    text = "Nothing of that evening was kept: the policy is 24 hours."
    complaint_answer(complaint=complaint, outcome=Outcome.ANSWERED, answer=text, actor=make_user(Role.SUPERVISOR, site))
    assert text in visitor.post("/redress/answer/", {"reference": reference, "secret": secret}).text


def test_a_wrong_secret_opens_nothing_and_does_not_tell_whether_the_reference_exists(visitor: Client) -> None:
    known = make_complaint(make_site())
    wrong = {"reference": known.reference, "secret": "AAAA-BBBB-CCCC-DDDD"}
    answers = [visitor.post("/redress/answer/", given) for given in (wrong, {**wrong, "reference": "R-AAAA-BBBB"})]
    assert {answer.status_code for answer in answers} == {422}
    texts = [re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", answer.text) for answer in answers]
    assert texts[0] == texts[1]


def test_a_form_that_is_sent_twice_makes_one_complaint(visitor: Client) -> None:
    form = filled_in(make_site())
    assert visitor.post("/redress/", form).status_code == 201
    again = visitor.post("/redress/", form)
    assert again.status_code == 409
    assert "had it already" in again.text
    assert Complaint.objects.count() == 1


def test_the_database_and_the_trail_hold_no_contact_and_no_secret_in_the_clear(visitor: Client) -> None:
    _, secret = secret_in(visitor.post("/redress/", filled_in(make_site())).text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(sealed_contact, 'escape'), row_to_json(c)::text FROM redress_complaint c")
        kept = str(cursor.fetchall())
    trail = str(list(AuditEntry.objects.values_list("body", flat=True)))
    for hidden in (CONTACT, secret):
        assert hidden not in kept
        assert hidden not in trail
    assert unseal(Complaint.objects.get().sealed_contact) == CONTACT


def test_a_contact_sealed_under_another_key_is_told_as_such(settings: LazySettings) -> None:
    sealed = seal(CONTACT)
    settings.SECRET_KEY = "another key, which the installation was given after a theft"
    with pytest.raises(SealBrokenError):
        unseal(sealed)


def test_one_address_files_five_an_hour_and_mistakes_do_not_count(visitor: Client) -> None:
    site = make_site()
    for _ in range(4):
        assert visitor.post("/redress/", filled_in(site, message="")).status_code == 422
    codes = [visitor.post("/redress/", filled_in(site)).status_code for _ in range(6)]
    assert codes == [201] * 5 + [429]
    assert Complaint.objects.count() == 5


def test_one_address_guesses_twenty_secrets_an_hour(visitor: Client) -> None:
    given = {"reference": "R-AAAA-BBBB", "secret": "AAAA-BBBB-CCCC-DDDD"}
    codes = [visitor.post("/redress/answer/", given).status_code for _ in range(21)]
    assert codes == [422] * 20 + [429]


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("site", "999999", "Select a valid choice"),
        ("kind", "theft", "Select a valid choice"),
        ("message", "x" * 2001, "at most 2000 characters"),
        ("form_token", "not-a-uuid", "valid UUID"),
    ],
)
def test_a_mistake_is_told_and_what_was_written_stays(visitor: Client, field: str, given: str, told: str) -> None:
    answer = visitor.post("/redress/", filled_in(make_site(), **{field: given}))
    assert answer.status_code == 422
    assert told in answer.text
    assert "Monday at eight, at the fountain" in answer.text
    assert not Complaint.objects.exists()


def test_answered_complaints_go_after_their_time_and_open_ones_never(settings: LazySettings) -> None:
    site = make_site()
    actor = make_user(Role.SUPERVISOR, site)
    old, fresh, waiting = (make_complaint(site) for _ in range(3))
    for complaint in (old, fresh):
        complaint_answer(complaint=complaint, outcome=Outcome.ANSWERED, answer="Nothing was kept of it.", actor=actor)
    long_ago = timezone.now() - timedelta(days=settings.REDRESS_KEEP_DAYS + 1)
    Complaint.objects.filter(pk=old.pk).update(answered_at=long_ago)
    Complaint.objects.filter(pk=waiting.pk).update(filed_at=long_ago, due_at=long_ago)
    assert complaints_purge(timezone.now()) == 1
    assert set(Complaint.objects.values_list("pk", flat=True)) == {fresh.pk, waiting.pk}
    assert AuditEntry.objects.filter(action="redress.purged").count() == 1
    assert complaints_purge(timezone.now()) == 0
    assert AuditEntry.objects.filter(action="redress.purged").count() == 1


def test_the_database_refuses_an_answer_without_a_person(db: Any) -> None:
    complaint = make_complaint(make_site())
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(
            outcome=Outcome.UPHELD, answer="Yes.", answered_at=timezone.now()
        )
