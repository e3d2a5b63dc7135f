"""The pages of passkeys: add, name, remove, sign in, prove anew. Everything else stands on the page of all factors."""

from typing import Any, Final

from allauth.mfa.webauthn import views
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext
from django_ratelimit.core import is_ratelimited

from paca_site.accounts.client_address import counted_address

RATE: Final = "60/m"
"""From one address, over all processes; two requests each: 30 people a minute, as with passwords."""


class AddPasskeyView(views.AddWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Add one. Where the device can keep it, it does, so that it also signs in without a name."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the browser is asked for, and the form with the refused answer where there was one."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        chosen = context["js_data"]["creation_options"]["publicKey"]["authenticatorSelection"]
        wanted = {**chosen, "residentKey": "preferred", "requireResidentKey": False}
        context["js_data"]["creation_options"]["publicKey"] = {
            **context["js_data"]["creation_options"]["publicKey"],
            "authenticatorSelection": wanted,
        }
        return {**context, **kwargs}


class RenamePasskeyView(views.EditWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Name one anew."""

    success_url = reverse_lazy("mfa_index")


class RemovePasskeyView(views.RemoveWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Remove one; with the last factor of all, the recovery codes go too, and a factor is asked for again."""

    success_url = reverse_lazy("mfa_index")


class FreshPasskeyView(views.ReauthenticateWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Prove who one is, again."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say what was wrong and ask once more, for the same page."""
        _tell(self.request, form)
        wanted = self.request.POST.get("next", "")
        return redirect(f"{self.request.path}?{urlencode({'next': wanted})}" if wanted else self.request.path)


@method_decorator(login_not_required, name="dispatch")
class SignInPasskeyView(views.LoginWebAuthnView):  # type: ignore[misc]  # allauth ships no types
    """Come in with a passkey alone: it verified the person, so it is both factors."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse an address that asks too often: each challenge is a session, also a stranger's."""
        if is_ratelimited(request, group="passkey-sign-in", key=counted_address, rate=RATE, increment=True):
            return HttpResponse(gettext("Too many tries from here. Wait a minute."), status=429)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say what was wrong, at the door."""
        _tell(self.request, form)
        return redirect("account_login")


def _tell(request: HttpRequest, form: Any) -> None:
    for error in form.errors.get("credential", []):
        messages.error(request, error)


urlpatterns: list[URLPattern] = [
    path("add/", AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path("reauthenticate/", FreshPasskeyView.as_view(), name="mfa_reauthenticate_webauthn"),
    path("keys/<int:pk>/remove/", RemovePasskeyView.as_view(), name="mfa_remove_webauthn"),
    path("keys/<int:pk>/edit/", RenamePasskeyView.as_view(), name="mfa_edit_webauthn"),
    path("login/", SignInPasskeyView.as_view(), name="mfa_login_webauthn"),
]
