"""The app of serious-incident reports."""

from django.apps import AppConfig


class SeriousConfig(AppConfig):
    """What did or could do serious harm, who must be told of it until when, and how it ended."""

    name = "paca_site.oversight.serious"
    label = "serious"
