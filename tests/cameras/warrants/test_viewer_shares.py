"""A release opened by several holders of the custodian's key together."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from inference.core.vault.shares import shares_make
from paca_site.audit.models import AuditEntry
from tests.cameras.warrants.made import REASON, Court
from tests.cameras.warrants.vaulted import confirmed_for, vaulted_for
from tests.paca_site.audit.test_trail_pages import client_of
from tests.proof import prove

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def test_shares_of_the_key_open_a_release_and_the_trail_names_their_numbers(
    court: Court, settings: Any, tmp_path: Path
) -> None:
    settings.VAULT_KEYS = tmp_path / "vault-keys"
    words = ["first holder 12", "second holder 1", "third holder 12"]
    shares, public_key = shares_make(words, needed=2)
    vaulted = vaulted_for(court, shares[0], public_key)
    release = confirmed_for(vaulted)
    custodian = client_of(vaulted.court.custodian)
    prove(custodian)
    given = {"hours": "2", "reason": REASON}
    third, first = SimpleUploadedFile("c", shares[2]), SimpleUploadedFile("a", shares[0])
    one = {**given, "key_file": third, "passphrase": words[2]}
    alone = custodian.post(f"/warrants/{release.pk}/decide", one)
    assert alone.status_code == 422
    assert "needs 2 of its 3 shares; got 1" in alone.text
    third.seek(0)
    wordless = custodian.post(f"/warrants/{release.pk}/decide", {**one, "key_file_2": first})
    assert "This share has a passphrase of its own." in wordless.text
    third.seek(0)
    first.seek(0)
    opened = custodian.post(f"/warrants/{release.pk}/decide", {**one, "key_file_2": first, "passphrase_2": words[0]})
    assert opened.status_code == 200, opened.text
    entry = AuditEntry.objects.filter(subject=f"warrant:{release.pk}").latest("number")
    assert (entry.action, json.loads(entry.body)["details"]["shares"]) == ("warrant.opened", [1, 3])
