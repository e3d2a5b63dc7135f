"""The app of ceilings."""

from django.apps import AppConfig


class CeilingsConfig(AppConfig):
    """How long anything may be kept at most, by modality and jurisdiction, whatever a policy says."""

    name = "cameras.ceilings"
    label = "ceilings"
