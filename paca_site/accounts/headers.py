"""What every answer tells a browser beside Django's own security headers."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

REFUSED: Final = (
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid",
    "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
"""Features of a browser that no page of ours asks for, and so none may use, ours or not."""
PERMISSIONS: Final = ", ".join(f"{feature}=()" for feature in REFUSED)


class HeadersMiddleware:
    """Refuse browser features and other sites' use of our answers; keep signed-in people's pages out of every cache.

    A control room's screens are shared: after signing out, *Back* must not show what the last person saw. A view that
    says itself how it may be kept is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request and add the headers."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "Cache-Control" not in response.headers and request.user.is_authenticated:
            response.headers["Cache-Control"] = "private, no-store"
        return response
