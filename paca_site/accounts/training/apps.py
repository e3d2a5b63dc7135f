"""The app of certificates of training."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Who may decide alerts because they know what the machine cannot do."""

    name = "paca_site.accounts.training"
    label = "training"
