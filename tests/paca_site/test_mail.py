import pytest
from django.core.exceptions import ImproperlyConfigured

from paca_site.mail import MailServer, mail_address, mail_server


@pytest.mark.parametrize(
    ("given", "server"),
    [
        ("", MailServer()),
        ("smtps://paca:p%40ss@mail.example", MailServer("mail.example", 465, "paca", "p@ss", uses_ssl=True)),
        ("smtp+starttls://mail.example:2587", MailServer("mail.example", 2587, uses_tls=True)),
        ("smtp://localhost", MailServer("localhost", 25)),
    ],
)
def test_an_address_names_the_mail_server(given: str, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACA_EMAIL_URL", given)
    assert mail_server("PACA_EMAIL_URL") == server


@pytest.mark.parametrize(
    "given", ["mail.example", "http://mail.example", "smtp://mail.example", "smtps://", "smtps://a:x@b:p"]
)
def test_what_is_no_mail_server_stops_the_start_and_tells_no_password(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACA_EMAIL_URL", given)
    with pytest.raises(ImproperlyConfigured, match="PACA_EMAIL_URL must be smtps://") as told:
        mail_server("PACA_EMAIL_URL")
    assert "a:x" not in str(told.value)


def test_who_sends_is_named_where_mail_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PACA_EMAIL_FROM", raising=False)
    assert mail_address("PACA_EMAIL_FROM", is_needed=False) == ""
    with pytest.raises(ImproperlyConfigured, match="PACA_EMAIL_FROM must be an address"):
        mail_address("PACA_EMAIL_FROM", is_needed=True)
    monkeypatch.setenv("PACA_EMAIL_FROM", "paca@city.example")
    assert mail_address("PACA_EMAIL_FROM", is_needed=True) == "paca@city.example"
