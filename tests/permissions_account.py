"""Who may open what of the door: first pages, signing in, one's own factors."""

from collections.abc import Iterator

from tests.permission_row import ABSENT, ADMINISTRATOR, ANONYMOUS, CAST, CONFIGURATION, SIGNED_IN, SUPERVISOR, Row


def account_rows() -> Iterator[Row]:
    """Yield all rows of signing in."""
    yield Row("GET", "", SIGNED_IN, 302)
    yield Row("GET", "healthz", CAST)
    yield Row("POST", "language/", CAST, 302)
    yield Row("GET", "words/<str:language>.js", CAST)
    yield Row("GET", "account/login/", (ANONYMOUS,), refused=302)
    yield Row("POST", "account/login/", (ANONYMOUS,), refused=302)
    yield Row("GET", "account/here/", SIGNED_IN)
    yield Row("POST", "account/here/", SIGNED_IN)
    yield Row("GET", "account/inactive/", CAST)
    yield Row("GET", "account/logout/", SIGNED_IN)
    yield Row("POST", "account/logout/", SIGNED_IN, 302)
    yield Row("GET", "account/reauthenticate/", SIGNED_IN)
    yield Row("POST", "account/reauthenticate/", SIGNED_IN)
    yield Row("GET", "account/password/change/", SIGNED_IN)
    yield Row("POST", "account/password/change/", SIGNED_IN)
    yield Row("GET", "account/2fa/", SIGNED_IN)
    # one's own second factor: what changes it asks for the password again first, what shows codes needs some
    for page, answer in (
        ("authenticate/", 302),
        ("reauthenticate/", 302),
        ("totp/activate/", 302),
        ("totp/deactivate/", 404),
        ("recovery-codes/generate/", 302),
        ("webauthn/add/", 302),
        ("webauthn/reauthenticate/", 302),
        ("webauthn/keys/<int:pk>/edit/", 302),
        ("webauthn/keys/<int:pk>/remove/", 302),
    ):
        yield Row("GET", f"account/2fa/{page}", SIGNED_IN, answer)
        yield Row("POST", f"account/2fa/{page}", SIGNED_IN, answer)
    yield Row("GET", "account/2fa/webauthn/login/", (ANONYMOUS,), 302, refused=302)
    yield Row("POST", "account/2fa/webauthn/login/", (ANONYMOUS,), 302, refused=302)
    yield Row("GET", "account/2fa/recovery-codes/", SIGNED_IN, 404)
    yield Row("GET", "account/2fa/recovery-codes/download/", SIGNED_IN, 404)
    # who invited lets nobody in, and nobody without a fresh proof (tests/cameras/inviting)
    yield Row("GET", "invitations/", CONFIGURATION)
    yield Row("GET", "invitations/add/", (ADMINISTRATOR,), 302)
    yield Row("POST", "invitations/add/", (ADMINISTRATOR,), 302, data={"for_whom": ""})
    yield Row("GET", "invitations/<int:pk>/", CONFIGURATION, refused=ABSENT)
    yield Row("POST", "invitations/<int:pk>/let-in/", (ADMINISTRATOR, SUPERVISOR), 302, ABSENT)
    yield Row("POST", "invitations/<int:pk>/revoke/", (ADMINISTRATOR, SUPERVISOR), 422, ABSENT, {"reason": ""})
    # a link that opens nothing; tests/cameras/inviting is who holds one that does
    yield Row("GET", "invitations/open/<str:token>/", CAST, ABSENT)
    yield Row("POST", "invitations/open/<str:token>/", CAST, ABSENT)
    # without a provider in the settings there is none; tests/cameras/inviting/test_provider.py has one
    yield Row("GET", "account/oidc/", CAST, ABSENT)
    yield Row("GET", "account/<str:provider_id>/callback/", CAST, ABSENT)
    yield Row("POST", "account/oidc/link/", SIGNED_IN, ABSENT)
    yield Row("POST", "account/oidc/unlink/", SIGNED_IN, ABSENT)
