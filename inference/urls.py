"""Addresses about the system itself."""

from django.urls import path

from inference.views.system import system_page

app_name = "system"
urlpatterns = [path("", system_page, name="system-page")]
