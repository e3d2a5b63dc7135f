"""Addresses of the door: only what is needed of allauth, under its own names; it brings sign-up, e-mail, more."""

from allauth.account import views
from django.urls import URLPattern, URLResolver, include, path

from paca_site.accounts.sessions import session_here
from paca_site.accounts.views import password_change

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("here/", session_here, name="session-here"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.base.urls")),
    path("2fa/totp/", include("allauth.mfa.totp.urls")),
    path("2fa/recovery-codes/", include("allauth.mfa.recovery_codes.urls")),
    path("2fa/webauthn/", include("paca_site.accounts.passkey_pages")),
]
