"""How long somebody stays signed in: so long without touching anything, and never longer than a shift.

An act is what a person does: opening a page, or what the page itself reports of keys and pointer (`session-here`).
What pages ask for by themselves, to stay fresh, is none: a wall that nobody sits before signs itself out.
"""

import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final, Literal, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.dispatch import Signal, receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from paca_site.accounts.models import Role, User

SIGNED_IN_AT: Final = "signed_in_at"
ACTED_AT: Final = "acted_at"
ENDED: Final = "session_ended"
"""All that is left of a session that the clock has ended: why, for whichever request of its browser comes next."""
WRITTEN_EVERY_S: Final = 60
"""An act is written down at most so often: one more query a minute, not one a request."""
Ended = Literal["idle", "over", ""]

session_ended = Signal()
"""Sent once when the clock ends a session, with `user` and `reason`; the trail records it (`paca_site/audit`)."""


def idle_s(role: str) -> int:
    """Return after how many seconds without an act a person of a role is signed out."""
    minutes = settings.SESSION_IDLE_DESK_MIN if role == Role.OPERATOR else settings.SESSION_IDLE_MIN
    return int(minutes) * 60


def ended(session: Mapping[str, Any], role: str, now_s: float | None = None) -> Ended:
    """Return why a session does not hold any more; empty while it does."""
    if ENDED in session:
        return cast("Ended", session[ENDED])
    idle, left = seconds_left(session, role, now_s)
    return "over" if left <= 0 else "idle" if idle <= 0 else ""


def seconds_left(session: Mapping[str, Any], role: str, now_s: float | None = None) -> tuple[float, float]:
    """Return the seconds left without an act, and in all."""
    now_s = time.time() if now_s is None else now_s
    signed_in_s = float(session.get(SIGNED_IN_AT, now_s))
    acted_s = float(session.get(ACTED_AT, signed_in_s))
    return acted_s + idle_s(role) - now_s, signed_in_s + settings.SESSION_COOKIE_AGE - now_s


@receiver(user_logged_in)
def session_begun(sender: type[User], request: HttpRequest | None, **kwargs: Any) -> None:
    """Note when somebody signed in; proving again who one is begins no new session."""
    if request is not None:
        request.session.pop(ENDED, None)
        request.session[SIGNED_IN_AT] = request.session[ACTED_AT] = int(time.time())


def is_act(request: HttpRequest) -> bool:
    """Return whether a person stands behind a request, not the page by itself.

    Browsers say so on https and on this machine (W3C, Fetch Metadata Request Headers); without it, what asks for a page
    and is no script counts.
    """
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is not None:
        return mode == "navigate" and (request.method == "POST" or request.headers.get("Sec-Fetch-User") == "?1")
    is_script = "HX-Request" in request.headers or "X-Requested-With" in request.headers
    return not is_script and "text/html" in request.headers.get("Accept", "")


def acted(session: MutableMapping[str, Any], *, now_s: float | None = None) -> None:
    """Note an act, at most once a minute."""
    now_s = time.time() if now_s is None else now_s
    if SIGNED_IN_AT not in session:  # signed in before this was asked
        session[SIGNED_IN_AT] = int(now_s)
    if now_s - float(session.get(ACTED_AT, 0)) >= WRITTEN_EVERY_S:
        session[ACTED_AT] = int(now_s)


def session_end(*, session_key: str, user: User) -> bool:
    """End a session whose time is over; what it held goes, and the reason stays for its browser.

    Returns:
        Whether this call ended it; only then, in the same transaction, `session_ended` is sent.
    """
    with transaction.atomic():
        row = Session.objects.select_for_update().filter(pk=session_key).first()
        held = row.get_decoded() if row is not None else {}
        reason = ended(held, user.role)
        if row is None or not reason or ENDED in held:
            return False
        row.session_data = SessionStore().encode({ENDED: reason})
        row.save(update_fields=["session_data"])
        session_ended.send(sender=User, user=user, reason=reason)
    return True


def sessions_end() -> int:
    """End every session whose time is over, also where no page asks any more; remove rows that nobody can use.

    Returns:
        How many sessions ended.
    """
    people = {str(user.pk): user for user in User.objects.all()}
    held = ((row.pk, row.get_decoded()) for row in Session.objects.iterator())
    signed_in = ((key, session, people.get(session.get(SESSION_KEY, ""))) for key, session in held)
    over = [(key, user) for key, session, user in signed_in if user is not None and ended(session, user.role)]
    count = sum(session_end(session_key=key, user=user) for key, user in over)
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
    return count


def sessions_remove(user: User) -> None:
    """Remove all sessions of a person, so that none comes back where their account is opened again."""
    held = ((row.pk, row.get_decoded()) for row in Session.objects.iterator())
    keys = [key for key, session in held if session.get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=keys).delete()


class SessionEndMiddleware:
    """Sign out whose time is over, before anything is looked at; stands between sign-in and what asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, or lead to the door with the reason."""
        user = request.user
        reason = ended(request.session, user.role) if isinstance(user, User) else request.session.get(ENDED, "")
        if isinstance(user, User):
            if reason:
                key = str(request.session.session_key)
                session_end(session_key=key, user=user)
                request.session, request.user = SessionStore(key), AnonymousUser()
            elif is_act(request) or SIGNED_IN_AT not in request.session:
                acted(request.session)
        response = self.get_response(request)
        if _leads_to_the_door(response):
            to_the_door = _to_the_door(request, reason)
            to_the_door.cookies.update(response.cookies)  # what is to be told there
            return to_the_door
        return response


def _leads_to_the_door(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].split("?")[0] == resolve_url(settings.LOGIN_URL)


def _to_the_door(request: HttpRequest, reason: str) -> HttpResponse:
    """Lead whoever asks to the door: the whole page, also where only a part of it was asked for."""
    is_part = "HX-Request" in request.headers
    came_from = request.headers.get("HX-Current-URL" if is_part else "Referer", "")
    page = request.get_full_path() if request.method == "GET" and not is_part else _path_here(request, came_from)
    asked = {"next": page} | ({"ended": reason} if reason else {})
    door = f"{resolve_url(settings.LOGIN_URL)}?{urlencode(asked)}"
    if is_part:
        return HttpResponse(status=204, headers={"HX-Redirect": door})
    return redirect(door)


def _path_here(request: HttpRequest, address: str) -> str:
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return reverse("home")
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


@never_cache
@require_http_methods(["GET", "POST"])
def session_here(request: HttpRequest) -> JsonResponse:
    """Say how long the session holds; with POST, that somebody has touched the page within the last minute."""
    user = request.user
    role = user.role if isinstance(user, User) else ""
    if request.method == "POST":
        request.session[ACTED_AT] = int(time.time())
    idle, left = seconds_left(request.session, role)
    return JsonResponse({"idle_s": max(0, int(idle)), "left_s": max(0, int(left))})
