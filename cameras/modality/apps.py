"""The app of changes of modality."""

from django.apps import AppConfig


class ModalityConfig(AppConfig):
    """A camera comes under another modality: what that destroys is destroyed first."""

    name = "cameras.modality"
    label = "modality"
