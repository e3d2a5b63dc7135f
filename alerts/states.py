"""The words of an alert's life: its state, how soon to look, who was called, what became of its clip."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AlertState(models.TextChoices):
    """Where an alert is in its life."""

    NEW = "new", _("New")
    ESCALATED = "escalated", _("Escalated")
    CONFIRMED = "confirmed", _("Confirmed")
    DISMISSED = "dismissed", _("Dismissed")


OPEN_STATES = (AlertState.NEW, AlertState.ESCALATED)


class Severity(models.IntegerChoices):
    """How soon a person should look; always shown as colour, icon and word."""

    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")


class CallLevel(models.IntegerChoices):
    """Who has been called to an open alert, by the clock or by an escalation."""

    DESK = 0, _("Desk")
    SECOND = 1, _("Second operator called")
    SUPERVISOR = 2, _("Supervisor called")


class ClipState(models.TextChoices):
    """Whether the masked clip can be watched."""

    PENDING = "pending", _("Being made")
    READY = "ready", _("Ready")
    MISSING = "missing", _("No recording")
    NONE = "none", _("Not kept by policy")
    PURGED = "purged", _("Deleted at the end of its retention")
