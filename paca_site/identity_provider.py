"""Which OpenID Connect provider people may sign in through: none, unless all of its settings are given."""

from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured

from paca_site.env import env_https, env_str

PROVIDER_ID = "oidc"
NEEDED = ("PACA_OIDC_URL", "PACA_OIDC_CLIENT", "PACA_OIDC_SECRET")


class IdentityProvider(NamedTuple):
    """The provider's address (its issuer), what PACA is called and proves there, and what people call it."""

    url: str = ""
    client: str = ""
    secret: str = ""
    name: str = ""


def identity_provider() -> IdentityProvider:
    """Return the provider of the environment.

    Raises:
        ImproperlyConfigured: some of its variables are given and some are not, or its address is not https.
    """
    url = env_https("PACA_OIDC_URL").rstrip("/")
    given = {
        "PACA_OIDC_URL": url,
        "PACA_OIDC_CLIENT": env_str("PACA_OIDC_CLIENT", "").strip(),
        "PACA_OIDC_SECRET": env_str("PACA_OIDC_SECRET", "").strip(),
    }
    missing = [name for name in NEEDED if not given[name]]
    if len(missing) == len(NEEDED):
        return IdentityProvider()
    if missing:
        raise ImproperlyConfigured(
            f"Signing in through a provider needs {', '.join(NEEDED)}; {', '.join(missing)} must be given too, or none."
        )
    name = env_str("PACA_OIDC_NAME", "").strip() or url.split("://", 1)[1].split("/", 1)[0]
    return IdentityProvider(url, given["PACA_OIDC_CLIENT"], given["PACA_OIDC_SECRET"], name[:40])


def allauth_providers(provider: IdentityProvider) -> dict[str, Any]:
    """Return django-allauth's setting for it; without a provider an empty one, which opens no door."""
    if not provider.url:
        return {}
    app = {
        "provider_id": PROVIDER_ID,
        "name": provider.name,
        "client_id": provider.client,
        "secret": provider.secret,
        "settings": {"server_url": provider.url, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}
