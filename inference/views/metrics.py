"""The page that Prometheus reads."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from inference.exposition import exposition


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give all measures to who holds the token `PACA_METRICS_TOKEN`; without one set there is no such page.

    Raises:
        Http404: no token is set, or another was given.
    """
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not constant_time_compare(request.headers.get("Authorization", ""), expected):
        raise Http404("No such page.")
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
