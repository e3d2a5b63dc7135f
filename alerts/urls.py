"""Addresses of the operator's pages."""

from django.urls import URLPattern

app_name = "alerts"
urlpatterns: list[URLPattern] = []
