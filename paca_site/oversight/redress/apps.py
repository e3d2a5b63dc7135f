"""The app of complaints."""

from django.apps import AppConfig


class RedressConfig(AppConfig):
    """What people who may have been filmed ask, object to or complain of, and what became of it."""

    name = "paca_site.oversight.redress"
    label = "redress"
