"""A browser in which somebody has just proved again who they are."""

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client


def prove(client: Client, *, method: str = "password", age_s: float = 0, is_anew: bool = True) -> None:
    session = client.session
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": method, "at": time.time() - age_s, "reauthenticated": is_anew}
    ]
    session.save()


def proved(client: Client) -> Client:
    """Return the browser, in which its person has just given their password again."""
    prove(client)
    return client
