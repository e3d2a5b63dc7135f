import pytest
from django.core.exceptions import ImproperlyConfigured

from paca_site.identity_provider import IdentityProvider, allauth_providers, identity_provider

GIVEN = {"PACA_OIDC_URL": "https://id.city.example/x/", "PACA_OIDC_CLIENT": "paca", "PACA_OIDC_SECRET": "s3cret"}


@pytest.fixture(autouse=True)
def _none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*GIVEN, "PACA_OIDC_NAME"):
        monkeypatch.delenv(name, raising=False)


def test_without_its_settings_there_is_no_provider() -> None:
    assert identity_provider() == IdentityProvider()
    assert allauth_providers(identity_provider()) == {}


def test_with_its_settings_it_is_called_by_its_name_or_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    assert identity_provider() == IdentityProvider("https://id.city.example/x", "paca", "s3cret", "id.city.example")
    monkeypatch.setenv("PACA_OIDC_NAME", "City")
    app = allauth_providers(identity_provider())["openid_connect"]["APPS"][0]
    assert app["name"] == "City"
    assert app["settings"]["oauth_pkce_enabled"] is True


@pytest.mark.parametrize("missing", list(GIVEN))
def test_half_a_provider_stops_the_start_and_tells_no_secret(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=missing) as told:
        identity_provider()
    assert "s3cret" not in str(told.value)


def test_a_provider_in_the_clear_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**GIVEN, "PACA_OIDC_URL": "http://id.city.example"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match="must be an https address"):
        identity_provider()
