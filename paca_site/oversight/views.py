"""What everybody may read, without signing in."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from paca_site.oversight.cards import card_text
from paca_site.oversight.page import transparency_html

logger = logging.getLogger(__name__)
CACHED_S = 300


@login_not_required
@require_safe
@cache_control(public=True, max_age=CACHED_S)
def transparency(request: HttpRequest) -> HttpResponse:
    """Show what the cameras here are for, how people are masked, what is kept, and what was done with it.

    In the installation's language, or in `?language=`: never in the visitor's, as a shared cache keeps the page.
    """
    code = request.GET.get("language", "")
    with translation.override(code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        return HttpResponse(transparency_html(address=static))


@login_not_required
@require_safe
@cache_control(public=True, max_age=CACHED_S)
def card(request: HttpRequest, name: str) -> HttpResponse:
    """Return the full card of the masker or the detector, as the text it is; `name` comes from urls.py only."""
    try:
        text = card_text(name)
    except OSError as error:
        logger.error("transparency: the full card of %s cannot be read: %s", name, error)
        raise Http404("No such card.") from error
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
