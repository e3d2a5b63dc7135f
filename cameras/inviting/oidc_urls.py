"""Addresses of signing in through an identity provider; the library looks the callback up by its own name for it."""

from django.urls import path

from cameras.inviting import oidc_pages

urlpatterns = [
    path("oidc/", oidc_pages.oidc_start, name="oidc-start"),
    path("oidc/link/", oidc_pages.oidc_link, name="oidc-link"),
    path("oidc/unlink/", oidc_pages.oidc_unlink, name="oidc-unlink"),
    path("<str:provider_id>/callback/", oidc_pages.oidc_callback, name="openid_connect_callback"),
]
