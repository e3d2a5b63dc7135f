"""Why people say that an alert needs no action."""

from django.db import models


class DismissReason(models.TextChoices):
    """Why an alert needs no action; chosen by number key, in this order."""

    ORDINARY = "ordinary", "Ordinary behaviour"
    PLAY_OR_SPORT = "play", "Play, sport or dancing"
    RUNNING = "running", "Running, nothing more"
    CROWD = "crowd", "Dense but calm crowd"
    PICTURE = "picture", "Picture fault: light, rain, camera shake"
    MASK = "mask", "Masking fault"
    RESOLVED = "resolved", "Already dealt with"
    OTHER = "other", "Other (say what)"
