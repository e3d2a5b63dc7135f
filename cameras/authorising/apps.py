"""The app of authorisations."""

from django.apps import AppConfig


class AuthorisingConfig(AppConfig):
    """What a public authority allowed: which cameras, for what, which kinds of event, until when."""

    name = "cameras.authorising"
    label = "authorising"
