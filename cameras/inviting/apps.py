"""The app of invitations."""

from django.apps import AppConfig


class InvitingConfig(AppConfig):
    """How people come to an account of their own: an administrator invites, another person lets them in."""

    name = "cameras.inviting"
    label = "inviting"
