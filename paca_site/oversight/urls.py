"""Addresses for everybody."""

from django.urls import path

from paca_site.oversight.cards import SOURCES
from paca_site.oversight.views import card, transparency

app_name = "oversight"
urlpatterns = [
    path("", transparency, name="transparency"),
    *(path(f"{source.name}.md", card, {"name": source.name}, name=f"card-{source.name}") for source in SOURCES),
]
