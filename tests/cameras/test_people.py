"""Accounts are opened, changed and closed on the machine itself, each change with a reason and an entry."""

import io
import json
import threading
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from cameras.access import Watcher, watching_user
from cameras.services.people import person_active_set, scope_grant
from paca_site.accounts.access import site_ids
from paca_site.accounts.models import Role, User
from paca_site.audit.models import AuditEntry
from tests.cast import make_site, make_user
from tests.paca_site.audit.test_trail_pages import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


def people(*words: str) -> str:
    out = io.StringIO()
    call_command("people", *words, stdout=out)
    return out.getvalue()


def told_of(user: User) -> list[tuple[str, str]]:
    entries = AuditEntry.objects.filter(subject=f"user:{user.pk}", action__startswith="account.").order_by("number")
    entries = entries.exclude(action="account.signed-in")
    return [(entry.action, json.loads(entry.body)["details"].get("reason", "")) for entry in entries]


def test_a_second_operator_is_added_signs_in_and_sees_that_site_only() -> None:
    site, other = make_site(), make_site()
    words = ("--role", "operator", "--site", site.slug, "--name", "Kari Nordmann", "--reason", "new colleague")
    out = people("add", "kari", *words)
    password = out.split("Password:")[1].split()[0]
    kari = User.objects.get(username="kari")
    answer = Client().post("/account/login/", {"login": "kari", "password": password})
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/")
    assert str(kari) == "Kari Nordmann"
    assert site_ids(kari) == [site.pk]
    assert other.pk not in site_ids(kari)
    assert told_of(kari) == [("account.created", "new colleague")]
    assert password not in AuditEntry.objects.order_by("number").last().body  # type: ignore[union-attr]
    assert kari.password != password


def test_a_deactivated_person_is_out_at_once_and_their_account_stays() -> None:
    operator, colleague = make_user(Role.OPERATOR, make_site()), make_user(Role.OPERATOR, make_site())
    client, other = client_of(operator), client_of(colleague)
    watcher = Watcher(user_id=operator.pk, session_key=client.session.session_key)
    assert watching_user(watcher) == operator
    people("deactivate", operator.username, "--reason", "left")
    assert client.get("/alerts/shift/").status_code == 302
    assert watching_user(watcher) is None
    assert other.get("/alerts/shift/").status_code == 200
    people("reactivate", operator.username, "--reason", "came back")
    assert client.get("/alerts/shift/").status_code == 302, "an old session came back"
    assert watching_user(watcher) is None
    assert told_of(operator) == [("account.deactivated", "left"), ("account.reactivated", "came back")]


def test_a_new_role_holds_at_once_and_the_person_stays_the_same_to_four_eyes() -> None:
    supervisor = make_user(Role.SUPERVISOR, make_site())
    client = client_of(supervisor)
    watcher = Watcher(user_id=supervisor.pk, session_key=client.session.session_key)
    assert client.get("/deciding/").status_code == 200
    people("role", supervisor.username, "--role", "custodian", "--reason", "new duty")
    assert client.get("/deciding/").status_code == 403
    assert watching_user(watcher) is None
    assert User.objects.get(username=supervisor.username).pk == supervisor.pk


def test_a_scope_ends_by_command_and_by_its_date() -> None:
    site, other = make_site(), make_site()
    operator = make_user(Role.OPERATOR, site)
    until = timezone.now() + timedelta(days=3)
    people("grant", operator.username, "--site", other.slug, "--until", until.isoformat(), "--reason", "holiday cover")
    assert set(site_ids(operator)) == {site.pk, other.pk}
    assert f"{other.slug} (until " in people("list")
    people("withdraw", operator.username, "--site", site.slug, "--reason", "moved")
    assert site_ids(operator) == [other.pk]
    people("grant", operator.username, "--site", site.slug, "--reason", "back")
    assert set(site_ids(operator)) == {site.pk, other.pk}
    with pytest.raises(ValidationError, match="must lie ahead"):
        scope_grant(user=operator, site=site, until=timezone.now() - timedelta(seconds=1), reason="x")


def test_of_several_sites_all_change_or_none() -> None:
    site, other = make_site(), make_site()
    operator = make_user(Role.OPERATOR, site)
    with pytest.raises(CommandError, match=f"does not work with site {other.slug}"):
        people("withdraw", operator.username, "--site", site.slug, "--site", other.slug, "--reason", "moved")
    assert site_ids(operator) == [site.pk]
    assert told_of(operator) == []


def test_a_new_password_ends_sessions_and_a_lost_second_factor_is_forgotten() -> None:
    operator = make_user(Role.OPERATOR, make_site())
    client = client_of(operator)
    TOTP.activate(operator, generate_totp_secret())
    people("password", operator.username, "--reason", "forgotten")
    assert client.get("/alerts/shift/").status_code == 302
    people("forget-factor", operator.username, "--reason", "phone lost")
    assert not is_mfa_enabled(operator)
    with pytest.raises(CommandError, match="has no second factor"):
        people("forget-factor", operator.username, "--reason", "again")
    assert told_of(operator) == [("account.password-set", "forgotten"), ("account.second-factor-removed", "phone lost")]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("role", "{name}", "--role", "operator", "--reason", "x"), "is operator already"),
        (("reactivate", "{name}", "--reason", "x"), "is active already"),
        (("deactivate", "{name}", "--reason", " "), "A reason is needed"),
        (("deactivate", "nobody-here", "--reason", "x"), "Nobody has the sign-in name 'nobody-here'"),
        (("grant", "{name}", "--site", "no-such", "--reason", "x"), "short name of a site .*got 'no-such'"),
        (("grant", "{name}", "--site", "{site}", "--until", "soon", "--reason", "x"), "must be a date such as"),
        (
            ("add", "{name}", "--role", "auditor", "--site", "{site}", "--name", "A B", "--reason", "x"),
            "username already exists",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(words: tuple[str, ...], told: str) -> None:
    site = make_site()
    operator = make_user(Role.OPERATOR, site)
    with pytest.raises(CommandError, match=told):
        people(*(word.format(name=operator.username, site=site.slug) for word in words))
    assert told_of(operator) == []


@pytest.mark.django_db(transaction=True)
def test_the_last_administrator_stays_also_where_two_leave_at_once() -> None:
    User.objects.filter(role=Role.ADMINISTRATOR).update(is_active=False)
    pair = [make_user(Role.ADMINISTRATOR, make_site()) for _ in range(2)]
    refused: list[str] = []

    def leave(user: User) -> None:
        try:
            person_active_set(user=user, is_active=False, reason="left")
        except ValidationError as error:
            refused.extend(error.messages)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=(user,)) for user in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).count() == 1
    assert len(refused) == 1
    assert "the last administrator" in refused[0]
