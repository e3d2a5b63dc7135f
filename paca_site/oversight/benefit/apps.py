"""The app of benefit and cost: what watching a place saves and takes, so that its necessity can be argued."""

from django.apps import AppConfig


class BenefitConfig(AppConfig):
    """It stores what each camera took on each day, as nothing else keeps it longer than two weeks."""

    name = "paca_site.oversight.benefit"
    label = "benefit"
