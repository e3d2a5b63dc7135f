"""ASGI entry: HTTP by Django, WebSockets by Channels, same session, same origin only."""

import os
import socket

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paca_site.settings")
http_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 - Django must be set up first
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from alerts.routing import websocket_urlpatterns as alert_sockets  # noqa: E402
from cameras.routing import websocket_urlpatterns as camera_sockets  # noqa: E402
from paca_site.heap import heap_settle  # noqa: E402
from paca_site.metrics.publishing import MetricsPublisher  # noqa: E402

MetricsPublisher(f"web-{os.getpid()}@{socket.gethostname()}").start()

application = ProtocolTypeRouter(
    {
        "http": http_application,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([*alert_sockets, *camera_sockets]))),
    }
)

heap_settle()
