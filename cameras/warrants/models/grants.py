"""Since when people have the power they have."""

from django.conf import settings
from django.db import models

from cameras.models import Site


class Grant(models.Model):
    """Since when a person has their role (no site) or may work with a site; written by triggers only.

    Whoever was given the power after a request was made decides nothing in it, however the power was given.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, null=True, on_delete=models.CASCADE, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "site"], nulls_distinct=False, name="grant_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.site_id} since {self.given_at:%Y-%m-%d %H:%M}"
