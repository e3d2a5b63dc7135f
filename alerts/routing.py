"""WebSocket addresses of this app."""

from typing import Any, cast

from django.urls import URLPattern, path

from alerts.consumers.alerts import AlertConsumer

websocket_urlpatterns: list[URLPattern] = [path("ws/alerts/", cast("Any", AlertConsumer.as_asgi()))]
