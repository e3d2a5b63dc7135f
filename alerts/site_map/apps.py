"""The app of the map."""

from django.apps import AppConfig


class SiteMapConfig(AppConfig):
    """Where a site's cameras stand, what they see and how they are, on the site's own plan."""

    name = "alerts.site_map"
    label = "site_map"
