"""The app of camera boxes."""

from django.apps import AppConfig


class BoxesConfig(AppConfig):
    """Small computers beside cameras, which mask where the picture is made and send masked pictures only."""

    name = "cameras.boxes"
    label = "boxes"
