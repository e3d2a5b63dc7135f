"""The app of fairness: who is called about too often, and how decisions differ by place and hour."""

from django.apps import AppConfig


class FairnessConfig(AppConfig):
    """It stores what an administrator says of a place, so that burden can be told per person and per area."""

    name = "paca_site.oversight.fairness"
    label = "fairness"
