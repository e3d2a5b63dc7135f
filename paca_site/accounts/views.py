"""The front door: each role's first page, the health answer, and the pages for "not you" and "not there"."""

from allauth.account import views as allauth_views
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from paca_site.accounts.access import signed_in
from paca_site.accounts.context import home_url_name


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send a person to the first page of their role."""
    return redirect(home_url_name(signed_in(request)))


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Say `ok` if the web process answers and reaches the database; load balancers and `manage.py up` ask."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


def password_change(request: HttpRequest) -> HttpResponse:
    """Change one's password; who has none, as they come through an identity provider, sees how they sign in."""
    if not signed_in(request).has_usable_password():
        return redirect("mfa_index")
    answer: HttpResponse = allauth_views.password_change(request)
    return answer


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, in words."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: absent and not yours look the same."""
    return render(request, "404.html", status=404)
