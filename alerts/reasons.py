"""Why people say that an alert needs no action."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DismissReason(models.TextChoices):
    """Why an alert needs no action; chosen by number key, in this order."""

    ORDINARY = "ordinary", _("Ordinary behaviour")
    PLAY_OR_SPORT = "play", _("Play, sport or dancing")
    RUNNING = "running", _("Running, nothing more")
    CROWD = "crowd", _("Dense but calm crowd")
    PICTURE = "picture", _("Picture fault: light, rain, camera shake")
    MASK = "mask", _("Masking fault")
    RESOLVED = "resolved", _("Already dealt with")
    OTHER = "other", _("Other (say what)")
