"""The cameras app."""

from django.apps import AppConfig


class CamerasConfig(AppConfig):
    """Sites, cameras, what is recorded and how long it is kept."""

    name = "cameras"
