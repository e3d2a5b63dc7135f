"""Which language a person reads: their own choice, kept with the account; the installation's until they choose.

Who is not signed in is answered in the language of their last choice on this browser, or in what the browser asks for
(Django's LocaleMiddleware). Pages and pushes of one person never differ: both ask here.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import JavaScriptCatalog, set_language

from paca_site.accounts.models import User


def language_of(user: object) -> str:
    """Return the code of the language that a signed-in person reads."""
    chosen = user.language if isinstance(user, User) else ""
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def in_each_language(words: Callable[[], str]) -> dict[str, str]:
    """Return what `words` gives in each language, by code; for what goes to many people at once."""
    told = {}
    for code, _ in settings.LANGUAGES:
        with translation.override(code):
            told[code] = words()
    return told


class LanguageMiddleware:
    """Answer each person in their own language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        if request.user.is_authenticated:
            translation.activate(language_of(request.user))
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        return self.get_response(request)


@login_not_required
@require_safe
@cache_control(max_age=3600, public=True)
def javascript_words(request: HttpRequest, language: str) -> HttpResponseBase:
    """Return the catalogue of the words that scripts say, as a script; 404 where there is no such language."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        return JavaScriptCatalog.as_view()(request)


@login_not_required
@require_POST
def language_choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice (`language`, `next`) with the account and in this browser; no language, no change."""
    user, code = request.user, request.POST.get("language", "")
    if isinstance(user, User) and code in dict(settings.LANGUAGES):
        user.language = code
        user.save(update_fields=["language"])
    return set_language(request)
